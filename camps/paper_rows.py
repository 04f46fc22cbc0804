"""A paper list as typed, row by row, into households; what is wrong is said at its row and column. No database.

A row is one person (or, where a site registers households only, one household). A household begins with the first row, with
a new number in the first column, or, where no numbers are written, with a row marked as head.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps import paper_words
from camps.entries import LARGEST_HOUSEHOLD, OLDEST_YEARS, Entry, Member, faults_of, member_faults
from camps.models import RegistrationLevel, RelationToHead, Sex

MOST_ROWS = 1000
SHARED = ("tent", "phone", "origin")
TITLES = {
    "number": gettext_lazy("No."),
    "name": gettext_lazy("Name"),
    "people": gettext_lazy("People"),
    "sex": gettext_lazy("Sex"),
    "age": gettext_lazy("Age"),
    "relation": gettext_lazy("Relation"),
    "needs": gettext_lazy("Needs"),
    "tent": gettext_lazy("Tent"),
    "phone": gettext_lazy("Telephone"),
    "origin": gettext_lazy("Came from"),
}
COLUMNS = {
    RegistrationLevel.PEOPLE: ("number", "name", "sex", "age", "relation", "needs", *SHARED),
    RegistrationLevel.HOUSEHOLDS: ("number", "name", "people", *SHARED),
    RegistrationLevel.NONE: (),
}
# Which column of the grid a fault of the household is shown at.
_SHOWN_AT = {"head_name": "name", "size": "people", "shelter_unit": "tent", "birth_date": "age"}
_MONTHS = re.compile(r"^(\d{1,2})\s*(?:m|mo|mon|months?|мес\w*|м|aý|aýlyk|oy|oylik|ой|ay|aylıq)\.?$", re.IGNORECASE)
_DAY_FIRST = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_YEAR_FIRST = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")


@dataclass
class PaperRow:
    """One row as typed. place: its place on the page, from 0. cells: column → text."""

    place: int
    row_id: UUID
    cells: dict[str, str]

    def says(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class PaperList:
    """Households in the order of the list; ``faults``: (place of the row, column) → sentence."""

    entries: list[Entry] = field(default_factory=list)
    faults: dict[tuple[int, str], str] = field(default_factory=dict)

    def blame(self, row: PaperRow, column: str, sentence: Any) -> None:
        self.faults.setdefault((row.place, column), str(sentence))


def read_rows(typed: Iterable[Mapping[str, str]], *, level: str, shared: Mapping[str, Any]) -> PaperList:
    """Rows as typed (column → text, and ``row_id``) into entries. shared: fields of ``Entry`` that hold for the whole list."""
    rows = [row for row in (_clean(place, cells) for place, cells in enumerate(typed)) if any(row.cells.values())]
    found = PaperList()
    if len(rows) > MOST_ROWS:
        found.blame(rows[MOST_ROWS], "name", _("Save this list in parts of %(most)d rows.") % {"most": MOST_ROWS})
        return found
    groups = [[row] for row in rows] if level == RegistrationLevel.HOUSEHOLDS else _by_household(rows, found)
    for group in groups:
        make = _household_only if level == RegistrationLevel.HOUSEHOLDS else _household_with_people
        entry = make(group, found, dict(shared))
        found.entries.append(entry)
        _blame_household(entry, group, found, lists_everybody=level == RegistrationLevel.PEOPLE)
    return found


def _clean(place: int, typed: Mapping[str, str]) -> PaperRow:
    """Without control characters and spaces at the ends; a row without an id of its own gets one."""
    cells = {
        name: " ".join("".join(c if c.isprintable() else " " for c in text).split())
        for name, text in typed.items()
        if name != "row_id"
    }
    try:
        row_id = UUID(typed.get("row_id", ""))
    except ValueError:
        row_id = uuid4()
    return PaperRow(place, row_id, cells)


def _by_household(rows: Sequence[PaperRow], found: PaperList) -> list[list[PaperRow]]:
    groups: list[list[PaperRow]] = []
    numbers: list[str] = []
    for row in rows:
        number = row.says("number")
        is_head = paper_words.RELATIONS.get(paper_words.folded(row.says("relation"))) == RelationToHead.HEAD
        if groups and (number == numbers[-1] if number else not is_head):
            groups[-1].append(row)
            continue
        if number and number in numbers:
            found.blame(
                row, "number",
                _("Household %(number)s stands further up already. Put its rows together, or correct the number.")
                % {"number": number},
            )  # fmt: skip
        groups.append([row])
        numbers.append(number)
    return groups


def _household_only(group: Sequence[PaperRow], found: PaperList, shared: dict[str, Any]) -> Entry:
    row = group[0]
    size = _whole_number(row.says("people"))
    if row.says("people") and size is None:
        found.blame(row, "people", _("“%(text)s” is not a number of people.") % {"text": row.says("people")})
    return Entry(
        head_name=row.says("name"), entry_id=row.row_id, size=1 if size is None else size, **_joined(group), **shared
    )


def _household_with_people(group: Sequence[PaperRow], found: PaperList, shared: dict[str, Any]) -> Entry:
    members = [_member(row, found) for row in group]
    if not group[0].says("relation") and not any(member.relation == RelationToHead.HEAD for member in members):
        members[0].relation = RelationToHead.HEAD
    for row, member in zip(group, members, strict=True):
        for name, sentence in member_faults(member).items():
            found.blame(row, _SHOWN_AT.get(name, name), sentence)
    head = next((member for member in members if member.relation == RelationToHead.HEAD), members[0])
    return Entry(head_name=head.name, entry_id=group[0].row_id, members=members, **_joined(group), **shared)


def _member(row: PaperRow, found: PaperList) -> Member:
    age, birth_date = _age(row, found)
    return Member(
        name=row.says("name"),
        sex=_word(row, "sex", paper_words.SEXES, Sex.UNKNOWN, found, _("Write f or m, or leave it empty when it is not known.")),
        age=age,
        birth_date=birth_date,
        relation=_word(
            row, "relation", paper_words.RELATIONS, RelationToHead.OTHER_RELATIVE, found,
            _("Use one of the letters above the list, or leave it empty."),
        ),
        needs=_needs(row, found),
        entry_id=row.row_id,
    )  # fmt: skip


def _word(row: PaperRow, column: str, table: Mapping[str, str], otherwise: str, found: PaperList, advice: str) -> str:
    text = row.says(column)
    known = table.get(paper_words.folded(text)) if text else otherwise
    if known is None:
        found.blame(row, column, _("“%(text)s” is not understood.") % {"text": text[:40]} + " " + advice)
    return known or otherwise


def _needs(row: PaperRow, found: PaperList) -> list[str]:
    text = row.says("needs")
    whole = paper_words.NEEDS.get(paper_words.folded(text)) if text else None
    if whole:
        return [whole]
    needs = []
    for word in re.split(r"[\s,;/+]+", text):
        need = paper_words.NEEDS.get(paper_words.folded(word)) if word else None
        if word and need is None:
            found.blame(
                row, "needs", _("“%(text)s” is not understood.") % {"text": word[:40]}
                + " " + _("Use one of the letters above the list, or leave it empty."),
            )  # fmt: skip
        if need and need not in needs:
            needs.append(need)
    return needs


def _age(row: PaperRow, found: PaperList) -> tuple[int | None, date | None]:
    """Years, or a date of birth: ``34``, ``6 m`` (months), ``1991`` (year of birth), ``12.03.1991``."""
    text = row.says("age")
    if not text:
        return None, None
    months = _MONTHS.match(text)
    if months:
        return int(months[1]) // 12, None
    years = _whole_number(text)
    this_year = timezone.localdate().year
    if years is not None and this_year - OLDEST_YEARS <= years <= this_year:
        return this_year - years, None
    if years is not None:
        return years, None
    birth_date = _day(text)
    if birth_date is None:
        sentence = _(
            "“%(text)s” is not an age. Write years (34), months (6 m), a year of birth (1991) or a date (12.03.1991)."
        )
        found.blame(row, "age", sentence % {"text": text[:40]})
    return None, birth_date


def _day(text: str) -> date | None:
    """A date, day first as people write it or year first as spreadsheets do; ``None`` when it is none."""
    day_first, year_first = _DAY_FIRST.match(text), _YEAR_FIRST.match(text)
    parts = day_first.groups()[::-1] if day_first else year_first.groups() if year_first else ()
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:  # the 31st of February
        return None


def _whole_number(text: str) -> int | None:
    """A number as spreadsheets also write it: ``4``, ``4.0``; ``None`` when it is none."""
    match = re.fullmatch(r"(\d{1,6})(?:[.,]0+)?", text)
    return int(match[1]) if match else None


def _joined(group: Sequence[PaperRow]) -> dict[str, str]:
    """What a household shares, written at one of its rows or at each."""
    told = {column: ", ".join(dict.fromkeys(filter(None, (row.says(column) for row in group)))) for column in SHARED}
    return {"shelter_unit": told["tent"], "phone": told["phone"], "origin": told["origin"]}


def _blame_household(entry: Entry, group: Sequence[PaperRow], found: PaperList, *, lists_everybody: bool) -> None:
    """Faults of the household as a whole, at its first row; those of its people stand at theirs already."""
    ours = {"head_name", "size", "shelter_unit", "phone", "origin", "relation"}
    if lists_everybody:
        ours.discard("head_name")
    for name, sentence in faults_of(entry, lists_everybody=lists_everybody).items():
        if name in ours:
            column = _SHOWN_AT.get(name, name)
            found.blame(group[0], column if column in TITLES else "name", sentence)
    if lists_everybody and len(group) > LARGEST_HOUSEHOLD:
        found.blame(group[0], "number", _("Did a number get lost? This household has %(n)d rows.") % {"n": len(group)})
