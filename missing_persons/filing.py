"""Filing persons under the keys of their names, so that ``missing_persons.searching`` finds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from missing_persons.models import Person, ReportedName, Visibility
from missing_persons.models.search_entry import SearchEntry
from missing_persons.names.keys import keys_of_names
from missing_persons.names.words import Name, name_from, words_of

AT_ONCE = 2_000
# So many forms of a name are filed; a person joined from hundreds of reports repeats the same few.
MOST_FORMS = 12
MOST_SOUNDS = 300

_COLUMNS = ("person_id", "operation_id", "is_public", "sex", "born_from", "born_to", "names", "sounds", "keys")


@transaction.atomic
def refresh_keys(person_ids: Iterable[int]) -> None:
    """File the names of these persons anew, after they or their reports changed: three queries for each 2,000 persons."""
    ids = sorted(set(person_ids))
    for start in range(0, len(ids), AT_ONCE):
        _file(ids[start : start + AT_ONCE])


def file_everybody() -> int:
    """File all persons anew, as after a change of the rules for keys; returns how many. Searches go on meanwhile."""
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        refresh_keys(ids[start : start + AT_ONCE])
    return SearchEntry.objects.count()


def salt_of(operation_id: int | None) -> str:
    """What an operation's keys are salted with; the standing register has none."""
    return str(operation_id or "")


def written_form(*, given: str = "", patronymic: str = "", family: str = "", whole: str = "") -> str:
    """One form of a name as ``SearchEntry.names`` keeps it."""
    return "\t".join(" ".join(part.split()) for part in (given, patronymic, family, whole))


def read_form(line: str) -> Name:
    """The words of a form that ``written_form`` wrote."""
    given, patronymic, family, whole = (line.split("\t") + ["", "", ""])[:4]
    return name_from(given=given, patronymic=patronymic, family=family, whole=whole)


def forms_of(names: Iterable[Any]) -> list[str]:
    """The different forms among the names of a person's reports (``ReportedName`` or the like), the earliest first."""
    forms: dict[str, None] = {}
    for name in names:
        parts = {"given": name.given, "patronymic": name.patronymic, "family": name.family}
        whole = name.as_written
        if name.given or name.family:
            forms[written_form(**parts)] = None
            in_parts = {word.spelling for part in parts.values() for word in words_of(part)}
            if {word.spelling for word in words_of(whole)} <= in_parts:
                continue
        if whole:
            forms[written_form(whole=whole)] = None
    return list(forms)[:MOST_FORMS]


def places_of(person: Any) -> list[str]:
    """Names of the places a person is from or was seen in: as written, and of their areas."""
    areas = [area.name for area in (person.home_area, person.last_seen_area) if area is not None]
    return [place for place in (person.home_text, person.last_seen_text, *areas) if place]


def row_of(person: Any, forms: Sequence[str]) -> tuple[Any, ...]:
    """What is filed for a person with these forms of their name, in the order of the table's columns."""
    names = [name for name in map(read_form, forms) if name]
    earliest, latest = person.born_from or person.born_to, person.born_to or person.born_from
    born = (earliest, latest) if earliest and latest else None
    sounds = " ".join(dict.fromkeys(word.sounds[0] for name in names for word in name if word.sounds))
    return (
        person.pk,
        person.operation_id,
        person.visibility == Visibility.PUBLIC,
        person.sex,
        person.born_from,
        person.born_to,
        "\n".join(forms),
        sounds[:MOST_SOUNDS],
        keys_of_names(names, salt=salt_of(person.operation_id), born=born, places=places_of(person)),
    )


def store_rows(rows: Iterable[tuple[Any, ...]]) -> None:
    """Store rows of ``row_of``, by COPY. What was filed for these persons before must be gone."""
    table = connection.ops.quote_name(SearchEntry._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row[:-1], "{" + ",".join(map(str, row[-1])) + "}"))


def _file(ids: Sequence[int]) -> None:
    persons = Person.objects.filter(pk__in=ids, joined_into=None, tombstoned_at=None)
    persons = persons.select_related("home_area", "last_seen_area").only(
        "operation_id", "visibility", "sex", "born_from", "born_to", "home_text", "last_seen_text", "home_area__name",
        "last_seen_area__name",
    )  # fmt: skip
    names = _names_of(ids)
    SearchEntry.objects.filter(person__in=ids).delete()
    store_rows(_rows(persons, names))


def _rows(persons: Iterable[Person], names: Mapping[int, list[Any]]) -> Iterator[tuple[Any, ...]]:
    return (row_of(person, forms_of(names.get(person.pk, ()))) for person in list(persons))


def _names_of(ids: Sequence[int]) -> dict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    told = ReportedName.objects.filter(report__person__in=ids, report__tombstoned_at=None).order_by(
        "report", "place", "pk"
    )
    for name in told.values_list("report__person", "given", "patronymic", "family", "as_written", named=True):
        found[name.report__person].append(name)
    return found
