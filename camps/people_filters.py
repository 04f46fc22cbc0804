"""Filters of households and people, shared by the pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from camps.models import DuplicateFlag, Household, Intention, Movement, MovementKind, Person, Presence, Sex
from camps.people_search import households_matching, people_matching
from komek.records.codes import MistypedCode, parse_code


class HouseholdFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name, code, ration card or tent"), method="by_text")
    presence = filters.MultipleChoiceFilter(label=_("Presence"), choices=Presence.choices)
    intention = filters.MultipleChoiceFilter(label=_("Wants to"), choices=Intention.choices)
    shelter_unit = filters.CharFilter(label=_("Tent, room or house"), lookup_expr="istartswith")
    origin = filters.CharFilter(label=_("Came from"), lookup_expr="icontains")
    arrived = filters.DateFromToRangeFilter(
        label=_("Arrived"), field_name="arrived_on",
        widget=filters.widgets.DateRangeWidget(attrs={"type": "date"}),
    )  # fmt: skip

    class Meta:
        model = Household
        fields = ("text", "presence", "intention", "shelter_unit", "origin", "arrived")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return households_matching(queryset, value)


class HouseholdApiFilter(HouseholdFilter):
    """With the site, which the pages have in their address."""

    camp = filters.CharFilter(label=_("Site"), method="by_camp", help_text=_("Code of the site"))

    def by_camp(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return at_camp(queryset, value)


class PersonFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name or code"), method="by_text")
    camp = filters.CharFilter(label=_("Site"), method="by_camp", help_text=_("Code of the site"))
    household = filters.CharFilter(label=_("Household"), field_name="household__code")
    presence = filters.MultipleChoiceFilter(label=_("Presence"), choices=Presence.choices)
    sex = filters.MultipleChoiceFilter(label=_("Sex"), choices=Sex.choices)

    class Meta:
        model = Person
        fields = ("text", "camp", "household", "presence", "sex")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return people_matching(queryset, value)

    def by_camp(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return at_camp(queryset, value)


class MovementFilter(filters.FilterSet):
    camp = filters.CharFilter(label=_("Site"), method="by_camp", help_text=_("Code of the site; also moves to it"))
    person = filters.CharFilter(label=_("Person"), field_name="person__code")
    household = filters.CharFilter(label=_("Household"), method="by_household")
    kind = filters.MultipleChoiceFilter(label=_("What happened"), choices=MovementKind.choices)
    since = filters.IsoDateTimeFilter(label=_("Happened since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Happened until"), field_name="occurred_at", lookup_expr="lt")

    class Meta:
        model = Movement
        fields: Any = ("camp", "person", "household", "kind")

    def by_camp(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        try:
            code = parse_code(value, "CW")
        except MistypedCode:
            return queryset.none()
        return queryset.filter(Q(camp__code=code) | Q(to_camp__code=code))

    def by_household(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(household__code=value) | Q(person__household__code=value))


class DuplicateFlagFilter(filters.FilterSet):
    camp = filters.CharFilter(label=_("Site"), method="by_camp", help_text=_("Code of the site of one of the two"))
    answer = filters.MultipleChoiceFilter(label=_("Answer"), choices=DuplicateFlag.Answer.choices)

    class Meta:
        model = DuplicateFlag
        fields: Any = ("camp", "answer")

    def by_camp(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        try:
            code = parse_code(value, "CW")
        except MistypedCode:
            return queryset.none()
        return queryset.filter(Q(first__camp__code=code) | Q(second__camp__code=code))


def at_camp(queryset: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Rows at the site with this code; none when the code is mistyped."""
    try:
        return queryset.filter(camp__code=parse_code(code, "CW"))
    except MistypedCode:
        return queryset.none()
