"""Plug for ``offers``: accepted pledges that could meet a need, nearest first and first to lapse first, and holding them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.offers import Address, Delivery, Need, Offer
from orgs.models import Site
from orgs.naming import name_key
from volunteers.models import OPEN_USES, WAITING, Pledge, PledgeKind, PledgeUse
from volunteers.moving import EXPECTED
from volunteers.names import donor_of_row, public_title, with_names
from volunteers.refusals import Refused
from volunteers.uses import ask_to_bring, commit_pledge, prolong_use, release_use
from volunteers.work.offers import VolunteerOffers


class PledgeOffers:
    """Reference: the pledge's code; the quantity is what is free of it. A reservation is a use's primary key."""

    key = "volunteers.pledges"
    title = gettext_lazy("Pledges")

    def find(self, need: Need, viewer: Viewer, limit: int) -> Sequence[Offer]:
        rows = self._fitting(need, viewer)
        if rows is None:
            return []
        if need.longitude is not None and need.latitude is not None:
            here = Point(need.longitude, need.latitude, srid=4326)
            # On the sphere: half a per cent off at most, and many times quicker over thousands of offers.
            rows = rows.annotate(away=Distance(Coalesce("location", "site__location"), here))
            rows = rows.order_by(F("away").asc(nulls_last=True), F("valid_to").asc(nulls_last=True), "pk")
        else:
            rows = rows.order_by(F("valid_to").asc(nulls_last=True), "pk")
        return [_offer(row) for row in rows[:limit]]

    def of_items(self, item_ids: Collection[int], viewer: Viewer, limit: int) -> Mapping[int, Sequence[Offer]]:
        rows = self._free(standing_of(viewer.user, viewer.operation), timezone.localdate())
        order = (F("valid_to").asc(nulls_last=True), F("pk").asc())
        place = Window(RowNumber(), partition_by=[F("item")], order_by=order)
        first = rows.filter(item__in=item_ids).order_by().annotate(place=place).filter(place__lte=limit)
        found: dict[int, list[Offer]] = defaultdict(list)
        for row in rows.filter(pk__in=[pk for pk, _place in first.values_list("pk", "place")]).order_by(*order):
            found[row.item_id].append(_offer(row))
        return found

    def reserve(self, reference: str, quantity: Decimal, until: datetime, by: Any) -> str:
        """Hold so much of one pledge. Raises ValueError with a sentence; NotAllowed. by.reason: what it is for."""
        pledge = Pledge.objects.select_related("operation").filter(code=reference).first()
        if pledge is None:
            raise ValueError(_("This offer does not exist any more. Search again."))
        try:
            use = commit_pledge(
                by=by, operation=pledge.operation, pledge=pledge, quantity=quantity, until=until, reference=by.reason
            )
        except Refused as refused:
            raise ValueError(" ".join(refused.messages)) from refused
        return str(use.pk)

    def release(self, reservation: str, by: Any) -> None:
        use = _use(reservation)
        if use is not None:
            release_use(by=by, operation=use.operation, use=use, reason=by.reason, tells_asker=False)

    def hold_longer(self, reservation: str, until: datetime, by: Any) -> None:
        """Raises ValueError with a sentence; NotAllowed. The donor is told."""
        use = _use(reservation)
        if use is None:
            raise ValueError(_("This offer does not exist any more. Search again."))
        try:
            prolong_use(by=by, operation=use.operation, use=use, until=until)
        except Refused as refused:
            raise ValueError(" ".join(refused.messages)) from refused

    def lock(self, reservations: Sequence[str]) -> None:
        keys = [int(name) for name in reservations if name.isdigit()]
        rows = Pledge.objects.filter(pk__in=PledgeUse.objects.filter(pk__in=keys).values("pledge"))
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))

    def start_delivery(
        self, reservation: str, *, site_id: int, wanted_by: date | None, request_reference: str, by: Any
    ) -> Delivery | None:
        """Ask the donor to bring what is held to the site. Raises Refused and NotAllowed."""
        use = _use(reservation)
        site = Site.objects.filter(pk=site_id).first()
        if use is None or site is None:
            raise Refused({"__all__": _("What was held, or the site it is for, does not exist any more.")})
        kept = ask_to_bring(
            by=by, operation=use.operation, use=use, site=site, wanted_by=wanted_by, reference=request_reference
        )
        return Delivery(kept.pledge.code, kept.pledge.get_absolute_url())

    def people_behind(self, delivery: str) -> Sequence[Address]:
        """Nobody: a donor is told by ``release``, and nobody else learns how to reach them."""
        return ()

    def _fitting(self, need: Need, viewer: Viewer) -> QuerySet[Any] | None:
        """Accepted pledges of this item or skill that can be had when it is needed; ``None``: nothing is asked."""
        standing = standing_of(viewer.user, viewer.operation)
        day = max(need.wanted_by or timezone.localdate(), timezone.localdate())
        rows = self._free(standing, day)
        if need.item_id is not None:
            rows = rows.filter(item=need.item_id)
        elif need.skill and name_key(need.skill):
            rows = rows.filter(kind__in=(PledgeKind.PEOPLE, PledgeKind.TRANSPORT, PledgeKind.SERVICE))
            for word in name_key(need.skill).split():
                rows = rows.filter(search_key__contains=word)
        else:
            return None
        return rows

    def _free(self, standing: Standing, day: date) -> QuerySet[Any]:
        """Accepted pledges that can be had that day and of which something is free."""
        rows = visible(Pledge.objects.filter(state__in=WAITING), standing)
        rows = rows.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))
        rows = rows.annotate(free=F("quantity") - F("received") - _promised()).filter(free__gt=0)
        return with_names(rows.select_related("item", "donor", "site").defer("search_key"), standing)


def _offer(row: Any) -> Offer:
    away = getattr(row, "away", None)
    title = _("%(what)s, pledged by %(donor)s (%(code)s)") % {
        "what": row.what, "donor": donor_of_row(row), "code": row.code,
    }  # fmt: skip
    spot = row.location or (row.site.location if row.site else None)
    return Offer(
        row.code, title, row.free, None if away is None else away.m, row.valid_to, row.get_absolute_url(),
        longitude=spot.x if spot else None, latitude=spot.y if spot else None, public_title=public_title(row),
    )  # fmt: skip


def _use(reservation: str) -> PledgeUse | None:
    rows = PledgeUse.objects.select_related("operation", "pledge")
    return rows.filter(pk=int(reservation)).first() if reservation.isdigit() else None


def _promised() -> Any:
    """Of each pledge, what is promised and has not come."""
    rows = PledgeUse.objects.filter(pledge=OuterRef("pk"), state__in=OPEN_USES).order_by().values("pledge")
    return Coalesce(Subquery(rows.annotate(sum=EXPECTED).values("sum")), Decimal(0), output_field=DecimalField())


PLUGS = [PledgeOffers(), VolunteerOffers()]
