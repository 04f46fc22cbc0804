"""The list of volunteers, with bulk answers to those who applied."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Standing
from komek.web.lists import BulkAction, Column, ListPage, link_cell
from komek.web.templatetags.komek import ago
from volunteers.bulk_answers import bulk_answer
from volunteers.models import Volunteer, VolunteerSkill, VolunteerState
from volunteers.people.filters import VolunteerFilter
from volunteers.people.registering import accept_volunteer, rest_volunteer
from volunteers.policies import HANDLERS, decides

BADGES = {VolunteerState.APPLIED: "badge-warn", VolunteerState.ACCEPTED: "badge-ok"}


def state_cell(row: Volunteer) -> SafeString:
    badge = BADGES.get(VolunteerState(row.state), "")
    return format_html('<span class="badge {}">{}</span>', badge, row.get_state_display())


def _may(standing: Standing) -> bool:
    return decides(standing) or standing.holds_anywhere(*HANDLERS)


def _answer(key: str, title: Any, function: Any) -> BulkAction:
    return bulk_answer(key, title, function, record="volunteer", may=_may)


class VolunteerList(ListPage):
    key = "volunteers.volunteer"
    model = Volunteer
    title = gettext_lazy("Volunteers")
    filterset_class = VolunteerFilter
    default_sort = "name"
    exchange_key = "volunteers.volunteer"
    add_url_name = "volunteers:volunteer_add"
    add_title = gettext_lazy("Register a volunteer")
    empty_text = gettext_lazy("People who help: what they can do, when, where, and what was checked about them.")
    template_name = "volunteers/volunteer_list.html"
    actions = (
        _answer("accept", gettext_lazy("Accept"), accept_volunteer),
        _answer("rest", gettext_lazy("Let them rest"), rest_volunteer),
    )
    columns = (
        Column("name", gettext_lazy("Name"), "name", sort=("name",), cell=link_cell()),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column("state", gettext_lazy("State"), "state", sort=("state",), cell=state_cell),
        Column("skills", gettext_lazy("Skills"), lambda row: ", ".join(str(one.skill) for one in row.skills.all())),
        Column("phone", gettext_lazy("Phone"), lambda row: row.number, nowrap=True),
        Column("organisation", gettext_lazy("Affiliation"), lambda row: str(row.organisation or ""), sort=("organisation__name",)),
        Column("area", gettext_lazy("Area"), lambda row: str(row.area or ""), sort=("area__name",)),
        Column("transport", gettext_lazy("Transport"), "transport", default=False),
        Column("languages", gettext_lazy("Speaks"), lambda row: ", ".join(row.languages), default=False),
        Column("trust", gettext_lazy("Trust"), "trust", sort=("trust",), default=False),
        Column("since", gettext_lazy("In this state"), "state_since", sort=("state_since",), nowrap=True,
               cell=lambda row: ago(row.state_since)),
    )  # fmt: skip

    def queryset(self) -> Any:
        skills = Prefetch("skills", VolunteerSkill.objects.select_related("skill"))
        rows = Volunteer.objects.select_related("organisation", "area", "user").prefetch_related(skills)
        return rows.defer("area__geometry", "search_key", "health_limits")
