"""Finding people who may be registered twice: same name by sound or but for a slip, sex and age that fit, and one sign more.

In lists of hundreds of thousands a name alone says little, so a pair is flagged only when one of these is true as well: the same
date of birth; the same telephone of the household; another member of the two households shares name, sex and age too; or nobody
else bears the full name. Nobody is merged or refused by this: a person looks and answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from rapidfuzz.fuzz import token_sort_ratio

from camps.double_candidates import same_sound, slips
from camps.models import DuplicateFlag, Household, Person
from komek.places.keys import plain
from komek.records.actor import SYSTEM, Actor, acting

AT_ONCE = 2000


@transaction.atomic
def compare(people: Sequence[int], *, by: Actor = SYSTEM) -> list[DuplicateFlag]:
    """Compare these people (keys) with everybody registered in their operation, and flag those who may be the same.

    A pair that somebody answered stays answered. Gives the flags that are new. A constant number of queries for each 2,000.
    """
    made: list[DuplicateFlag] = []
    for begin in range(0, len(people), AT_ONCE):
        batch = list(people[begin : begin + AT_ONCE])
        found = [*same_sound(batch), *slips(batch)]
        pairs = {
            (min(one, other), max(one, other)): likeness(name, other_name) for one, name, other, other_name in found
        }
        known = set(
            DuplicateFlag.objects.filter(first__in={one for one, _other in pairs}).values_list("first_id", "second_id")
        )
        with acting(by):
            made += DuplicateFlag.objects.bulk_create(
                [
                    DuplicateFlag(first_id=first, second_id=second, likeness=alike)
                    for (first, second), alike in sorted(pairs.items())
                    if (first, second) not in known
                ],
                ignore_conflicts=True,
            )
        Person.objects.filter(pk__in=batch).update(compared_at=timezone.now())
    return made


def compare_people_of(households: Iterable[Household]) -> list[DuplicateFlag]:
    """The same for the members of households that were just registered and not compared yet."""
    fresh = Person.objects.filter(household__in=[household.pk for household in households], compared_at=None)
    return compare(list(fresh.order_by("pk").values_list("pk", flat=True)))


def compare_newcomers(limit: int = 20_000) -> int:
    """Compare whoever was not looked at since they were entered or changed; gives how many there were."""
    keys = list(Person.objects.filter(compared_at=None).order_by("pk").values_list("pk", flat=True)[:limit])
    for begin in range(0, len(keys), AT_ONCE):
        compare(keys[begin : begin + AT_ONCE])
    return len(keys)


def likeness(one: str, other: str) -> Decimal:
    """How alike two names are as written, 0 to 1, whatever the order of their words and their script."""
    ratio = token_sort_ratio(plain(one), plain(other)) / 100
    return Decimal(str(round(ratio, 3)))
