"""Filters of requests, shared by the pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aid_requests.deadlines import WAITING, overdue
from aid_requests.models import (
    OPEN_STATES,
    AidRequest,
    DuplicatePair,
    LineKind,
    PairState,
    Priority,
    RequestLine,
    RequestState,
)
from komek.supplies.models import Item
from orgs.filters import AreaFilter, OrganisationFilter, matching_text
from orgs.models import Sector, Site


class SiteLookup(filters.CharFilter):
    """A text that names a site; pages offer sites by name."""

    lookup = "orgs.site"

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        if value.isdigit():
            return queryset.filter(site_id=int(value))
        sites = Site.objects.filter(Q(code__iexact=value) | Q(name__icontains=value))
        return queryset.filter(site__in=sites.order_by().values("pk"))


class ItemLookup(filters.CharFilter):
    """A text that names an item; pages offer items by name."""

    lookup = "supplies.item"

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        return with_line(queryset, Q(item__in=items_called(value)))


def items_called(value: str) -> list[int]:
    """Primary keys of the items with this primary key or code, or whose names hold the text."""
    if value.isdigit():
        return [int(value)]
    rows = Item.objects.filter(Q(code__iexact=value) | Q(name__icontains=value)).order_by()
    return list(rows.values_list("pk", flat=True))


def with_line(queryset: QuerySet[Any], which: Q) -> QuerySet[Any]:
    """Requests of which a line is so."""
    return queryset.filter(pk__in=RequestLine.objects.filter(which).order_by().values("request"))


class RequestFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("What, where or code"), method="by_text")
    state = filters.MultipleChoiceFilter(label=_("State"), choices=RequestState.choices, distinct=False)
    is_open = filters.BooleanFilter(label=_("Open"), method="by_openness")
    priority = filters.MultipleChoiceFilter(label=_("Priority"), choices=Priority.choices, distinct=False)
    kind = filters.MultipleChoiceFilter(label=_("Kind"), choices=LineKind.choices, method="by_kind")
    item = ItemLookup(label=_("Item"))
    sector = filters.ModelMultipleChoiceFilter(
        label=_("Sector"), queryset=Sector.objects.filter(is_active=True), to_field_name="key", method="by_sector"
    )
    site = SiteLookup(label=_("Site"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    responsible = OrganisationFilter(label=_("Answered for by"), help_text=_("Name or code"))
    asked_by = OrganisationFilter(label=_("Asked by"), help_text=_("Name or code"))
    is_unrouted = filters.BooleanFilter(
        label=_("Nobody answers for it"), field_name="responsible", lookup_expr="isnull"
    )
    is_overdue = filters.BooleanFilter(label=_("Next step overdue"), method="by_overdue")
    is_late = filters.BooleanFilter(label=_("Wanted before now"), method="by_lateness")
    is_claimed = filters.BooleanFilter(
        label=_("Somebody works on it"), field_name="claimed_by", lookup_expr="isnull", exclude=True
    )
    is_mine = filters.BooleanFilter(label=_("I work on it"), method="by_claim")
    is_double = filters.BooleanFilter(label=_("Possible duplicate"), method="by_pairs")
    is_unknown_item = filters.BooleanFilter(label=_("Has an item not in the catalogue"), method="by_unknown_item")
    is_false = filters.BooleanFilter(label=_("False report"))
    is_released = filters.BooleanFilter(label=_("Seen by the public"))
    since = filters.IsoDateTimeFilter(label=_("Asked since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Asked before"), field_name="occurred_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = AidRequest
        fields: Any = ("text", "state", "priority")

    def by_text(self, queryset: QuerySet[AidRequest], name: str, value: str) -> QuerySet[AidRequest]:
        return matching_text(queryset, value)

    def by_openness(self, queryset: QuerySet[AidRequest], name: str, value: bool) -> QuerySet[AidRequest]:
        return queryset.filter(state__in=OPEN_STATES) if value else queryset.exclude(state__in=OPEN_STATES)

    def by_kind(self, queryset: QuerySet[AidRequest], name: str, value: list[str]) -> QuerySet[AidRequest]:
        if not value:
            return queryset
        which = Q(kind__in=value)
        if LineKind.GOODS not in value:  # said once more, so that the index of the few others is used
            which &= ~Q(kind=LineKind.GOODS)
        return with_line(queryset, which)

    def by_sector(self, queryset: QuerySet[AidRequest], name: str, value: Any) -> QuerySet[AidRequest]:
        if not value:
            return queryset
        return with_line(queryset, Q(sector__in=value))

    def by_overdue(self, queryset: QuerySet[AidRequest], name: str, value: bool) -> QuerySet[AidRequest]:
        return overdue(queryset) if value else queryset.exclude(state__in=WAITING, due_at__lt=timezone.now())

    def by_lateness(self, queryset: QuerySet[AidRequest], name: str, value: bool) -> QuerySet[AidRequest]:
        late = Q(state__in=OPEN_STATES, wanted_by__lt=timezone.now())
        return queryset.filter(late) if value else queryset.exclude(late)

    def by_claim(self, queryset: QuerySet[AidRequest], name: str, value: bool) -> QuerySet[AidRequest]:
        mine = Q(claimed_by=getattr(self.request, "user", None))
        return queryset.filter(mine) if value else queryset.exclude(mine)

    def by_pairs(self, queryset: QuerySet[AidRequest], name: str, value: bool) -> QuerySet[AidRequest]:
        pairs = DuplicatePair.objects.filter(state=PairState.OPEN).order_by()
        double = Q(pk__in=pairs.values("first").union(pairs.values("second")))
        return queryset.filter(double) if value else queryset.exclude(double)

    def by_unknown_item(self, queryset: QuerySet[AidRequest], name: str, value: bool) -> QuerySet[AidRequest]:
        unknown = Q(item=None, kind=LineKind.GOODS)
        if value:
            return with_line(queryset, unknown)
        return queryset.exclude(Exists(RequestLine.objects.filter(unknown, request=OuterRef("pk"))))


class LinesOfRequests:
    """Lines whose requests a list's filters leave: a list of requests is taken out line by line."""

    def __init__(self, data: Any, *, queryset: QuerySet[Any], request: Any) -> None:
        requests = RequestFilter(data, queryset=AidRequest.objects.all(), request=request).qs
        self.qs = queryset.filter(request__in=requests.order_by().values("pk"))
