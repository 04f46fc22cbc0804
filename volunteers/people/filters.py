"""Filters of volunteers, shared by the pages and the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orgs.filters import AreaFilter, OrganisationFilter, matching_text
from volunteers.models import Skill, Trusted, Volunteer, VolunteerCheck, VolunteerSkill, VolunteerState, in_force

SOON = timedelta(days=14)


def expiring(volunteers: QuerySet[Volunteer]) -> QuerySet[Volunteer]:
    """Of these, accepted ones of whom a check or a licence ends within two weeks, or ended in the last two."""
    today = timezone.localdate()
    near = {"expires_on__range": (today - SOON, today + SOON), "volunteer": OuterRef("pk")}
    ends = Exists(VolunteerCheck.objects.filter(**near)) | Exists(VolunteerSkill.objects.filter(**near))
    return volunteers.filter(ends, state=VolunteerState.ACCEPTED)


class VolunteerFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name or code"), method="by_text")
    state = filters.MultipleChoiceFilter(label=_("State"), choices=VolunteerState.choices, distinct=False)
    skill = filters.ModelChoiceFilter(
        label=_("Skill"), queryset=Skill.objects.all(), to_field_name="key", method="by_skill"
    )
    trust = filters.ChoiceFilter(label=_("Trust"), choices=Trusted.choices)
    organisation = OrganisationFilter(label=_("Affiliation"), help_text=_("Name or code"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    is_expiring = filters.BooleanFilter(label=_("A check or licence ends soon"), method="by_expiry")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Volunteer
        fields: Any = ("text", "state", "skill")

    def by_text(self, queryset: QuerySet[Volunteer], name: str, value: str) -> QuerySet[Volunteer]:
        return matching_text(queryset, value)

    def by_skill(self, queryset: QuerySet[Volunteer], name: str, value: Skill) -> QuerySet[Volunteer]:
        return queryset.filter(Exists(VolunteerSkill.objects.filter(in_force(), volunteer=OuterRef("pk"), skill=value)))

    def by_expiry(self, queryset: QuerySet[Volunteer], name: str, value: bool) -> QuerySet[Volunteer]:
        if value:
            return expiring(queryset)
        return queryset.exclude(pk__in=expiring(Volunteer.objects.all()).values("pk"))
