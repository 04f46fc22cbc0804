"""Filters of pledges, shared by the pages and the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import standing_of
from orgs.filters import AreaFilter, OrganisationFilter, matching_text, operation_asked
from volunteers.models import WAITING, DonorKind, Pledge, PledgeKind, PledgeState
from volunteers.names import nameable

SOON = timedelta(days=7)


def needing_answer(pledges: QuerySet[Pledge]) -> QuerySet[Pledge]:
    """Of these, the offers nobody answered yet."""
    return pledges.filter(state=PledgeState.PLEDGED, is_kept=False)


def lapsing(pledges: QuerySet[Pledge]) -> QuerySet[Pledge]:
    """Of these, the accepted ones whose last day comes soon."""
    today = timezone.localdate()
    return pledges.filter(state__in=WAITING, valid_to__gte=today, valid_to__lte=today + SOON)


class ItemLookup(filters.CharFilter):
    """A text that names an item; pages offer items by name."""

    lookup = "supplies.item"

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        if value.isdigit():
            return queryset.filter(item_id=int(value))
        return queryset.filter(Q(item__code__iexact=value) | Q(item__name__icontains=value))


class DonorFilter(OrganisationFilter):
    """Pledges of an organisation, as far as the asker may know who gives."""

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        request: Any = self.parent.request
        standing = standing_of(getattr(request, "user", None), operation_asked(request))
        return super().filter(queryset.filter(nameable(standing)), value)


class PledgeFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("What, where or code"), method="by_text")
    state = filters.MultipleChoiceFilter(label=_("State"), choices=PledgeState.choices, distinct=False)
    kind = filters.MultipleChoiceFilter(label=_("Kind"), choices=PledgeKind.choices, distinct=False)
    donor_kind = filters.MultipleChoiceFilter(label=_("Donor is"), choices=DonorKind.choices, distinct=False)
    item = ItemLookup(label=_("Item"))
    donor = DonorFilter(label=_("Donor"), help_text=_("Name or code"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    is_waiting = filters.BooleanFilter(label=_("Waits for an answer"), method="by_waiting")
    is_lapsing = filters.BooleanFilter(label=_("Lapses within a week"), method="by_lapsing")
    is_kept = filters.BooleanFilter(label=_("Kept for later"))
    is_unknown_item = filters.BooleanFilter(label=_("Item not in the catalogue"), method="by_unknown_item")
    is_unthanked = filters.BooleanFilter(label=_("Received, not thanked yet"), method="by_thanks")
    available_on = filters.DateFilter(label=_("Can be had on"), method="by_day")
    since = filters.IsoDateTimeFilter(label=_("Offered since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Offered before"), field_name="occurred_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Pledge
        fields: Any = ("text", "state", "kind")

    def by_text(self, queryset: QuerySet[Pledge], name: str, value: str) -> QuerySet[Pledge]:
        return matching_text(queryset, value)

    def by_waiting(self, queryset: QuerySet[Pledge], name: str, value: bool) -> QuerySet[Pledge]:
        return _either(queryset, needing_answer, value)

    def by_lapsing(self, queryset: QuerySet[Pledge], name: str, value: bool) -> QuerySet[Pledge]:
        return _either(queryset, lapsing, value)

    def by_unknown_item(self, queryset: QuerySet[Pledge], name: str, value: bool) -> QuerySet[Pledge]:
        unknown = Q(kind=PledgeKind.GOODS, item=None)
        return queryset.filter(unknown) if value else queryset.exclude(unknown)

    def by_thanks(self, queryset: QuerySet[Pledge], name: str, value: bool) -> QuerySet[Pledge]:
        unthanked = Q(received__gt=0, thanked_at=None)
        return queryset.filter(unthanked) if value else queryset.exclude(unthanked)

    def by_day(self, queryset: QuerySet[Pledge], name: str, value: Any) -> QuerySet[Pledge]:
        return queryset.exclude(valid_from__gt=value).exclude(valid_to__lt=value)


def _either(queryset: QuerySet[Pledge], which: Any, value: bool) -> QuerySet[Pledge]:
    if value:
        return which(queryset)  # type: ignore[no-any-return]
    return queryset.exclude(pk__in=which(Pledge.objects.all()).values("pk"))
