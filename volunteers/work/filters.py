"""Filters of tasks, shared by the pages and the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orgs.filters import AreaFilter, OrganisationFilter, matching_text
from volunteers.models import GOING_ON, Task, TaskState

SOON = timedelta(hours=24)


def lacking(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Of these, tasks that begin within a day, or have begun, and lack people."""
    now = timezone.now()
    return tasks.filter(state=TaskState.OPEN, starts_at__lt=now + SOON, ends_at__gt=now)


def unfinished(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Of these, tasks whose time is over and that nobody has ended."""
    return tasks.filter(state__in=GOING_ON, ends_at__lt=timezone.now() - timedelta(hours=2))


class TaskFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("What, where or code"), method="by_text")
    state = filters.MultipleChoiceFilter(label=_("State"), choices=TaskState.choices, distinct=False)
    organisation = OrganisationFilter(label=_("Run by"), help_text=_("Name or code"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    with_minors = filters.BooleanFilter(label=_("With children"))
    is_lacking = filters.BooleanFilter(label=_("Begins within a day and lacks people"), method="by_lack")
    starts_from = filters.IsoDateTimeFilter(label=_("Begins since"), field_name="starts_at", lookup_expr="gte")
    starts_before = filters.IsoDateTimeFilter(label=_("Begins before"), field_name="starts_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Task
        fields: Any = ("text", "state")

    def by_text(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return matching_text(queryset, value)

    def by_lack(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        return lacking(queryset) if value else queryset.exclude(pk__in=lacking(Task.objects.all()).values("pk"))
