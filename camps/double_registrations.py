"""Finding people who may be registered twice: same name by sound, sex and age that fit, and one sign more.

In lists of hundreds of thousands a name alone says little, so a pair is flagged only when one of these is true as well: the same
date of birth; the same telephone of the household; another member of the two households shares name, sex and age too; or nobody
else bears the full name. Nobody is merged or refused by this: a person looks and answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone
from rapidfuzz.fuzz import token_sort_ratio

from camps.models import DuplicateFlag, Household, Person, Presence
from komek.operations.models import Operation
from komek.places.keys import plain
from komek.records.actor import SYSTEM, Actor, acting

AT_ONCE = 2000
YEARS_APART = 2
RARE = 1
HERE = [Presence.PRESENT.value, Presence.ABSENT.value]

# The newcomers' names are looked up by their index; who lives in the same household is not a double of each other.
_PAIRS = """
WITH fresh AS (
    SELECT p.id, p.name, p.match_key, p.sex, p.birth_year, p.birth_date, p.household_id, p.operation_id, h.phone
    FROM camps_person p JOIN camps_household h ON h.id = p.household_id
    WHERE p.id = ANY(%(fresh)s) AND p.match_key <> '' AND p.presence = ANY(%(here)s)
), alike AS (
    SELECT f.id AS fresh_id, f.name AS fresh_name, o.id AS other_id, o.name AS other_name,
        f.household_id AS fresh_household, o.household_id AS other_household,
        f.match_key, f.phone <> '' AND f.phone = h.phone AS same_phone,
        COALESCE(f.birth_date = o.birth_date, FALSE) AS same_birth_date,
        (o.sex = f.sex OR o.sex = 'unknown' OR f.sex = 'unknown')
            AND (o.birth_year IS NULL OR f.birth_year IS NULL OR abs(o.birth_year - f.birth_year) <= %(years)s)
            AND (o.birth_date IS NULL OR f.birth_date IS NULL OR o.birth_date = f.birth_date) AS fits,
        count(*) OVER (PARTITION BY f.id) AS bearers
    FROM fresh f
    JOIN camps_person o ON o.match_key = f.match_key AND o.household_id <> f.household_id AND o.presence = ANY(%(here)s)
    JOIN camps_household h ON h.id = o.household_id
    WHERE o.operation_id IS NOT DISTINCT FROM f.operation_id
        OR (
            (o.operation_id IS NULL OR f.operation_id IS NULL)
            AND COALESCE(o.operation_id, f.operation_id) <> ALL(%(exercises)s)
        )
)
SELECT fresh_id, fresh_name, other_id, other_name FROM alike
WHERE fits AND (same_birth_date OR same_phone
    OR (bearers <= %(rare)s AND match_key LIKE '%% %%')
    OR EXISTS (
        SELECT 1 FROM camps_person x
        JOIN camps_person y ON y.match_key = x.match_key AND y.household_id = other_household AND y.id <> other_id
            AND y.sex = x.sex AND abs(y.birth_year - x.birth_year) <= %(years)s
        WHERE x.household_id = fresh_household AND x.id <> fresh_id AND x.match_key <> ''
    ))
"""


@transaction.atomic
def compare(people: Sequence[int], *, by: Actor = SYSTEM) -> list[DuplicateFlag]:
    """Compare these people (keys) with everybody registered in their operation, and flag those who may be the same.

    A pair that somebody answered stays answered. Gives the flags that are new. A constant number of queries for each 2,000.
    """
    made: list[DuplicateFlag] = []
    exercises = list(Operation.objects.filter(is_exercise=True).values_list("pk", flat=True))
    for begin in range(0, len(people), AT_ONCE):
        batch = list(people[begin : begin + AT_ONCE])
        with connection.cursor() as cursor:
            cursor.execute(
                _PAIRS,
                {"fresh": batch, "here": HERE, "years": YEARS_APART, "rare": RARE, "exercises": exercises},
            )
            found = cursor.fetchall()
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
