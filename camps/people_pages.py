"""Pages about the people of a site: its households, and one household with its members and where they went."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from camps.double_answers import waiting, waiting_elsewhere
from camps.finding import found_camp
from camps.households import HERE
from camps.models import Camp, Household, Movement, Person, RegistrationLevel
from camps.people_filters import HouseholdFilter
from camps.reading import names_read
from camps.registered import compare, latest_headcount, registered_at
from camps.tabs import page_context
from komek.accounts.authority import Action, may, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.finding import found_by_code
from komek.web.lists import Column, ListPage, link_cell

STEPS_SHOWN = 100
GUESTS_SHOWN = 50


class HouseholdList(ListPage):
    """The households of one site. Its address holds the site's code."""

    key = "camps.household"
    model = Household
    title = _("Households")
    filterset_class = HouseholdFilter
    default_sort = "head_name"
    template_name = "camps/people.html"
    empty_text = _("Type in a paper list to register the households of this site.")
    columns = (
        Column("head_name", _("Head of household"), "head_name", sort=("head_name",), cell=link_cell(lambda row: row.head_name)),
        Column("code", _("Code"), "code", sort=("code",), nowrap=True),
        Column("size", _("People"), "size", sort=("size",), numeric=True),
        Column("shelter_unit", _("Tent, room or house"), "shelter_unit", sort=("shelter_unit",)),
        Column("origin", _("Came from"), "origin", sort=("origin",)),
        Column("arrived_on", _("Arrived"), "arrived_on", sort=("arrived_on",), nowrap=True),
        Column("presence", _("Presence"), "presence", sort=("presence",)),
        Column("intention", _("Wants to"), "intention", sort=("intention",), default=False),
        Column("phone", _("Telephone"), "phone", default=False, nowrap=True),
        Column("card_number", _("Ration card"), "card_number", sort=("card_number",), default=False),
        Column("reported_by", _("Reported by"), "reported_by", default=False),
        Column("entered_by", _("Entered by"), lambda row: str(row.entered_by or ""), default=False),
        Column("entered_at", _("Entered"), "entered_at", sort=("entered_at",), default=False, nowrap=True),
    )  # fmt: skip

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.camp = found_camp(request, kwargs["code"])
            require(standing(request), Action.VIEW, Household(camp=self.camp, operation_id=self.camp.operation_id))
            if self.camp.code != kwargs["code"]:
                return redirect(request.resolver_match.view_name, self.camp.code)  # type: ignore[union-attr]
        return super().dispatch(request, *args, **kwargs)

    def queryset(self) -> QuerySet[Any]:
        return self.model.objects.filter(camp=self.camp).select_related("entered_by")  # type: ignore[attr-defined]

    def matching(self, request: HttpRequest) -> QuerySet[Any]:
        """Nothing outside a visit to the page: names do not go out by e-mail to who subscribes to the list."""
        return super().matching(request) if hasattr(self, "camp") else Household.objects.none()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.GET.get("export") == "csv":
            self._note([self.camp], _("Export of households"))
        return super().get(request, *args, **kwargs)

    def _note(self, records: Iterable[Any], what: Any) -> None:
        names_read(by=actor_of(self.request), operation=self.standing.operation, what=what, records=records)

    def _context(self, request: HttpRequest, page: Any) -> dict[str, Any]:
        self._note(page.object_list, _("List of households"))
        return super()._context(request, page)

    def extra_context(self) -> dict[str, Any]:
        if self.request.headers.get("HX-Target") == "list":
            return {}
        draft = Household(camp=self.camp, operation_id=self.camp.operation_id)
        context = {
            **page_context(self.camp, self.standing, "people"),
            "may_register": may(self.standing, Action.ADD, draft),
            "is_registering": self.camp.registration != RegistrationLevel.NONE,
        }
        if self.request.GET.get("text"):
            return context  # who looks for somebody waits for nothing else
        found, headcount = registered_at(self.camp), latest_headcount(self.camp)
        return {
            **context,
            "registered": found,
            "headcount": headcount,
            "comparison": compare(found, headcount),
            "guests": guests_of(self.camp),
            "doubles": waiting(self.standing).filter(Q(first__camp=self.camp) | Q(second__camp=self.camp)).count(),
            "hidden_doubles": waiting_elsewhere(self.camp, self.standing),
        }


def guests_of(camp: Camp) -> list[Person]:
    """People who are here while their household is at another site."""
    here = Person.objects.filter(camp=camp, presence__in=HERE).exclude(household__camp=camp)
    return list(here.select_related("household__camp").order_by("name", "pk")[:GUESTS_SHOWN])


def found_household(request: HttpRequest, code: str) -> Household:
    """The household with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    rows = Household.objects.select_related("camp__organisation", "origin_area", "entered_by", "scan")
    household: Household = found_by_code(request, rows, code, Household.CODE_LETTER)
    return household


def found_person(request: HttpRequest, code: str) -> Person:
    """The person with this code as the viewer may see them."""
    rows = Person.objects.select_related("camp", "household__camp")
    person: Person = found_by_code(request, rows, code, Person.CODE_LETTER)
    return person


@require_GET
@login_required
def household(request: HttpRequest, code: str) -> HttpResponse:
    """One household: its people, where they went, and where this is known from."""
    record = found_household(request, code)
    if record.code != code:
        return redirect(record)
    whose = standing(request)
    everybody = Person.objects.filter(household=record).select_related("camp")
    members = list(visible(everybody, whose).order_by("pk"))
    for member in members:
        if member.camp_id == record.camp_id:
            member.camp = record.camp  # asked about once, not for each
    of_it = Movement.objects.filter(Q(person__household=record) | Q(household=record))
    steps = visible(of_it.select_related("person", "camp", "to_camp", "entered_by"), whose).order_by(
        "-occurred_at", "-pk"
    )
    names_read(by=actor_of(request), operation=whose.operation, what=_("Household"), records=[record])
    context = {
        **page_context(record.camp, whose, "people"),
        "household": record,
        "members": members,
        "hidden_members": everybody.count() - len(members),
        "steps": steps[:STEPS_SHOWN],
        "may_change": may(whose, Action.CHANGE, record),
        "changeable": {person.pk for person in members if may(whose, Action.CHANGE, person)},
    }
    return render(request, "camps/household.html", context)
