"""Plug for ``pledged``: goods that were pledged and accepted, and are not on their way yet."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import F, Sum

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from volunteers.models import WAITING, Pledge, PledgeUse, UseState
from volunteers.moving import EXPECTED


class PledgedGoods:
    key = "volunteers.pledges"

    def by_item(self, viewer: Viewer) -> Mapping[int, Decimal]:
        """Pledged − received − on its way, of accepted pledges. Two queries."""
        pledges = visible(
            Pledge.objects.filter(state__in=WAITING, item__isnull=False, quantity__gt=F("received")),
            standing_of(viewer.user, viewer.operation),
        )
        rows = pledges.order_by().values_list("item").annotate(sum=Sum(F("quantity") - F("received")))
        totals: dict[int, Decimal] = dict(rows)
        under_way = PledgeUse.objects.filter(pledge__in=pledges.values("pk"), state=UseState.ON_THE_WAY).order_by()
        for item, quantity in under_way.values_list("pledge__item").annotate(sum=EXPECTED):
            totals[item] = max(totals.get(item, Decimal(0)) - quantity, Decimal(0))
        return {item: total for item, total in totals.items() if total}


PLUGS = [PledgedGoods()]
