"""Finding people by name in any script and spelling; and whom a new report may be about.

Steps: 1. the question's keys fetch candidates through one index, the closest tier first, each tier bounded, so that a common
name costs no more than a rare one; 2. within a tier the database ranks by sound and birth; 3. what is left is compared field by
field (``missing_persons.names.evidence``). The same statements are run whether somebody is found or not, and persons whom the
public may not see are left out in the database, so that time tells nothing about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from missing_persons.filing import file_everybody, read_form, refresh_keys, salt_of, written_form
from missing_persons.models import Person, Sex
from missing_persons.models.search_entry import SearchEntry
from missing_persons.names.evidence import SUGGESTED, Born, Comparison, Description, Place, Verdict, compare
from missing_persons.names.keys import question_of
from missing_persons.names.likeness import UNLIKE, Likeness, best_likeness
from missing_persons.names.words import Name, words_of
from missing_persons.refusals import Refused

__all__ = ["Hit", "Query", "file_everybody", "find_people", "refresh_keys", "suggest_for", "what_is_missing"]

MOST_SHOWN = 20
MOST_SUGGESTED = 20
# Rows that a tier may read, and rows of it that are compared: fine, broad, near. Without an age more have the same name.
READ_OF_TIER = (3_000, 2_000, 1_000)
COMPARED_OF_TIER = (40, 25, 20)
READ_WITHOUT_AGE = (6_000, 6_000, 1_500)
COMPARED_WITHOUT_AGE = (50, 40, 30)
# The index takes time for each key asked for with each row found, so it is asked for a few keys at a time: 685 keys that find 2,823
# rows of a million took 54 ms at once and 11 ms in parts.
KEYS_AT_ONCE = 40
# Of so many the places are read and compared as well.
COMPARED_BY_PLACE = 30
SHORTEST_WORD = 2
# So alike must a name be for the public: a slip or another spelling, not another name.
CLOSE = 0.8
# So far beside the age asked for somebody is still compared; a report's own birth date may have a slip in the year.
AGE_SLACK = timedelta(days=3 * 366)
AGE_SLACK_OF_RECORDS = timedelta(days=10 * 366)


@dataclass(frozen=True, slots=True)
class Query:
    """Who is looked for. ``name``: as somebody types it; ``sex``: a value of ``Sex`` or empty; ``born_from``, ``born_to``: see
    ``missing_persons.ages``; ``place``: a place they may live or have been seen in.
    """

    name: str
    sex: str = ""
    born_from: date | None = None
    born_to: date | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody found. ``score``: 0–1. ``evidence``: a dictionary for each field: ``field`` (name, sex, born, home, last_seen, place),
    ``verdict`` (equal, compatible, different, blank), ``bits`` for or against, ``first`` and ``second``: what was compared.
    """

    person: Person
    score: float
    evidence: list[dict[str, Any]]

    @property
    def person_id(self) -> int:
        return self.person.pk


def what_is_missing(query: Query, *, public: bool) -> str:
    """A sentence that says what the question lacks, empty when it may be asked.

    The public needs two words in full, or one with an age: a single name would be a list of everybody who bears it.
    """
    words = words_of(query.name)
    if not words:
        return _("Write the name of the person, in any alphabet.")
    if not public:
        return ""
    in_full = [word for word in words if not word.is_initial and len(word.spelling) >= SHORTEST_WORD]
    if len(in_full) >= 2 or (in_full and (query.born_from or query.born_to)):
        return ""
    return _("Write at least two names in full, such as the given name and the family name; or one name and the age.")


def find_people(
    query: Query, *, operation: Any, public: bool, limit: int = MOST_SHOWN, among: QuerySet[Person] | None = None
) -> list[Hit]:
    """People of an operation (``None``: the standing register) who may be the one asked for, the likeliest first.

    public: only those whom everybody may see, and only close fits. Otherwise the caller gives ``among``, what the viewer may see.
    As many queries whatever is found. Raises Refused when the question lacks something.
    """
    if lacking := what_is_missing(query, public=public):
        raise Refused({"name": lacking})
    form = written_form(whole=query.name[:400])
    asked = _Asked(
        (form,),
        Description(
            names=(read_form(form),),
            sex=query.sex,
            born=_born(query.born_from, query.born_to),
            places={"place": Place(query.place)},
        ),
    )
    found = _fetched(asked, operation.pk if operation else None, public=public)
    least = CLOSE if public else UNLIKE
    close = [
        one
        for one in _compared(asked, found)
        if one.comparison.likeness.score >= least and _is_shown(one.comparison, public=public)
    ]
    everybody = Person.objects.all() if among is None else among
    ranked = _compared_by_place(asked, close[:COMPARED_BY_PLACE], everybody)
    return [_hit(asked, one) for one in ranked[: min(limit, MOST_SHOWN)]]


