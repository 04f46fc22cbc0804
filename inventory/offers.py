"""Plug for ``offers``: stock that could meet a need, nearest and first to expire first, and holding it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.calling_off import call_off, lock_held, people_behind
from inventory.consignments import start_from_reservation
from inventory.models import Batch, Condition, Reservation, Warehouse, ZoneKind
from inventory.refusals import Refused
from inventory.reservations import hold_longer, reserve_stock
from inventory.stock import balances, held_everywhere
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.offers import Address, Delivery, Need, Offer
from orgs.models import Site


class StockOffers:
    """Reference: ``<warehouse's code>/<batch's code>``; the quantity is what is free of the batch there."""

    key = "inventory.stock"
    title = gettext_lazy("Stock in warehouses")

    def find(self, need: Need, viewer: Viewer, limit: int) -> Sequence[Offer]:
        if need.item_id is None:
            return []
        return self._found([need.item_id], need, viewer).get(need.item_id, [])[:limit]

    def of_items(self, item_ids: Collection[int], viewer: Viewer, limit: int) -> Mapping[int, Sequence[Offer]]:
        anywhere = Need(None, None, Decimal(0), None, None, None)
        return {item: found[:limit] for item, found in self._found(item_ids, anywhere, viewer).items()}

    def _found(self, item_ids: Collection[int], need: Need, viewer: Viewer) -> dict[int, list[Offer]]:
        """Offers of each item for this need, best first. Four queries."""
        if not visible(Batch.objects.all(), standing_of(viewer.user, viewer.operation)).exists():
            return {}
        seen = self._warehouses(need, viewer)
        usable_on = max(need.wanted_by or timezone.localdate(), timezone.localdate())
        rows = (
            balances(viewer.operation)
            .filter(
                item__in=item_ids,
                warehouse__in=seen.order_by().values("pk"),
                condition=Condition.GOOD,
                batch__is_blocked=False,
            )
            .filter(Q(batch__expires_on=None) | Q(batch__expires_on__gte=usable_on))
            .exclude(bin__zone__kind=ZoneKind.QUARANTINE)
            .order_by()
            .values_list("item", "warehouse", "batch", "batch__code", "batch__expires_on", "batch__item__name")
            .annotate(total=Sum("quantity"))
        )
        houses = seen.in_bulk({warehouse for _item, warehouse, *_rest in rows})
        held = held_everywhere(item_ids) if rows else {}
        found: dict[int, list[Offer]] = defaultdict(list)
        for item, warehouse, batch, code, expires_on, name, total in rows:
            free = total - held.get((warehouse, batch), Decimal(0))
            if free > 0:
                found[item].append(_offer(houses[warehouse], name, code, free, expires_on))
        for offers in found.values():
            offers.sort(key=_best)
        return found

    def reserve(self, reference: str, quantity: Decimal, until: datetime, by: Any) -> str:
        """Hold so much of one batch in one warehouse. Raises ValueError with a sentence; NotAllowed."""
        house_code, _slash, batch_code = reference.partition("/")
        house = Warehouse.objects.select_related("operation").filter(code=house_code).first()
        batch = Batch.objects.select_related("item__unit", "operation").filter(code=batch_code).first()
        if house is None or batch is None:
            raise ValueError(_("This offer does not exist any more. Search again."))
        try:
            held = reserve_stock(
                by=by, operation=batch.operation, warehouse=house, batch=batch, quantity=quantity, until=until,
                reference=by.reason,
            )  # fmt: skip
        except Refused as refused:
            raise ValueError(" ".join(refused.messages)) from refused
        return str(held[0].pk)

    def release(self, reservation: str, by: Any) -> None:
        """Whoever ends a need gives back what was held for it: they need not keep the warehouse.

        by.reason: why; it stands on a consignment that is called off with it.
        """
        if reservation.isdigit():
            call_off(by=by, reservation=int(reservation), reason=by.reason)

    def hold_longer(self, reservation: str, until: datetime, by: Any) -> None:
        """Raises ValueError with a sentence; NotAllowed."""
        held = Reservation.objects.select_related("operation").filter(pk=int(reservation)).first()
        try:
            hold_longer(by=by, operation=held and held.operation, reservation=int(reservation), until=until)
        except Refused as refused:
            raise ValueError(" ".join(refused.messages)) from refused

    def lock(self, reservations: Sequence[str]) -> None:
        lock_held(int(name) for name in reservations if name.isdigit())

    def start_delivery(
        self, reservation: str, *, site_id: int, wanted_by: date | None, request_reference: str, by: Any
    ) -> Delivery | None:
        """Begin a consignment with what is held. Raises Refused and NotAllowed."""
        rows = Reservation.objects.select_related("operation", "warehouse")
        held = rows.filter(pk=int(reservation)).first() if reservation.isdigit() else None
        site = Site.objects.select_related("organisation").filter(pk=site_id).first()
        if held is None or site is None:
            raise Refused({"__all__": _("What was held, or the site it is for, does not exist any more.")})
        made = start_from_reservation(
            by=by, operation=held.operation, reservation=held, destination=site, wanted_by=wanted_by,
            request_reference=request_reference,
        )  # fmt: skip
        return Delivery(made.code, made.get_absolute_url())

    def people_behind(self, delivery: str) -> Sequence[Address]:
        """The keepers of the warehouse it left, and who made the consignment."""
        return people_behind(delivery)

    def _warehouses(self, need: Need, viewer: Viewer) -> QuerySet[Warehouse]:
        rows = visible(Warehouse.objects.all(), standing_of(viewer.user, viewer.operation))
        if need.longitude is None or need.latitude is None:
            return rows
        return rows.annotate(
            away=Distance(F("location"), Point(need.longitude, need.latitude, srid=4326), spheroid=True)
        )


def _offer(house: Any, item: str, batch: str, free: Decimal, expires_on: date | None) -> Offer:
    away = house.away.m if getattr(house, "away", None) is not None else None
    title = _("%(item)s %(batch)s in %(warehouse)s") % {"item": item, "batch": batch, "warehouse": house.name}
    spot = house.location
    return Offer(
        f"{house.code}/{batch}", title, free, away, expires_on, house.get_absolute_url(),
        longitude=spot.x if spot else None, latitude=spot.y if spot else None,
    )  # fmt: skip


def _best(offer: Offer) -> tuple[Any, ...]:
    day = offer.usable_until
    return (
        offer.distance_m is None, offer.distance_m or 0, day is None, day.toordinal() if day else 0, offer.reference
    )  # fmt: skip


PLUGS = [StockOffers()]
