"""Pledged against received, by donor, item or month: what is still to come and what will not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, QuerySet, Sum, Value, When
from django.db.models.functions import Greatest, TruncMonth
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Standing, visible
from komek.supplies.models import Item
from orgs.models import Organisation
from volunteers.models import WAITING, DonorKind, Pledge, PledgeKind, PledgeState
from volunteers.names import with_names

NOTHING = Value(Decimal(0))
OPEN = (PledgeState.PLEDGED, *WAITING)
GROUPINGS = (
    ("donor", gettext_lazy("Donor")), ("item", gettext_lazy("Item")), ("month", gettext_lazy("Month")),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line. Quantities in the item's base unit, or in ``unit`` as it was said; never summed over different things.

    gone: what was pledged and will not come.
    """

    group: str
    what: str
    unit: str
    pledges: int
    pledged: Decimal
    received: Decimal
    to_come: Decimal
    gone: Decimal

    @property
    def share(self) -> int:
        """How much of what was pledged came, in per cent."""
        return int(100 * self.received / self.pledged) if self.pledged else 0


def reconcile(standing: Standing, by: str, *, since: date | None = None, until: date | None = None) -> list[Line]:
    """Lines for pledges offered between two days, as the standing may see them. A constant number of queries.

    by: ``donor``, ``item`` or ``month``. Donors of whom the standing may not know are one anonymous line.
    """
    rows = visible(Pledge.objects.all(), standing)
    if since:
        rows = rows.filter(occurred_at__date__gte=since)
    if until:
        rows = rows.filter(occurred_at__date__lte=until)
    keys = ("kind", "item", "unit", "free_words")
    rows = rows.annotate(free_words=Case(When(item=None, then=F("description")), default=Value("")))
    if by == "month":
        rows, group = rows.annotate(month=TruncMonth("occurred_at")), ("month",)
    elif by == "donor":
        rows, group = with_names(rows, standing), ("may_be_named", "donor", "donor_name", "donor_kind")
    else:
        group = ()
    return _lines(_summed(rows, (*group, *keys)), by)


def _summed(rows: QuerySet[Any], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    rest = Greatest(F("quantity") - F("received"), NOTHING)
    return list(
        rows.order_by().values(*keys).annotate(
            pledges=Count("pk"), pledged=Sum("quantity"), came=Sum("received"),
            to_come=Sum(Case(When(state__in=OPEN, then=rest), default=NOTHING)),
            gone=Sum(Case(When(state__in=OPEN, then=NOTHING), default=rest)),
        )
    )  # fmt: skip


def _lines(rows: list[dict[str, Any]], by: str) -> list[Line]:
    items: Mapping[int, Item] = Item.objects.in_bulk({row["item"] for row in rows if row["item"]})
    donors: Mapping[int, Organisation] = (
        Organisation.objects.in_bulk({row["donor"] for row in rows if row["donor"]}) if by == "donor" else {}
    )
    name: Callable[[dict[str, Any]], str] = {
        "donor": lambda row: _donor(row, donors), "month": lambda row: _month(row["month"]),
        "item": lambda row: _what(row, items),
    }[by]  # fmt: skip
    totals: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        order = row["month"].isoformat() if by == "month" else name(row).casefold()
        key = (order, _what(row, items).casefold(), name(row), _what(row, items), row["unit"])
        sums = totals.setdefault(key, [0, Decimal(0), Decimal(0), Decimal(0), Decimal(0)])
        for place, column in enumerate(("pledges", "pledged", "came", "to_come", "gone")):
            sums[place] += row[column]
    return [Line(key[2], key[3], key[4], *sums) for key, sums in sorted(totals.items(), key=lambda one: one[0])]


def _what(row: dict[str, Any], items: Mapping[int, Item]) -> str:
    if row["item"] in items:
        return str(items[row["item"]])
    return row["free_words"] or str(PledgeKind(row["kind"]).label)


def _donor(row: dict[str, Any], donors: Mapping[int, Organisation]) -> str:
    if not row["may_be_named"]:
        return _("anonymous donor")
    if row["donor"] in donors:
        return str(donors[row["donor"]])
    return row["donor_name"] or str(DonorKind(row["donor_kind"]).label)


def _month(month: Any) -> str:
    return formats.date_format(month, "YEAR_MONTH_FORMAT")
