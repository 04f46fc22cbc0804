"""Goods nobody asked for: written down when they come, sorted by priority, and only taken into stock when they are needed.

Until then they lie beside the stock: no list, no picking and no alert of the stock counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Outcome, Priority, UnsolicitedGoods, Warehouse
from inventory.receiving import GoodsLine, receive_goods
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

EDITABLE = (
    "description", "organisation", "donor_name", "packages", "weight_kg", "volume_m3", "expires_on", "place",
    "priority", "note", "reported_by", "occurred_at",
)  # fmt: skip
SETTLED_OUTSIDE = (Outcome.PASSED_ON, Outcome.DISCARDED)


@transaction.atomic
def register_unsolicited(
    *, by: Actor, operation: Any, warehouse: Warehouse, description: str, **fields: Any
) -> UnsolicitedGoods:
    """A heap that came without being asked for. Raises Refused or NotAllowed."""
    goods = UnsolicitedGoods(warehouse=warehouse, operation=operation, description=description)
    goods.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, goods)
    return _save(by, goods, fields)


@transaction.atomic
def change_unsolicited(*, by: Actor, operation: Any, goods: UnsolicitedGoods, **fields: Any) -> UnsolicitedGoods:
    """Change what is known of a heap that still waits. What is not named stays. Raises Refused or NotAllowed."""
    return _save(by, _waiting(by, operation, goods), fields)


@transaction.atomic
def sort_unsolicited(
    *, by: Actor, operation: Any, goods: UnsolicitedGoods, priority: str, place: str = ""
) -> UnsolicitedGoods:
    """Say how urgent a heap is, and where it is put. Sorting again changes it. Raises Refused or NotAllowed."""
    if priority not in Priority.values:
        raise Refused({"priority": gettext_lazy("Choose a priority from the list.")})
    fields = {"priority": priority, **({"place": place.strip()} if place.strip() else {})}
    return _save(by, _waiting(by, operation, goods), fields)


@transaction.atomic
def stock_unsolicited(
    *, by: Actor, operation: Any, goods: UnsolicitedGoods, lines: Sequence[GoodsLine],
    occurred_at: datetime | None = None, rest_stays: bool = False,
) -> UnsolicitedGoods:  # fmt: skip
    """Take goods of a heap into stock: an ordinary receipt from its donor.

    rest_stays: more of the heap waits to be sorted. Raises Refused (also while it is not sorted, or is to be discarded) or NotAllowed.
    """
    locked = _waiting(by, operation, goods)
    if locked.priority == Priority.UNSORTED:
        raise Refused({"__all__": gettext_lazy("Sort it first: say whether it is urgent, useful or not needed.")})
    if locked.priority == Priority.DISCARD:
        raise Refused(
            {"__all__": gettext_lazy("This is to be discarded. If it is of use after all, sort it again first.")}
        )
    given = [
        replace(line, donor=locked.organisation, donor_name="" if locked.organisation else locked.donor_name)
        for line in lines
        if line.batch is None
    ] + [line for line in lines if line.batch is not None]
    movement = receive_goods(
        by=by, operation=operation, warehouse=locked.warehouse, lines=given, occurred_at=occurred_at,
        organisation=locked.organisation, recipient="" if locked.organisation else locked.donor_name,
        reason=_("Unsolicited: %(what)s") % {"what": locked.description[:200]},
    )  # fmt: skip
    locked.movement = movement
    if not rest_stays:
        locked.outcome = Outcome.STOCKED
    with acting(by):
        locked.save(update_fields=["movement", "outcome", "updated_at"])
    return locked


@transaction.atomic
def settle_unsolicited(
    *, by: Actor, operation: Any, goods: UnsolicitedGoods, outcome: str, note: str
) -> UnsolicitedGoods:
    """A heap that does not come into stock: passed on to others, or discarded. note: to whom, or how. Raises Refused or NotAllowed."""
    locked = _waiting(by, operation, goods)
    if outcome not in SETTLED_OUTSIDE:
        raise Refused({"outcome": gettext_lazy("Choose whether it is passed on or discarded.")})
    if not note.strip():
        raise Refused({"note": gettext_lazy("Say to whom it went, or how it was discarded.")})
    if outcome == Outcome.DISCARDED and locked.priority in (Priority.URGENT, Priority.USEFUL):
        raise Refused({"outcome": gettext_lazy("This is sorted as of use. Sort it again before it is discarded.")})
    locked.outcome, locked.note = outcome, note.strip()[:300]
    with acting(by.because(locked.note)):
        locked.save(update_fields=["outcome", "note", "updated_at"])
    return locked


def _waiting(by: Actor, operation: Any, goods: UnsolicitedGoods) -> UnsolicitedGoods:
    """The heap, locked, while nothing became of it yet. Raises NotAllowed or Refused."""
    rows = UnsolicitedGoods.objects.select_for_update(of=("self",)).select_related("warehouse", "organisation")
    locked = rows.get(pk=goods.pk)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    if locked.outcome != Outcome.WAITING:
        raise Refused(
            {
                "__all__": _("“%(what)s” is settled already: %(outcome)s. Nothing is changed.")
                % {"what": locked.description, "outcome": locked.get_outcome_display()}
            }
        )
    return locked


def _save(by: Actor, goods: UnsolicitedGoods, fields: dict[str, Any]) -> UnsolicitedGoods:
    for name, value in fields.items():
        if name not in EDITABLE:
            raise TypeError(f"not a field of unsolicited goods that people change: {name}")
        setattr(goods, name, value)
    goods.description = goods.description.strip()
    faults: dict[str, Any] = {}
    if not goods.description:
        faults["description"] = gettext_lazy("Say in a few words what it is.")
    if goods.occurred_at > timezone.now():
        faults["occurred_at"] = gettext_lazy("This lies in the future. Give the moment when the goods came.")
    for name in ("weight_kg", "volume_m3"):
        size: Decimal | None = getattr(goods, name)
        if size is not None and (not size.is_finite() or size < 0):
            faults[name] = gettext_lazy("This cannot be less than nothing.")
    if faults:
        raise Refused(faults)
    with acting(by):
        goods.save()
    return goods
