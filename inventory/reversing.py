"""Taking back a movement that was a mistake: by another movement, whole, that names it. Nothing is ever changed or deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.drafts import Draft
from inventory.ledger import post, sent_before
from inventory.models import Movement, MovementKind
from inventory.refusals import Refused
from komek.records.actor import Actor

OF_CONSIGNMENTS = (MovementKind.DISPATCH, MovementKind.ARRIVAL)


@transaction.atomic
def reverse_movement(
    *,
    by: Actor,
    operation: Any,
    movement: Movement,
    reason: str,
    occurred_at: datetime | None = None,
    key: str | None = None,
    with_consignment: bool = False,
) -> Movement:
    """Take a movement back, once. with_consignment: the caller brings the consignment's state along.

    Raises Refused: no reason, a reversal, taken back already, goods that are no longer there; and NotAllowed.
    """
    if not reason.strip():
        raise Refused({"reason": gettext_lazy("Say what was wrong with it.")})
    earlier = sent_before(
        by=by, operation=operation, kind=MovementKind.REVERSAL, warehouse=movement.warehouse, key=key, said=None
    )  # fmt: skip
    if earlier is not None and earlier.reverses_id == movement.pk:
        return earlier
    # The row is locked so that two who take it back at once follow each other.
    locked = Movement.objects.select_for_update(of=("self",)).get(pk=movement.pk)
    if locked.kind == MovementKind.REVERSAL:
        raise Refused(
            {
                "__all__": _(
                    "%(code)s takes back another movement and cannot be taken back itself. Enter the movement anew."
                )
                % {"code": locked.code}
            }
        )
    done = Movement.objects.filter(reverses=locked).first()
    if done is not None:
        raise Refused(
            {"__all__": _("%(code)s was taken back already, by %(by)s.") % {"code": locked.code, "by": done.code}}
        )
    if locked.kind in OF_CONSIGNMENTS and not with_consignment:
        raise Refused(
            {"__all__": gettext_lazy("This belongs to a consignment. Correct it there: receive it with a discrepancy.")}
        )
    entries = locked.entries.select_related("batch__item__unit", "bin", "consignment")
    drafts = [
        Draft(entry.account, entry.batch, -entry.quantity, entry.bin, entry.condition, entry.consignment)
        for entry in entries
    ]
    return post(
        by=by, operation=operation, kind=MovementKind.REVERSAL, warehouse=locked.warehouse, drafts=drafts, key=key,
        occurred_at=occurred_at, reverses=locked, reason=reason.strip()[:300], site=locked.site,
        organisation=locked.organisation, recipient=locked.recipient, consignment=locked.consignment,
        count=locked.count,
    )  # fmt: skip
