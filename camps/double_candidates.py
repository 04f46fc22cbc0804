"""Which registrations may be the same person: by sound of the name, or by a name with a slip of the pen in it.

Looked up by index from the newcomers' side. For a slip, one word of the name must be as it is in the other, which the index finds
among people of the same sex born within a year; the other may differ by a letter, a long one by two. Trigrams on the key, which
the search of people uses, read every name that shares an ending: where few family names are common, 40 to 60 ms a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from rapidfuzz.distance import OSA

from camps.models import Presence
from camps.names import name_key
from komek.operations.models import Operation
from komek.places.keys import plain

YEARS_APART = 2
SLIP_YEARS_APART = 1
RARE = 1
LONG_WORD = 8
HERE = [Presence.PRESENT.value, Presence.ABSENT.value]

# The newcomers' names are looked up by their index; who lives in the same household is not a double of each other.
_SAME_SOUND = """
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

# Each word of a newcomer's name, looked for as the first and as the last word of the names of people like them. OFFSET 0 keeps
# the planner from reading all people at once. ``levenshtein`` takes 255 letters at most.
_SLIPS = """
WITH fresh AS (
    SELECT p.id, p.name, p.match_key, p.sex, p.birth_year, p.birth_date, p.household_id, p.operation_id, h.phone
    FROM camps_person p JOIN camps_household h ON h.id = p.household_id
    WHERE p.id = ANY(%(fresh)s) AND p.match_key LIKE '%% %%' AND p.birth_year IS NOT NULL AND p.sex <> 'unknown'
        AND p.presence = ANY(%(here)s)
), words AS (
    SELECT id, sex, birth_year + apart AS birth_year, match_key, word
    FROM fresh, unnest(string_to_array(match_key, ' ')) AS word, unnest(%(apart)s::int[]) AS apart
    WHERE length(word) > 2
), found AS (
    SELECT w.id AS fresh_id, o.id AS other_id FROM words w CROSS JOIN LATERAL (
        SELECT id FROM camps_person
        WHERE sex = w.sex AND birth_year = w.birth_year
            AND match_key ~>=~ (w.word || ' ') AND match_key ~<~ (w.word || '!')
            AND levenshtein_less_equal(left(match_key, 255), left(w.match_key, 255), 2) BETWEEN 1 AND 2
        OFFSET 0
    ) AS o
    UNION
    SELECT w.id, o.id FROM words w CROSS JOIN LATERAL (
        SELECT id FROM camps_person
        WHERE sex = w.sex AND birth_year = w.birth_year
            AND reverse(match_key) ~>=~ (reverse(w.word) || ' ') AND reverse(match_key) ~<~ (reverse(w.word) || '!')
            AND levenshtein_less_equal(left(match_key, 255), left(w.match_key, 255), 2) BETWEEN 1 AND 2
        OFFSET 0
    ) AS o
)
SELECT f.id, f.name, o.id, o.name, f.birth_year = o.birth_year,
    COALESCE(f.birth_date = o.birth_date, FALSE) OR (f.phone <> '' AND f.phone = h.phone),
    f.household_id, o.household_id
FROM found JOIN fresh f ON f.id = found.fresh_id JOIN camps_person o ON o.id = found.other_id
JOIN camps_household h ON h.id = o.household_id
WHERE o.match_key <> f.match_key AND o.household_id <> f.household_id AND o.presence = ANY(%(here)s)
    AND (o.birth_date IS NULL OR f.birth_date IS NULL OR o.birth_date = f.birth_date)
    AND (
        o.operation_id IS NOT DISTINCT FROM f.operation_id
        OR (
            (o.operation_id IS NULL OR f.operation_id IS NULL)
            AND COALESCE(o.operation_id, f.operation_id) <> ALL(%(exercises)s)
        )
    )
"""

# Of two households: whether somebody else in both shares name, sex and age.
_SHARED = """
SELECT pair.one, pair.other FROM unnest(%(ones)s::bigint[], %(others)s::bigint[]) AS pair(one, other)
WHERE EXISTS (
    SELECT 1 FROM camps_person x
    JOIN camps_person y ON y.household_id = pair.other AND y.match_key = x.match_key AND y.sex = x.sex
        AND abs(y.birth_year - x.birth_year) <= %(years)s
    WHERE x.household_id = pair.one AND x.match_key <> ''
)
"""

Pair = tuple[int, str, int, str]


def same_sound(people: Sequence[int]) -> list[Pair]:
    """(newcomer, name, other, name) of pairs whose names sound the same, with one sign more. One query."""
    return [(one, name, other, named) for one, name, other, named in _asked(_SAME_SOUND, people, YEARS_APART)]


def slips(people: Sequence[int]) -> list[Pair]:
    """The same for names that differ by a slip. Three queries at most, however many people."""
    near = [
        (distance, *row)
        for row in _asked(_SLIPS, people, SLIP_YEARS_APART)
        if (distance := letters_apart(row[1], row[3])) is not None
    ]
    bearers: dict[int, int] = {}
    for _distance, one, *_rest in near:
        bearers[one] = bearers.get(one, 0) + 1
    shared = _share_somebody({(row[-2], row[-1]) for row in near})
    return [
        (one, name, other, named)
        for distance, one, name, other, named, same_year, is_signed, home, other_home in near
        if is_signed or (home, other_home) in shared or (distance == 1 and same_year and bearers[one] <= RARE)
    ]


def letters_apart(one: str, other: str) -> int | None:
    """How many letters are left out, added, wrong or swapped beside the words two names share; ``None``: more than a slip.

    By sound or as written, whichever is nearer: a letter left out may change the sound of its neighbours.
    """
    found = [_beside_shared(form(one).split(), form(other).split()) for form in (name_key, plain)]
    return min((letters for letters in found if letters is not None), default=None)


def _beside_shared(words: list[str], others: list[str]) -> int | None:
    rest = " ".join(sorted(word for word in words if word not in others))
    other_rest = " ".join(sorted(word for word in others if word not in words))
    most = 2 if min(len(rest), len(other_rest)) >= LONG_WORD else 1
    letters = int(OSA.distance(rest, other_rest, score_cutoff=most))
    return letters if letters <= most else None


def _share_somebody(homes: set[tuple[int, int]]) -> set[tuple[int, int]]:
    if not homes:
        return set()
    ones, others = zip(*sorted(homes), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, {"ones": list(ones), "others": list(others), "years": YEARS_APART})
        return {(one, other) for one, other in cursor.fetchall()}


def _asked(query: str, people: Sequence[int], years: int) -> list[Any]:
    exercises = list(Operation.objects.filter(is_exercise=True).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            query,
            {
                "fresh": list(people), "here": HERE, "years": years, "rare": RARE, "exercises": exercises,
                "apart": list(range(-years, years + 1)),
            },
        )  # fmt: skip
        return cursor.fetchall()
