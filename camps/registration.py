"""Registering households and people at a site. The same entry sent again is the same household; nobody is entered twice.

Every door (the keyboard grid, a pasted table, an import, the API) hands in ``Entry`` and comes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.double_registrations import compare, compare_people_of
from camps.entries import LARGEST_HOUSEHOLD, Entry, Member, faults_of, member_faults
from camps.households import fill_person, locked_household, second_head, sync_household
from camps.models import (
    Camp,
    Household,
    ListScan,
    Movement,
    MovementKind,
    Person,
    RegistrationLevel,
    RelationToHead,
)
from camps.names import search_keys
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.records.codes import next_codes
from komek.records.copying import copy_in
from orgs.models import Opening

# A clock that runs a little fast does not make an entry one from the future.
CLOCK_SLACK = timedelta(minutes=10)
USED_ELSEWHERE = gettext_lazy("This entry was used elsewhere already. Reload the page and try again.")


def register_household(
    *,
    by: Actor,
    operation: Any,
    camp: Camp,
    entry: Entry,
    occurred_at: datetime | None = None,
    scan: ListScan | None = None,
) -> Household:
    """Enter one household and check its members in. Sent again, the first one comes back. Raises Refused or NotAllowed."""
    return register_households(
        by=by, operation=operation, camp=camp, entries=[entry], occurred_at=occurred_at, scan=scan
    )[0]


@transaction.atomic
def register_households(
    *,
    by: Actor,
    operation: Any,
    camp: Camp,
    entries: Sequence[Entry],
    occurred_at: datetime | None = None,
    scan: ListScan | None = None,
) -> list[Household]:
    """Enter many households in a constant number of queries; all or none. Same order as ``entries``.

    Raises NotAllowed; Refused with sentences by row (``"row 3"`` → sentence) when any is wrong.
    """
    require(standing_of(by.user, operation), Action.ADD, Household(camp=camp, operation=camp.operation))
    at = occurred_at or timezone.now()
    faults = site_faults(camp, at)
    for number, entry in enumerate(entries, start=1):
        sentences = faults_of(entry, lists_everybody=camp.registration == RegistrationLevel.PEOPLE)
        if sentences:
            key = "__all__" if len(entries) == 1 else f"row {number}"
            faults[key] = " ".join(str(sentence) for sentence in sentences.values())
    if scan is not None and scan.camp_id != camp.pk:
        faults["scan"] = gettext_lazy("This paper list belongs to another site.")
    if faults:
        raise Refused(faults)
    try:
        by_entry = _register(entries, by=by, camp=camp, at=at, scan=scan)
    except IntegrityError:
        # Somebody sent one of these entries at the same moment and was done first: theirs are found now.
        by_entry = _register(entries, by=by, camp=camp, at=at, scan=scan)
    compare_people_of(by_entry.values())
    return [by_entry[entry.entry_id] for entry in entries]


def _register(
    entries: Sequence[Entry], *, by: Actor, camp: Camp, at: datetime, scan: ListScan | None
) -> dict[UUID, Household]:
    known = {row.entry_id: row for row in Household.objects.filter(entry_id__in=[entry.entry_id for entry in entries])}
    fresh = list({entry.entry_id: entry for entry in entries if entry.entry_id not in known}.values())
    _refuse_used_elsewhere(known.values(), fresh, camp)
    made = write_households(by=by, camp=camp, entries=fresh, at=at, scan=scan)
    return {**known, **{household.entry_id: household for household in made}}


def write_households(
    *, by: Actor, camp: Camp, entries: Sequence[Entry], at: datetime, scan: ListScan | None = None
) -> list[Household]:
    """Store households that were checked, with their people and arrivals, in a constant number of queries.

    Asks no permission and checks nothing: for ``register_households``, which has, and for the exercise.
    """
    return write_placed(by=by, placed=[(camp, entry) for entry in entries], at=at, scan=scan)


def write_placed(
    *, by: Actor, placed: Sequence[tuple[Camp, Entry]], at: datetime, scan: ListScan | None = None
) -> list[Household]:
    """The same for households of several sites: (site, household) each, in a constant number of queries."""
    made = _make_households(placed, by=by, at=at, scan=scan)
    with acting(by), transaction.atomic():
        copy_in(made)
        people, arrivals = _make_people(zip(placed, made, strict=True), by=by, at=at)
        copy_in(people)
        _bind(arrivals)
        copy_in(arrivals)
    return made


@transaction.atomic
def write_people(people: Sequence[Person], *, by: Actor, at: datetime) -> None:
    """Store checked people of households that are there, with their arrivals, in a constant number of queries.

    Asks no permission: for imports, which have. Who was counted in a household but not listed by name is taken to be one of them.
    """
    for person, code in zip(people, next_codes(Person.CODE_LETTER, len(people)), strict=True):
        person.code, person.occurred_at = code, at
    with acting(by):
        copy_in(people)
        copy_in([_arrival(by, at, person=person) for person in people])
        newcomers: dict[int, list[str]] = {}
        for person in people:
            newcomers.setdefault(person.household_id, []).append(person.name)
        households = list(Household.objects.select_for_update().filter(pk__in=newcomers).order_by("pk"))
        for household in households:
            names = newcomers[household.pk]
            listed = min(household.unlisted, len(names))
            household.unlisted -= listed
            household.size += len(names) - listed
            household.search_key = " | ".join(
                dict.fromkeys([*household.search_key.split(" | "), *search_keys(names).split(" | ")])
            )
            household.updated_at = timezone.now()
        Household.objects.bulk_update(households, ["unlisted", "size", "search_key", "updated_at"], batch_size=500)


@transaction.atomic
def add_member(
    *, by: Actor, operation: Any, household: Household, member: Member, entry_id: UUID | None = None,
    occurred_at: datetime | None = None, is_newcomer: bool = False,
) -> Person:  # fmt: skip
    """Add one person to a household: a birth, or somebody who joined. Sent again, the first one comes back.

    Where people of the household are not yet listed by name, this is one of them unless ``is_newcomer``.
    """
    locked = locked_household(household)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    earlier = _entered_before(entry_id, locked)
    if earlier is not None:
        return earlier
    at = occurred_at or timezone.now()
    faults = site_faults(locked.camp, at) | member_faults(member) | second_head(locked, member)
    if locked.size >= LARGEST_HOUSEHOLD:
        faults["__all__"] = gettext_lazy("This household is as large as one can be. Enter each family on its own.")
    if faults:
        raise Refused(faults)
    person = make_person(member, locked, by=by, at=at)
    person.entry_id = entry_id or person.entry_id
    if locked.unlisted and not is_newcomer:
        locked.unlisted -= 1
    with acting(by):
        person.save()
        _arrival(by, at, person=person).save()
        sync_household(locked)
    compare([person.pk])
    return person


def _entered_before(entry_id: UUID | None, household: Household) -> Person | None:
    """The person whom this entry made earlier. Raises Refused when it made somebody of another household."""
    earlier: Person | None = Person.objects.filter(entry_id=entry_id).first() if entry_id is not None else None
    if earlier is not None and earlier.household_id != household.pk:
        raise Refused({"__all__": USED_ELSEWHERE})
    return earlier


def site_faults(camp: Camp, at: datetime) -> dict[str, Any]:
    """A sentence when nobody can be registered at this site, or not at this moment."""
    if camp.registration == RegistrationLevel.NONE:
        sentence = _("%(camp)s keeps head counts only. Choose on its form to register households or every person.")
        return {"__all__": sentence % {"camp": camp}}
    if camp.opening == Opening.CLOSED:
        return {
            "__all__": gettext_lazy("This site is closed. Open it first, or register the people where they are now.")
        }
    if at > timezone.now() + CLOCK_SLACK:
        return {"occurred_at": gettext_lazy("This lies in the future. Give the moment when it happened.")}
    return {}


def make_person(member: Member, household: Household, *, by: Actor, at: datetime) -> Person:
    """A person of a household, not saved."""
    person = Person(household=household, camp=household.camp, operation=household.operation, occurred_at=at)
    person.reported_by = household.reported_by
    person.stamp(by)
    if member.entry_id is not None:
        person.entry_id = member.entry_id
    fill_person(person, member)
    return person


def _make_households(
    placed: Sequence[tuple[Camp, Entry]], *, by: Actor, at: datetime, scan: ListScan | None
) -> list[Household]:
    made = []
    for (camp, entry), code in zip(placed, next_codes(Household.CODE_LETTER, len(placed)), strict=True):
        household = Household(
            code=code, camp=camp, operation=camp.operation, occurred_at=at, entry_id=entry.entry_id, scan=scan,
            head_name=entry.head_name.strip(), size=entry.everybody, phone=entry.phone, origin=entry.origin,
            origin_area=entry.origin_area, arrived_on=entry.arrived_on, intention=entry.intention,
            shelter_unit=entry.shelter_unit, card_number=entry.card_number, note=entry.note, reported_by=entry.reported_by,
        )  # fmt: skip
        household.stamp(by)
        named = _members_of(entry, camp)
        household.unlisted = entry.everybody - len(named)
        household.search_key = search_keys([entry.head_name, *(member.name for member in named)])
        made.append(household)
    return made


def _members_of(entry: Entry, camp: Camp) -> Sequence[Member]:
    """The members as entered; where people are registered one by one and none is named, the head alone."""
    if entry.members or camp.registration != RegistrationLevel.PEOPLE:
        return entry.members
    return [Member(name=entry.head_name, relation=RelationToHead.HEAD)]


def _make_people(
    pairs: Iterable[tuple[tuple[Camp, Entry], Household]], *, by: Actor, at: datetime
) -> tuple[list[Person], list[Movement]]:
    """The people of the households and the step with which each came in; neither saved."""
    people, arrivals = [], []
    for (camp, entry), household in pairs:
        arrived = _arrived_at(entry, at)
        members = [make_person(member, household, by=by, at=at) for member in _members_of(entry, camp)]
        people += members
        arrivals += [_arrival(by, arrived, person=person) for person in members]
        if household.unlisted:
            arrivals.append(_arrival(by, arrived, household=household))
    for person, code in zip(people, next_codes(Person.CODE_LETTER, len(people)), strict=True):
        person.code = code
    return people, arrivals


def _arrived_at(entry: Entry, at: datetime) -> datetime:
    """When they came: noon of the day given, when that was before the day of registration."""
    if entry.arrived_on is None or entry.arrived_on >= timezone.localdate(at):
        return at
    return timezone.make_aware(datetime.combine(entry.arrived_on, time(12)))


def _arrival(by: Actor, at: datetime, *, person: Person | None = None, household: Household | None = None) -> Movement:
    """The step with which somebody came in, not saved. One of the two is given."""
    whose: Any = person or household
    step = Movement(
        person=person, household=household, camp=whose.camp, operation=whose.operation, kind=MovementKind.CHECK_IN,
        occurred_at=at, reported_by=whose.reported_by,
    )  # fmt: skip
    step.stamp(by)
    return step


def _bind(arrivals: Iterable[Movement]) -> None:
    """Steps were made before their people were stored and had keys."""
    for step in arrivals:
        if step.person is not None:
            step.person_id = step.person.pk


def _refuse_used_elsewhere(known: Iterable[Household], fresh: Sequence[Entry], camp: Camp) -> None:
    """An entry belongs to the site it was first sent for, even when its people have moved on since."""
    moved = [household.pk for household in known if household.camp_id != camp.pk]
    began_here = Movement.objects.filter(camp=camp, kind=MovementKind.CHECK_IN)
    for pk in moved:
        if not began_here.filter(Q(household=pk) | Q(person__household=pk)).exists():
            raise Refused({"__all__": USED_ELSEWHERE})
    ids = [member.entry_id for entry in fresh for member in entry.members if member.entry_id is not None]
    taken = Person.objects.filter(entry_id__in=ids).select_related("household").first() if ids else None
    if taken is not None:
        raise Refused({
            "__all__": _("A row of this list was entered before, in household %(code)s. Reload the page and look at it first.")
            % {"code": taken.household.code}
        })  # fmt: skip
