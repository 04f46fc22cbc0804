"""Registering households and people at a site. The same entry sent again is the same household; nobody is entered twice.

A household is entered as one: its head, its members, where it came from. ``Entry`` is what every door hands in: the keyboard grid,
a pasted table, an import, the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import (
    Camp,
    Household,
    Intention,
    ListScan,
    Movement,
    MovementKind,
    Person,
    Presence,
    RegistrationLevel,
    RelationToHead,
    Sex,
    SpecialNeed,
)
from camps.names import search_keys
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.records.codes import next_codes
from orgs.models import Opening

OLDEST_YEARS = 120
LARGEST_HOUSEHOLD = 60


@dataclass
class Member:
    """One person as entered. age: years as told, turned into a year of birth. needs: keys of ``SpecialNeed``."""

    name: str
    sex: str = Sex.UNKNOWN
    age: int | None = None
    birth_date: date | None = None
    relation: str = RelationToHead.OTHER_RELATIVE
    needs: Sequence[str] = ()
    may_be_found: bool = False
    note: str = ""


@dataclass
class Entry:
    """One household as entered. entry_id: its own, made by whoever enters it. size: for sites that do not register people."""

    head_name: str
    entry_id: UUID = field(default_factory=uuid4)
    members: Sequence[Member] = ()
    size: int | None = None
    phone: str = ""
    origin: str = ""
    origin_area: Any = None
    arrived_on: date | None = None
    intention: str = Intention.UNKNOWN
    shelter_unit: str = ""
    card_number: str = ""
    note: str = ""
    reported_by: str = ""


@transaction.atomic
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

    Raises Refused with sentences by row (``"row 3"`` → sentence) when any is wrong.
    """
    require(standing_of(by.user, operation), Action.ADD, Household(camp=camp, operation=camp.operation))
    at = occurred_at or timezone.now()
    faults = {} if camp.registration != RegistrationLevel.NONE else {"__all__": no_registration(camp)}
    if camp.opening == Opening.CLOSED:
        faults["__all__"] = gettext_lazy(
            "This site is closed. Open it first, or register the people where they are now."
        )
    for number, entry in enumerate(entries, start=1):
        sentences = faults_of(entry)
        if sentences:
            key = "__all__" if len(entries) == 1 else f"row {number}"
            faults[key] = " ".join(str(sentence) for sentence in sentences.values())
    if faults:
        raise Refused(faults)
    known = {row.entry_id: row for row in Household.objects.filter(entry_id__in=[entry.entry_id for entry in entries])}
    _refuse_foreign(known.values(), camp)
    fresh = list({entry.entry_id: entry for entry in entries if entry.entry_id not in known}.values())
    made = write_households(by=by, camp=camp, entries=fresh, at=at, scan=scan)
    by_entry = {**known, **{household.entry_id: household for household in made}}
    return [by_entry[entry.entry_id] for entry in entries]


def write_households(
    *, by: Actor, camp: Camp, entries: Sequence[Entry], at: datetime, scan: ListScan | None
) -> list[Household]:
    """Store households that were checked, with their people and arrivals, in a constant number of queries.

    Asks no permission: for ``register_households`` and imports, which have asked, and for the exercise.
    """
    made = _make_households(entries, by=by, camp=camp, at=at, scan=scan)
    with acting(by):
        Household.objects.bulk_create(made, batch_size=2000)
        people = _make_people(zip(entries, made, strict=True), by=by, camp=camp, at=at)
        Person.objects.bulk_create(people, batch_size=2000)
        Movement.objects.bulk_create([_arrival(person, by, at) for person in people], batch_size=2000)
    return made


@transaction.atomic
def add_member(
    *, by: Actor, operation: Any, household: Household, member: Member, entry_id: UUID | None = None,
    occurred_at: datetime | None = None,
) -> Person:  # fmt: skip
    """Add one person to a household: a birth, or somebody who joined. Sent again, the first one comes back."""
    require(standing_of(by.user, operation), Action.CHANGE, household)
    locked = Household.objects.select_for_update(of=("self",)).select_related("camp").get(pk=household.pk)
    if entry_id is not None:
        earlier: Person | None = Person.objects.filter(entry_id=entry_id).first()
        if earlier is not None:
            return earlier
    sentences = member_faults(member)
    if sentences:
        raise Refused(sentences)
    at = occurred_at or timezone.now()
    person = make_person(member, locked, by=by, at=at)
    person.entry_id = entry_id or person.entry_id
    with acting(by):
        person.save()
        _arrival(person, by, at).save()
        sync_household(locked)
    return person


