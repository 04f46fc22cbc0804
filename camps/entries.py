"""A household as entered, whichever door it comes through, and what is wrong with it in sentences. No database.

``Entry`` is what every door hands in: the keyboard grid, a pasted table, an import, the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import Intention, RelationToHead, Sex, SpecialNeed

OLDEST_YEARS = 120
LARGEST_HOUSEHOLD = 60
OF_AGE_YEARS = 18
# How much text the record holds; more would be lost without a word.
LONGEST = {
    "head_name": 200,
    "name": 200,
    "phone": 40,
    "origin": 200,
    "shelter_unit": 60,
    "card_number": 60,
    "note": 300,
}


@dataclass
class Member:
    """One person as entered. age: years as told, turned into a year of birth. needs: keys of ``SpecialNeed``.

    entry_id: made by whoever enters it; left out, one is made.
    """

    name: str
    sex: str = Sex.UNKNOWN
    age: int | None = None
    birth_date: date | None = None
    relation: str = RelationToHead.OTHER_RELATIVE
    needs: Sequence[str] = ()
    may_be_found: bool = False
    note: str = ""
    entry_id: UUID | None = None


@dataclass
class Entry:
    """One household as entered. entry_id: its own, made by whoever enters it.

    size: everybody in it, where people are not all listed by name; ``None`` when the members are everybody.
    """

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

    @property
    def everybody(self) -> int:
        """How many people it is about."""
        return max(self.size or 0, len(self.members)) or (1 if self.size is None else 0)


def faults_of(entry: Entry, *, lists_everybody: bool) -> dict[str, Any]:
    """Field → sentence for one household. lists_everybody: the site registers every person, so a list is complete."""
    faults = household_faults(
        head_name=entry.head_name, size=entry.everybody, arrived_on=entry.arrived_on, intention=entry.intention
    )
    faults |= too_long(entry)
    named = len(entry.members)
    if named and entry.size is not None and (entry.size < named or (lists_everybody and entry.size != named)):
        faults["size"] = _("The list names %(named)d people, but the size given is %(size)d. Correct one of the two.") % {
            "named": named, "size": entry.size,
        }  # fmt: skip
    for member in entry.members:
        for name, sentence in member_faults(member).items():
            faults[f"{member.name or '?'} {name}"] = sentence
    if sum(member.relation == RelationToHead.HEAD for member in entry.members) > 1:
        faults["relation"] = gettext_lazy("A household has one head. Mark only one person as its head.")
    return faults


def household_faults(*, head_name: str, size: int, arrived_on: date | None, intention: str) -> dict[str, Any]:
    """Field → sentence for what a household itself says."""
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
    if intention not in Intention.values:
        faults["intention"] = gettext_lazy("Choose from the list what they want to do next.")
    return faults


def member_faults(member: Member) -> dict[str, Any]:
    """Field → sentence for one person."""
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
    elif member.birth_date is not None and member.age is not None:
        born = today.year - member.birth_date.year
        if not born - 1 <= member.age <= born:
            faults["age"] = gettext_lazy(
                "The age does not fit the date of birth. Correct one of the two, or leave one out."
            )
    if member.sex not in Sex.values:
        faults["sex"] = gettext_lazy("Choose female, male, other or not known.")
    if member.relation not in RelationToHead.values:
        faults["relation"] = gettext_lazy("Choose the relation from the list.")
    if set(member.needs) - set(SpecialNeed.values):
        faults["needs"] = gettext_lazy("Choose the needs from the list.")
    if member.may_be_found and SpecialNeed.UNACCOMPANIED_CHILD in member.needs:
        faults["may_be_found"] = gettext_lazy(
            "A child without a parent or guardian is never shown to people who search. "
            "Tell the protection officer; they look for the family."
        )
    return faults | too_long(member)


def too_long(entered: Any) -> dict[str, Any]:
    """Field → sentence for texts longer than the record holds."""
    return {
        name: _("This is longer than %(most)d letters. Shorten it.") % {"most": most}
        for name, most in LONGEST.items()
        if len(getattr(entered, name, "")) > most
    }
