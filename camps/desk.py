"""What the check-in desk of a site finds for what was typed or scanned, and which steps each of those found can take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from camps.households import HERE
from camps.models import Camp, Household, Movement, MovementKind, Person, Presence
from camps.people_search import households_matching, people_matching
from komek.accounts.authority import Standing, in_operation, visible
from komek.records.codes import MistypedCode, parse_code

HOUSEHOLDS_SHOWN = 10
PEOPLE_LOOKED_AT = 40
# A scanner is a keyboard: with a Russian layout switched on, H arrives as Р and P as З.
_OTHER_LAYOUT = {"р": "H", "з": "P"}
# Steps of one press, in the order in which their buttons stand, and what these say.
QUICK = {
    MovementKind.CHECK_IN: _("In"),
    MovementKind.CHECK_OUT: _("Out"),
    MovementKind.ABSENT: _("Away"),
    MovementKind.RETURNED: pgettext_lazy("came back to the site", "Back"),
}


@dataclass
class Candidate:
    """Somebody found, and the steps of one press that follow from where they are."""

    person: Person
    steps: tuple[str, ...]
    is_here: bool
    is_asked_for: bool = False

    @property
    def buttons(self) -> list[tuple[str, Any]]:
        """What each button sends, and what it says."""
        return [(f"{step}:{self.person.code}", QUICK[step]) for step in self.steps]  # type: ignore[index]


@dataclass
class Found:
    """One household with its people, as far as the desk may see them.

    hidden_code: the code asked for, when it belongs to a site whose names may not be seen; nothing else is shown then.
    """

    household: Household
    people: list[Candidate] = field(default_factory=list)
    steps: tuple[str, ...] = ()
    hidden_code: str = ""

    @property
    def buttons(self) -> list[tuple[str, Any]]:
        """For everybody of it: what each button sends, and what it says."""
        return [(f"{step}:{self.hidden_code or self.household.code}", QUICK[step]) for step in self.steps]  # type: ignore[index]

    @property
    def may_leave(self) -> bool:
        """Whether anybody of it is here, so that a move or a death can be recorded."""
        return any(candidate.is_here for candidate in self.people) or MovementKind.CHECK_OUT in self.steps


def code_typed(text: str) -> str:
    """The household's or person's code that was typed or scanned; empty when it is none."""
    text = text.strip()
    for attempt in (text, _OTHER_LAYOUT.get(text[:1].lower(), "") + text[1:]):
        try:
            return parse_code(attempt, "HP")
        except MistypedCode:
            continue
    return ""


def find_at_desk(text: str, *, camp: Camp, standing: Standing) -> list[Found]:
    """Households for a code or a name, this site's own first. A constant number of queries.

    A card of another site is found by its exact code even where its names may not be seen: then without names.
    """
    code = code_typed(text)
    households = in_operation(Household.objects.select_related("camp"), standing.operation)
    seen = visible(Person.objects.all(), standing)
    if code:
        by_code = Q(code=code) if code.startswith("H") else Q(members__code=code)
        rows = list(households.filter(by_code)[:1])
    else:
        keys = _likeliest(people_matching(seen, text), camp) + list(_nameless(text, camp, standing))
        order = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        rows = sorted(households.filter(pk__in=order), key=lambda row: order[row.pk])[:HOUSEHOLDS_SHOWN]
    members = seen.filter(household__in=rows).select_related("camp").order_by("pk")
    known = set(
        visible(Household.objects.filter(pk__in=[row.pk for row in rows]), standing).values_list("pk", flat=True)
    )
    return [
        _found(row, [one for one in members if one.household_id == row.pk], camp, code)
        if row.pk in known
        else Found(row, steps=(MovementKind.CHECK_IN,), hidden_code=code)
        for row in rows
    ]


def steps_for(presence: str, *, is_here: bool) -> tuple[str, ...]:
    """The steps of one press that make sense."""
    if presence in HERE and is_here:
        back_or_away = MovementKind.RETURNED if presence == Presence.ABSENT else MovementKind.ABSENT
        return (MovementKind.CHECK_OUT, back_or_away)
    return (MovementKind.CHECK_IN,)


def latest_steps(camp: Camp, standing: Standing, limit: int = 10) -> QuerySet[Any]:
    """What was noted last at this site."""
    rows = visible(Movement.objects.filter(camp=camp), standing)
    return rows.select_related("person__household", "household", "to_camp").order_by("-pk")[:limit]


def _likeliest(people: QuerySet[Any], camp: Camp) -> list[int]:
    """Keys of the households of the likeliest people, those of this site first."""
    is_ours = Case(When(camp=camp, then=Value(0)), default=Value(1))
    near = people.annotate(elsewhere=is_ours).order_by("elsewhere", "-near", "name", "pk")
    return list(near.values_list("household_id", flat=True)[:PEOPLE_LOOKED_AT])


def _nameless(text: str, camp: Camp, standing: Standing) -> QuerySet[Any]:
    """Households of this site of which nobody is listed by name, found by their head."""
    rows = visible(Household.objects.filter(camp=camp, unlisted__gt=0), standing)
    return households_matching(rows, text).values_list("pk", flat=True)[:HOUSEHOLDS_SHOWN]


def _found(row: Household, members: Sequence[Person], camp: Camp, code: str) -> Found:
    people = []
    for person in members:
        is_at_camp = person.camp_id == camp.pk
        steps = steps_for(person.presence, is_here=is_at_camp)
        people.append(Candidate(person, steps, is_at_camp and person.presence in HERE, person.code == code))
    states = {step for candidate in people for step in candidate.steps if candidate.person.presence != Presence.DEAD}
    if row.unlisted:
        states |= set(steps_for(row.presence, is_here=row.camp_id == camp.pk))
    return Found(row, people, tuple(step for step in QUICK if step in states))
