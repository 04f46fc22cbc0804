"""The pipeline of each item: pledged, in preparation, in transit, in stock, issued. What is not usable is shown apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from inventory.models import Account, Balance, Consignment, ConsignmentLine, ConsignmentState, Entry, Movement
from inventory.past_stock import uncorrected
from inventory.shelf import is_usable
from komek.accounts.authority import Standing, visible
from komek.extensions import Viewer
from komek.extensions.pledged import pledged
from komek.supplies.models import Item

NOTHING = Decimal(0)
NOT_LEFT = (ConsignmentState.REQUESTED, ConsignmentState.PICKED, ConsignmentState.LOADED)


@dataclass
class Stage:
    """An item's quantities in its base unit.

    pledged: promised from outside and not on its way, by pledges and by consignments that are announced. in_transit: on its way, from
    outside or between sites. usable and unusable: on the shelves (unusable: expired, blocked, damaged, in quarantine).
    issued: to sites and people, less what came back. gone: lost or written off.
    """

    item: Item
    pledged: Decimal = NOTHING
    in_transit: Decimal = NOTHING
    usable: Decimal = NOTHING
    unusable: Decimal = NOTHING
    issued: Decimal = NOTHING
    gone: Decimal = NOTHING


def pipeline(viewer: Viewer, standing: Standing, today: date) -> list[Stage]:
    """Every item of which there is anything, by category and name. A constant number of queries."""
    found: dict[str, Mapping[int, Decimal]] = {"pledged": _pledged(viewer, standing)}
    entries = uncorrected(Entry.objects.filter(movement__in=visible(Movement.objects.all(), standing).values("pk")))
    accounts = entries.exclude(account__in=(Account.STOCK, Account.SUPPLY, Account.COUNTED, Account.KITS)).order_by()
    totals: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for item, account, total in accounts.values_list("item", "account").annotate(total=Sum("quantity")):
        name = {Account.TRANSIT: "in_transit", Account.ISSUED: "issued"}.get(account, "gone")
        totals[name][item] = totals[name].get(item, NOTHING) + total
    found |= totals
    shelf = balances_seen(standing).filter(quantity__gt=0).order_by()
    usable = shelf.filter(is_usable(today)).values_list("item").annotate(total=Sum("quantity"))
    found["usable"] = dict(usable)
    everything = dict(shelf.values_list("item").annotate(total=Sum("quantity")))
    found["unusable"] = {item: total - found["usable"].get(item, NOTHING) for item, total in everything.items()}
    return _stages(found)


def balances_seen(standing: Standing) -> Any:
    """Balances of goods that the standing may see in its operation."""
    from inventory.models import Batch

    return Balance.objects.filter(batch__in=visible(Batch.objects.all(), standing).values("pk"))


def _pledged(viewer: Viewer, standing: Standing) -> dict[int, Decimal]:
    """What plugs know of, and consignments from outside that are announced and have not left."""
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for plug in pledged:
        for item, quantity in plug.by_item(viewer).items():
            totals[item] += quantity
    announced = visible(Consignment.objects.filter(origin=None, state__in=NOT_LEFT), standing)
    lines = ConsignmentLine.objects.filter(consignment__in=announced.values("pk")).order_by()
    for item, total in lines.values_list("item").annotate(total=Sum(F("quantity"))):
        totals[item] += total
    return totals


def _stages(found: Mapping[str, Mapping[int, Decimal]]) -> list[Stage]:
    wanted = {item for totals in found.values() for item, total in totals.items() if total}
    items: Iterable[Item] = Item.objects.filter(pk__in=wanted).select_related("unit", "category")
    return [
        Stage(item, **{name: totals.get(item.pk, NOTHING) for name, totals in found.items()})
        for item in sorted(items, key=lambda item: (item.category.order, str(item.category), str(item)))
    ]
