"""Filters of persons and reports, shared by the pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.codes import MistypedCode, parse_code
from missing_persons.models import Note, Person, Report, ReportKind, Sex, Status, Visibility
from missing_persons.refusals import Refused
from missing_persons.searching import Query, find_people
from orgs.filters import AreaFilter, operation_asked

MOST_FOUND = 20


def listed(persons: QuerySet[Person]) -> QuerySet[Person]:
    """Of these, those that stand for themselves: not joined to another, not erased, not expired."""
    return persons.filter(joined_into=None, tombstoned_at=None).exclude(expires_at__lte=timezone.now())


def likeliest(persons: QuerySet[Person], text: str, operation: Any) -> list[int]:
    """Keys of persons by code, or by name in any script and spelling, the likeliest first; none when the text is neither."""
    try:
        code = parse_code(text, Person.CODE_LETTER)
    except MistypedCode:
        try:
            hits = find_people(Query(text), operation=operation, public=False, limit=MOST_FOUND, among=persons)
        except Refused:
            return []
        return [hit.person_id for hit in hits]
    return list(persons.filter(code=code).values_list("pk", flat=True))


def matching(persons: QuerySet[Person], text: str, operation: Any) -> QuerySet[Person]:
    """The same persons, the likeliest first."""
    return in_this_order(persons, likeliest(persons, text, operation))


def in_this_order(persons: QuerySet[Person], keys: list[int]) -> QuerySet[Person]:
    """Of these, those with the keys, in the order of the keys."""
    place = Case(*(When(pk=key, then=number) for number, key in enumerate(keys)), default=len(keys))
    return persons.filter(pk__in=keys).order_by(place)


class PersonFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name in any script, or code"), method="by_text")
    status = filters.MultipleChoiceFilter(label=_("Status"), choices=Status.choices, distinct=False)
    sex = filters.MultipleChoiceFilter(label=_("Sex"), choices=Sex.choices, distinct=False)
    home = AreaFilter(label=_("Home, area"), path="home_area_id", help_text=_("P-code"))
    last_seen = AreaFilter(label=_("Last seen, area"), path="last_seen_area_id", help_text=_("P-code"))
    kind = filters.ChoiceFilter(label=_("Has a report"), choices=ReportKind.choices, method="by_kind")
    visibility = filters.MultipleChoiceFilter(
        label=_("Visible to the public"), choices=Visibility.choices, distinct=False
    )
    is_child_alone = filters.BooleanFilter(label=_("Child found alone"))
    since = filters.IsoDateTimeFilter(label=_("Last seen or found since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Last seen or found before"), field_name="occurred_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Person
        fields: Any = ("text", "status", "sex")

    def by_text(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        self.likeliest = likeliest(queryset, value, operation_asked(self.request))
        return queryset.filter(pk__in=self.likeliest)

    def by_kind(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return queryset.filter(Exists(Report.objects.filter(person=OuterRef("pk"), kind=value, tombstoned_at=None)))


class ReportFilter(filters.FilterSet):
    person = filters.CharFilter(label=_("Person"), field_name="person__code")
    kind = filters.MultipleChoiceFilter(label=_("Kind of report"), choices=ReportKind.choices, distinct=False)
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Report
        fields: Any = ("person", "kind", "moderation")


class NoteFilter(filters.FilterSet):
    person = filters.CharFilter(label=_("Person"), field_name="person__code")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Note
        fields: Any = ("person", "status", "moderation")