def suggest_for(person: Person, *, limit: int = MOST_SUGGESTED) -> list[Hit]:
    """Other persons of the same operation who may be this one, the likeliest first, whoever may see them. For a new report."""
    entry = SearchEntry.objects.filter(person=person).first()
    if entry is None:
        return []
    forms = tuple(entry.names.split("\n"))
    asked = _Asked(
        forms,
        Description(
            names=tuple(map(read_form, forms)),
            sex=person.sex,
            born=_born(person.born_from, person.born_to),
            places=places_of(_with_areas(Person.objects.filter(pk=person.pk)).get()),
        ),
        own_id=person.pk,
    )
    found = _fetched(asked, person.operation_id, public=False)
    ranked = _compared_by_place(asked, _compared(asked, found)[: COMPARED_BY_PLACE * 2], Person.objects.all())
    likely = [one for one in ranked if one.comparison.score >= SUGGESTED and one.comparison.likeness.score >= UNLIKE]
    return [_hit(asked, one) for one in likely[:limit]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked: forms of the name as written, with what is known of the person."""

    forms: tuple[str, ...]
    description: Description
    own_id: int = 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row of the index, compared; with its person once that was read."""

    person_id: int
    forms: tuple[str, ...]
    description: Description
    comparison: Comparison
    person: Person | None = None


_TIER = """
(SELECT person_id, names, sex, born_from, born_to FROM (
    SELECT person_id, names, sex, born_from, born_to, sounds FROM {table}
    WHERE ({shares_a_key}) AND operation_id IS NOT DISTINCT FROM %(operation)s {narrow} LIMIT {read}
) AS near
WHERE born_from IS NULL OR %(not_before)s::date IS NULL OR (born_from <= %(not_after)s AND born_to >= %(not_before)s)
ORDER BY similarity(sounds, %(sounds)s)
    + CASE WHEN born_from <= %(born_to)s AND born_to >= %(born_from)s THEN 0.5
           WHEN born_from IS NULL OR %(born_from)s::date IS NULL THEN 0.2 ELSE 0 END
    + CASE WHEN sex = %(sex)s THEN 0.1 ELSE 0 END DESC, person_id LIMIT {most})
"""


# The planner takes hundreds of rare keys for a large part of the table, and would read all of it: 160 ms for 20,000 people, not 1.
_THROUGH_THE_INDEX = (
    "SET LOCAL enable_seqscan = off; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0"
)
_AS_BEFORE = "SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL jit TO DEFAULT; SET LOCAL max_parallel_workers_per_gather TO DEFAULT"


def _fetched(asked: _Asked, operation_id: int | None, *, public: bool) -> list[tuple[Any, ...]]:
    """Rows of the index that share a key with what is asked, each person once."""
    born = asked.description.born
    margin = _birth_margin(born, AGE_SLACK if public or not asked.own_id else AGE_SLACK_OF_RECORDS)
    question = question_of(
        asked.description.names,
        salt=salt_of(operation_id),
        born=(born.earliest, born.latest) if born else None,
        within=margin,
        places=[place.name for place in asked.description.places.values()],
    )
    read = READ_OF_TIER if born else READ_WITHOUT_AGE
    most = COMPARED_OF_TIER if born else COMPARED_WITHOUT_AGE
    values: dict[str, Any] = {}
    tiers = []
    for n, keys in enumerate((question.fine, question.broad, question.near)):
        chunks = {
            f"keys_{n}_{at}": "{" + ",".join(map(str, keys[at : at + KEYS_AT_ONCE])) + "}"
            for at in range(0, max(1, len(keys)), KEYS_AT_ONCE)
        }
        values |= chunks
        tiers.append(
            _TIER.format(
                table=connection.ops.quote_name(SearchEntry._meta.db_table),
                shares_a_key=" OR ".join(f"keys && %({name})s::int[]" for name in chunks),
                narrow="AND is_public" if public else "",
                read=read[n],
                most=most[n],
            )
        )
    values |= {
        "operation": operation_id,
        "sounds": _sounds_of(asked.description.names),
        "not_before": margin[0] if margin else None,
        "not_after": margin[1] if margin else None,
        "born_from": born.earliest if born else None,
        "born_to": born.latest if born else None,
        "sex": asked.description.sex,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_THROUGH_THE_INDEX)
        cursor.execute("UNION ALL".join(tiers), values)
        rows = {row[0]: row for row in reversed(cursor.fetchall()) if row[0] != asked.own_id}
        cursor.execute(_AS_BEFORE)
    return list(rows.values())


def _birth_margin(born: Born | None, slack: timedelta) -> tuple[date, date] | None:
    """The first and last day of birth; whoever was born outside is not compared."""
    if born is None:
        return None
    earliest, latest = born.earliest, born.latest
    return (
        earliest - slack if earliest - date.min > slack else date.min,
        latest + slack if date.max - latest > slack else date.max,
    )


def _sounds_of(names: Iterable[Name]) -> str:
    return " ".join(dict.fromkeys(word.sounds[0] for name in names for word in name if word.sounds))[:300]


def _compared(asked: _Asked, rows: Iterable[Sequence[Any]]) -> list[_Candidate]:
    """Candidates by name, sex and birth, the likeliest first."""
    without_place = replace(asked.description, places={})
    found = []
    # Namesakes are often written alike, letter by letter, and their names are compared once.
    known: dict[str, tuple[tuple[str, ...], tuple[Name, ...], Likeness]] = {}
    for person_id, names, sex, born_from, born_to in rows:
        if names not in known:
            forms = tuple(names.split("\n"))
            theirs = tuple(map(read_form, forms))
            known[names] = forms, theirs, best_likeness(without_place.names, theirs)
        forms, theirs, likeness = known[names]
        them = Description(names=theirs, sex=sex, born=_born(born_from, born_to))
        found.append(_Candidate(person_id, forms, them, compare(without_place, them, likeness=likeness)))
    return sorted(found, key=_rank)


def _compared_by_place(asked: _Asked, ranked: Sequence[_Candidate], among: QuerySet[Person]) -> list[_Candidate]:
    """The same with their places, those in ``among`` only, the likeliest first. One query."""
    # Key 0 is nobody's: with no key at all Django would not ask, and the answer would come sooner.
    keys = [0, *(one.person_id for one in ranked)]
    persons = among.filter(pk__in=keys, joined_into=None, tombstoned_at=None)
    is_placed = any(place.name or place.areas for place in asked.description.places.values())
    by_id = {person.pk: person for person in (_with_areas(persons) if is_placed else persons)}
    found = []
    for one in ranked:
        if person := by_id.get(one.person_id):
            places = places_of(person) if is_placed else {}
            if is_placed and "place" in asked.description.places:
                places = {"place": _nearer(asked.description, places)}
            theirs = replace(one.description, places=places)
            comparison = compare(asked.description, theirs, likeness=one.comparison.likeness)
            found.append(replace(one, description=theirs, comparison=comparison, person=person))
    return sorted(found, key=_rank)


def _nearer(asked: Description, places: dict[str, Place]) -> Place:
    """Of somebody's places the one that fits the place asked for best."""
    one_of = [Description((), places={"place": place}) for place in places.values()]
    return max(one_of, key=lambda theirs: compare(replace(asked, names=()), theirs).score).places["place"]


def _rank(one: _Candidate) -> tuple[float, float, int]:
    return -one.comparison.score, -one.comparison.likeness.score, one.person_id


def _is_shown(comparison: Comparison, *, public: bool) -> bool:
    """Whether nothing speaks plainly against it. The public is shown nobody of another sex or quite another age."""
    against = (Verdict.DIFFERENT,)
    if comparison.verdict("name") in against:
        return not public
    return not public or not (comparison.verdict("sex") in against or comparison.verdict("born") in against)


def _with_areas(persons: QuerySet[Person]) -> QuerySet[Person]:
    """With their areas and what these lie in; boundaries, which can be large, are left out."""
    chains = [f"{place}_area{'__parent' * up}" for place in ("home", "last_seen") for up in range(4)]
    shapes = [f"{chain}__{shape}" for chain in chains for shape in ("geometry", "centre")]
    return persons.select_related(chains[3], chains[7]).defer(*shapes)


def places_of(person: Any) -> dict[str, Place]:
    """By kind, as they are compared. Reads the areas they lie in, where the caller has not."""
    return {
        "home": _place(person.home_text, person.home_area),
        "last_seen": _place(person.last_seen_text, person.last_seen_area),
    }


def _place(text: str, area: Any) -> Place:
    codes: list[str] = []
    step = area
    while step is not None:
        codes.append(step.pcode)
        step = step.parent if len(codes) < 4 else None
    return Place(text or (str(area) if area is not None else ""), tuple(reversed(codes)))


def _born(earliest: date | None, latest: date | None) -> Born | None:
    first, last = earliest or latest, latest or earliest
    return Born(min(first, last), max(first, last)) if first and last else None


def _hit(asked: _Asked, one: _Candidate) -> Hit:
    """Evidence in words; ``first`` is the older of two persons, or what was asked for."""
    assert one.person is not None
    mine, theirs = _told(asked.description, asked.forms), _told(one.description, one.forms)
    likeness = one.comparison.likeness
    mine["name"], theirs["name"] = _form_in_words(asked.forms, likeness.left), _form_in_words(one.forms, likeness.right)
    first, second = (theirs, mine) if 0 < one.person_id < asked.own_id else (mine, theirs)
    evidence = [
        {
            "field": part.field,
            "verdict": str(part.verdict),
            "bits": round(part.bits, 1),
            "first": first.get(part.field, ""),
            "second": second.get(part.field, ""),
        }
        for part in one.comparison.evidence
    ]
    return Hit(one.person, round(one.comparison.score, 4), evidence)


def _told(description: Description, forms: Sequence[str]) -> dict[str, str]:
    born = description.born
    days = dict.fromkeys((born.earliest.isoformat(), born.latest.isoformat())) if born else {}
    return {
        "sex": description.sex if description.sex != Sex.UNKNOWN else "",
        "born": "/".join(days),
        **{kind: place.name for kind, place in description.places.items()},
    }


def _form_in_words(forms: Sequence[str], number: int) -> str:
    return " ".join(forms[number].replace("\t", " ").split()) if number < len(forms) else ""