@transaction.atomic
def change_household(*, by: Actor, operation: Any, household: Household, **fields: Any) -> Household:
    """Change a household's own fields (not its people). What is not named stays."""
    editable = {
        "head_name", "size", "phone", "origin", "origin_area", "arrived_on", "intention", "shelter_unit", "card_number", "note",
        "scan", "reported_by",
    }  # fmt: skip
    if set(fields) - editable:
        raise TypeError(f"not fields of a household that people change: {', '.join(sorted(set(fields) - editable))}")
    require(standing_of(by.user, operation), Action.CHANGE, household)
    for name, value in fields.items():
        setattr(household, name, value)
    sentences = household_faults(household.head_name, household.size, household.arrived_on)
    if sentences:
        raise Refused(sentences)
    household.search_key = _household_key(household)
    with acting(by):
        household.save()
    return household


@transaction.atomic
def change_person(*, by: Actor, operation: Any, person: Person, **fields: Any) -> Person:
    """Change what is known of a person: name, sex, age or date of birth, relation, needs, note, consent to be found."""
    editable = {"name", "sex", "age", "birth_date", "relation", "needs", "note", "may_be_found", "reported_by"}
    if set(fields) - editable:
        raise TypeError(f"not fields of a person that people change: {', '.join(sorted(set(fields) - editable))}")
    require(standing_of(by.user, operation), Action.CHANGE, person)
    merged = Member(
        name=fields.get("name", person.name),
        sex=fields.get("sex", person.sex),
        age=fields.get("age", person.age if person.birth_date is None else None),
        birth_date=fields.get("birth_date", person.birth_date),
        relation=fields.get("relation", person.relation),
        needs=fields.get("needs", person.needs),
        may_be_found=fields.get("may_be_found", person.may_be_found),
        note=fields.get("note", person.note),
    )
    sentences = member_faults(merged)
    if sentences:
        raise Refused(sentences)
    keeps_year = "age" not in fields and "birth_date" not in fields
    year = person.birth_year
    fill_person(person, merged)
    if keeps_year:
        person.birth_year = year
    with acting(by):
        person.save()
        household = Household.objects.select_for_update(of=("self",)).get(pk=person.household_id)
        sync_household(household)
    return person


def sync_household(household: Household) -> None:
    """Bring what a household derives from its people up to date: size, presence, search key."""
    presences = list(household.members.values_list("presence", flat=True))
    here = sum(presence in (Presence.PRESENT, Presence.ABSENT) for presence in presences)
    if presences:
        household.size = here or household.size
        household.presence = next(
            (one for one in (Presence.PRESENT, Presence.ABSENT, Presence.LEFT, Presence.DEAD) if one in presences),
            Presence.PRESENT,
        )
    household.search_key = _household_key(household)
    household.save(update_fields=["size", "presence", "search_key", "updated_at"])


def no_registration(camp: Camp) -> str:
    return _("%(camp)s keeps head counts only. Choose on its form to register households or every person.") % {
        "camp": camp
    }


def faults_of(entry: Entry) -> dict[str, Any]:
    """Field → sentence for one household as entered."""
    size = len(entry.members) or entry.size or 1
    faults = household_faults(entry.head_name, size, entry.arrived_on)
    if entry.members and entry.size is not None and entry.size != len(entry.members):
        faults["size"] = _("The list names %(named)d people, but the size given is %(size)d. Correct one of the two.") % {
            "named": len(entry.members), "size": entry.size,
        }  # fmt: skip
    for member in entry.members:
        for name, sentence in member_faults(member).items():
            faults[f"{member.name or '?'} {name}"] = sentence
    heads = [member for member in entry.members if member.relation == RelationToHead.HEAD]
    if len(heads) > 1:
        faults["relation"] = gettext_lazy("A household has one head. Mark only one person as its head.")
    return faults


def household_faults(head_name: str, size: int, arrived_on: date | None) -> dict[str, Any]:
    faults: dict[str, Any] = {}
    if not head_name.strip():
        faults["head_name"] = gettext_lazy(
            "Write the name of the head of the household, or how people call the family."
        )
    if size < 1:
        faults["size"] = gettext_lazy("A household has at least one person.")
    elif size > LARGEST_HOUSEHOLD:
        faults["size"] = _("A household of %(size)d people is not plausible. Enter each family on its own.") % {
            "size": size
        }
    if arrived_on is not None and arrived_on > timezone.localdate():
        faults["arrived_on"] = gettext_lazy("The day of arrival lies in the future.")
    return faults


