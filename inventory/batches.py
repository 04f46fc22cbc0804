"""Correcting what is known of a batch: a date misread, a donor named later. What moved stays as it was."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Batch
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

EDITABLE = (
    "number", "expires_on", "expiry_is_unknown", "produced_on", "owner", "donor", "donor_name", "gift", "unit_value",
    "currency", "note",
)  # fmt: skip


@transaction.atomic
def change_batch(*, by: Actor, operation: Any, batch: Batch, reason: str = "", **fields: Any) -> Batch:
    """Correct a batch. What is not named stays; a changed expiry date needs a reason. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, batch)
    locked: Batch = Batch.objects.select_for_update(of=("self",)).select_related("item").get(pk=batch.pk)
    before = locked.expires_on
    for name, value in fields.items():
        if name not in EDITABLE:
            raise TypeError(f"not a field of a batch that people change: {name}")
        setattr(locked, name, value)
    faults = faults_of(locked)
    if locked.expires_on != before and not reason.strip():
        faults["reason"] = gettext_lazy("Say why the expiry date is changed: people rely on it.")
    if faults:
        raise Refused(faults)
    with acting(by.because(reason.strip()) if reason.strip() else by):
        locked.save()
    return locked


def faults_of(batch: Batch, today: date | None = None) -> dict[str, Any]:
    """Field → sentence for what cannot be true of a batch."""
    today = today or timezone.localdate()
    faults: dict[str, Any] = {}
    if batch.expires_on is not None and batch.expiry_is_unknown:
        faults["expires_on"] = gettext_lazy("Give the expiry date, or say that it is not known; not both.")
    if batch.item.is_perishable and batch.expires_on is None and not batch.expiry_is_unknown:
        faults["expires_on"] = _("%(item)s expires. Give the date, or say that it is not known.") % {"item": batch.item}
    if batch.produced_on is not None and batch.produced_on > today:
        faults["produced_on"] = gettext_lazy("It cannot be produced in the future. Check the date.")
    if batch.produced_on and batch.expires_on and batch.expires_on < batch.produced_on:
        faults["expires_on"] = gettext_lazy("The batch cannot expire before it was produced. Check the two dates.")
    if batch.unit_value is not None and batch.unit_value < 0:
        faults["unit_value"] = gettext_lazy("This value cannot be true. Check it.")
    return faults
