"""What is known of a household and of the people in it: changing it, and keeping what follows from it right."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from camps import consent
from camps.entries import Member, household_faults, member_faults, too_long
from camps.models import Household, Person, Presence, RelationToHead
from camps.names import match_key, search_keys
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

HERE = (Presence.PRESENT, Presence.ABSENT)
OF_HOUSEHOLD = frozenset({
    "head_name", "size", "phone", "origin", "origin_area", "arrived_on", "intention", "shelter_unit", "card_number", "note",
    "scan", "reported_by",
})  # fmt: skip
OF_PERSON = frozenset({"name", "sex", "age", "birth_date", "relation", "needs", "note", "may_be_found", "reported_by"})


@transaction.atomic
def change_household(*, by: Actor, operation: Any, household: Household, **fields: Any) -> Household:
    """Change a household's own fields (not its people); what is not named stays. Raises Refused or NotAllowed.

    size: everybody who is here; those not listed by name are what is over.
    """
    _refuse_unknown(fields, OF_HOUSEHOLD)
    locked = locked_household(household)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    size = fields.pop("size", None)
    for name, value in fields.items():
        setattr(locked, name, value)
    faults = household_faults(
        head_name=locked.head_name, size=1 if size is None else size, arrived_on=locked.arrived_on,
        intention=locked.intention,
    ) | too_long(locked)  # fmt: skip
    named = locked.members.filter(presence__in=HERE).count()
    if size is not None and size < named:
        faults.setdefault(
            "size", _("%(named)d of them are listed by name. Check out those who left; the number follows.") % {"named": named}
        )  # fmt: skip
    if faults:
        raise Refused(faults)
    if size is not None and size != locked.size:
        locked.unlisted = size - named
    with acting(by):
        locked.save()
        sync_household(locked)
    return locked


@transaction.atomic
def change_person(*, by: Actor, operation: Any, person: Person, **fields: Any) -> Person:
    """Change what is known of a person; what is not named stays. Raises Refused or NotAllowed.

    age: replaces a date of birth unless that is given too. may_be_found: their consent, to the text in force now.
    """
    _refuse_unknown(fields, OF_PERSON)
    locked = Person.objects.select_for_update().get(pk=person.pk)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    birth_date = fields.get("birth_date", None if fields.get("age") is not None else locked.birth_date)
    member = Member(
        name=fields.get("name", locked.name),
        sex=fields.get("sex", locked.sex),
        age=fields.get("age", locked.age if birth_date is None and locked.birth_date is None else None),
        birth_date=birth_date,
        relation=fields.get("relation", locked.relation),
        needs=fields.get("needs", locked.needs),
        may_be_found=fields.get("may_be_found", locked.may_be_found),
        note=fields.get("note", locked.note),
    )
    household = locked_household(locked.household)
    faults = member_faults(member) | second_head(household, member, apart_from=locked)
    if faults:
        raise Refused(faults)
    was_called = locked.name
    fill_person(locked, member)
    locked.reported_by = fields.get("reported_by", locked.reported_by)
    with acting(by):
        locked.save()
        if locked.relation == RelationToHead.HEAD and household.head_name == was_called:
            household.head_name = locked.name
        sync_household(household)
    return locked


def second_head(household: Household, member: Member, apart_from: Person | None = None) -> dict[str, Any]:
    """A sentence when the household has a head already and this would be another."""
    if member.relation != RelationToHead.HEAD:
        return {}
    heads = household.members.filter(relation=RelationToHead.HEAD, presence__in=HERE)
    head = heads.exclude(pk=apart_from.pk if apart_from else None).first()
    if head is None:
        return {}
    return {
        "relation": _("%(head)s is the head of this household. Give them another relation first.") % {"head": head.name}
    }


def locked_household(household: Household) -> Household:
    """The household as it is now, nobody else changing it until the end of the transaction.

    Read without its site: joined, a row that had to be waited for is lost when its site changed meanwhile.
    """
    return Household.objects.select_for_update().get(pk=household.pk)


def sync_household(household: Household) -> None:
    """Bring what a household derives from its people up to date: size, presence, search key. Saves these and its head."""
    members = list(household.members.values_list("name", "presence"))
    here = sum(presence in HERE for _name, presence in members)
    household.size = here + household.unlisted
    # People who are not listed by name move as a household; its presence is then their own.
    if members and not household.unlisted:
        presences = {presence for _name, presence in members}
        order = (Presence.PRESENT, Presence.ABSENT, Presence.LEFT, Presence.DEAD)
        household.presence = next(one for one in order if one in presences)
    household.search_key = search_keys([household.head_name, *(name for name, _presence in members)])
    household.save(update_fields=["head_name", "size", "unlisted", "presence", "search_key", "updated_at"])


def fill_person(person: Person, member: Member) -> None:
    """Put what was entered on the person; the consent to be found gets its moment and text when it changes."""
    known_as = (person.match_key, person.sex, person.birth_year)
    person.name = member.name.strip()
    person.sex = member.sex
    person.birth_date = member.birth_date
    if member.birth_date is not None:
        person.birth_year = member.birth_date.year
    elif member.age is None:
        person.birth_year = None
    elif person.pk is None or person.birth_year is None or person.age != member.age:
        person.birth_year = timezone.localdate().year - member.age
    person.relation = member.relation
    person.needs = list(dict.fromkeys(member.needs))
    if member.may_be_found != person.may_be_found:
        person.may_be_found_since = timezone.now() if member.may_be_found else None
        person.consent_version = consent.CURRENT if member.may_be_found else ""
    person.may_be_found = member.may_be_found
    person.note = member.note
    person.search_key, person.match_key = search_keys([person.name]), match_key(person.name)
    if known_as != (person.match_key, person.sex, person.birth_year):
        person.compared_at = None


def _refuse_unknown(fields: dict[str, Any], editable: frozenset[str]) -> None:
    unknown = sorted(set(fields) - editable)
    if unknown:
        raise TypeError(f"not fields that people change: {', '.join(unknown)}")