def member_faults(member: Member) -> dict[str, Any]:
    faults: dict[str, Any] = {}
    today = timezone.localdate()
    if not member.name.strip():
        faults["name"] = gettext_lazy("Write the person's name. If it is not known, write how they can be recognised.")
    if member.age is not None and not 0 <= member.age <= OLDEST_YEARS:
        faults["age"] = _("An age of %(age)d is not plausible. Give it in whole years.") % {"age": member.age}
    if member.birth_date is not None and not today.year - OLDEST_YEARS <= member.birth_date.year <= today.year:
        faults["birth_date"] = gettext_lazy("The date of birth is not plausible. Check the year.")
    elif member.birth_date is not None and member.birth_date > today:
        faults["birth_date"] = gettext_lazy("The date of birth lies in the future.")
    if member.sex not in Sex.values:
        faults["sex"] = gettext_lazy("Choose female, male, other or not known.")
    if member.relation not in RelationToHead.values:
        faults["relation"] = gettext_lazy("Choose the relation from the list.")
    unknown = set(member.needs) - set(SpecialNeed.values)
    if unknown:
        faults["needs"] = gettext_lazy("Choose the needs from the list.")
    return faults


def fill_person(person: Person, member: Member) -> None:
    """Put what was entered on the person; the consent to be found gets its moment when it changes."""
    person.name = member.name.strip()
    person.sex = member.sex
    person.birth_date = member.birth_date
    if member.birth_date is not None:
        person.birth_year = member.birth_date.year
    else:
        person.birth_year = None if member.age is None else timezone.localdate().year - member.age
    person.relation = member.relation
    person.needs = list(dict.fromkeys(member.needs))
    if member.may_be_found != person.may_be_found:
        person.may_be_found_since = timezone.now() if member.may_be_found else None
    person.may_be_found = member.may_be_found
    person.note = member.note
    person.search_key = search_keys([person.name])


def make_person(member: Member, household: Household, *, by: Actor, at: datetime) -> Person:
    """A person of a household, not saved."""
    person = Person(household=household, camp=household.camp, operation=household.operation, occurred_at=at)
    person.reported_by = household.reported_by
    person.stamp(by)
    fill_person(person, member)
    return person


def _make_households(
    entries: Sequence[Entry], *, by: Actor, camp: Camp, at: datetime, scan: ListScan | None
) -> list[Household]:
    made = []
    for entry, code in zip(entries, next_codes(Household.CODE_LETTER, len(entries)), strict=True):
        household = Household(
            code=code, camp=camp, operation=camp.operation, occurred_at=at, entry_id=entry.entry_id, scan=scan,
            head_name=entry.head_name.strip(), size=len(entry.members) or entry.size or 1, phone=entry.phone,
            origin=entry.origin, origin_area=entry.origin_area, arrived_on=entry.arrived_on, intention=entry.intention,
            shelter_unit=entry.shelter_unit, card_number=entry.card_number, note=entry.note, reported_by=entry.reported_by,
        )  # fmt: skip
        household.stamp(by)
        household.search_key = search_keys([entry.head_name, *(member.name for member in entry.members)])
        made.append(household)
    return made


def _make_people(pairs: Iterable[tuple[Entry, Household]], *, by: Actor, camp: Camp, at: datetime) -> list[Person]:
    """The members as entered; where people are registered one by one and none is named, the head alone."""
    people = []
    for entry, household in pairs:
        members = entry.members
        if not members and camp.registration == RegistrationLevel.PEOPLE:
            members = [Member(name=entry.head_name, relation=RelationToHead.HEAD)]
        people += [make_person(member, household, by=by, at=at) for member in members]
    for person, code in zip(people, next_codes(Person.CODE_LETTER, len(people)), strict=True):
        person.code = code
    return people


def _arrival(person: Person, by: Actor, at: datetime) -> Movement:
    step = Movement(
        person=person, camp=person.camp, operation=person.operation, kind=MovementKind.CHECK_IN, occurred_at=at,
        reported_by=person.reported_by,
    )  # fmt: skip
    step.stamp(by)
    return step


def _refuse_foreign(known: Iterable[Household], camp: Camp) -> None:
    if any(household.camp_id != camp.pk for household in known):
        raise Refused(
            {"__all__": gettext_lazy("This entry was used for another site already. Reload the page and try again.")}
        )


def _household_key(household: Household) -> str:
    names = household.members.values_list("name", flat=True) if household.pk else ()
    return search_keys([household.head_name, *names])
