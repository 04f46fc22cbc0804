"""PFIF → persons, notes and faults. Pure.

``read`` gives a person, then the notes that stood inside, then the next. A record that cannot be told from others (no number), that
neither names nor describes anybody, or whose name is no name is a fault with its line; a single value that cannot be meant is left
out with a fault, and the record stands. Nothing here decides what is trusted: that is the import's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from missing_persons.pfif import values
from missing_persons.pfif.records import SEXES, STATUSES, Fault, PfifNote, PfifPerson
from missing_persons.pfif.streaming import RawRecord, raw_records
from missing_persons.pfif.versions import RENAMED

LONGEST_NAME = 300  # letters; also of places
LONGEST_TEXT = 20_000
LONGEST_LINE = 500
UNREADABLE = "\ufffd"

_NAMES = frozenset({"full_name", "given_name", "family_name", "alternate_names"})
_MANY_LINES = frozenset({"full_name", "alternate_names", "profile_urls"})
_TEXTS = frozenset({"description", "text", "last_known_location"})


class _Lost(Exception):
    def __init__(self, kind: str, **said: object) -> None:
        super().__init__(kind)
        self.kind, self.said = kind, said


def read(stream: BinaryIO) -> Iterator[PfifPerson | PfifNote | Fault]:
    """All records of a file or feed in their order, and what is wrong with it. Takes the memory of its largest record."""
    for raw in raw_records(stream):
        if isinstance(raw, Fault):
            yield raw
        else:
            yield from _records(raw)


def _records(raw: RawRecord) -> Iterator[PfifPerson | PfifNote | Fault]:
    if raw.kind == "note":
        yield from _note(raw, "")
        return
    faults = raw.faults
    number = raw.fields.get("person_record_id", "").strip()
    try:
        person = _person(raw, faults)
    except _Lost as lost:
        yield Fault(raw.line, lost.kind, lost.said, number[:255], is_lost=True)
        # The notes are somebody else's words about somebody who may be known: they stand by themselves.
        number = number if lost.kind not in ("no_number", "bad_number") else ""
    else:
        number = person.person_record_id
        yield person
    yield from (Fault(fault.line, fault.kind, fault.values, number[:255], fault.is_lost) for fault in faults)
    for note in raw.notes:
        yield from _note(note, number)


def _person(raw: RawRecord, faults: list[Fault]) -> PfifPerson:
    given = _renamed(raw.fields)
    kept: dict[str, Any] = {}
    if "other" in given:
        _take_other(given)
    for name, text in given.items():
        value = _value(name, text, raw.line, faults)
        if value not in (None, "", ()):
            kept[name] = value
    if "person_record_id" not in kept:
        raise _Lost("no_number", field="person_record_id")
    if "date_of_birth" in kept:
        kept["born"] = values.birth(kept["date_of_birth"])
    person = PfifPerson(**kept, original=raw.fields, version=raw.version.number, line=raw.line)
    if not person.full_name and (person.given_name or person.family_name):
        person.full_name = (f"{person.given_name} {person.family_name}".strip(),)
    # "?" and "---" stand for people nobody knows by name: these are told by what they look like.
    person.full_name, person.alternate_names = _with_letters(person.full_name), _with_letters(person.alternate_names)
    if not (person.full_name or person.alternate_names or person.description or person.is_placeholder):
        raise _Lost("nameless")
    return person


def _with_letters(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if any(letter.isalpha() or letter == UNREADABLE for letter in name))


def _note(raw: RawRecord, inside: str) -> Iterator[PfifNote | Fault]:
    number = raw.fields.get("note_record_id", "").strip()[:255]
    try:
        note = _built_note(raw, inside)
    except _Lost as lost:
        yield Fault(raw.line, lost.kind, lost.said, number, is_lost=True)
    else:
        yield note
    yield from (Fault(fault.line, fault.kind, fault.values, number, fault.is_lost) for fault in raw.faults)


def _built_note(raw: RawRecord, inside: str) -> PfifNote:
    kept: dict[str, Any] = {}
    for name, text in _renamed(raw.fields).items():
        value = _value(name, text, raw.line, raw.faults)
        if value not in (None, "", ()):
            kept[name] = value
    if "note_record_id" not in kept:
        raise _Lost("no_number", field="note_record_id")
    if inside and kept.setdefault("person_record_id", inside) != inside:
        raise _Lost("note_of_another", person=kept["person_record_id"], inside=inside[:255])
    if "person_record_id" not in kept:
        raise _Lost("note_of_nobody")
    return PfifNote(**kept, original=raw.fields, version=raw.version.number, line=raw.line)


def _renamed(fields: dict[str, str]) -> dict[str, str]:
    """Under their names of 1.4; where a file has both, that of 1.4 counts."""
    renamed = {RENAMED[name]: text for name, text in fields.items() if name in RENAMED}
    return renamed | {name: text for name, text in fields.items() if name not in RENAMED}


def _take_other(given: dict[str, str]) -> None:
    """The blocks that ``other`` of 1.1 to 1.3 has for what are fields in 1.4; what is left joins the description."""
    parts = values.blocks(given.pop("other"))
    for name in ("full_name", "alternate_names", "profile_urls"):
        if name in parts:
            given.setdefault(name, parts.pop(name))
    texts = [given.get("description", ""), parts.pop("description", ""), parts.pop("", "")]
    texts += [f"{name}: {text}" for name, text in parts.items()]
    given["description"] = "\n".join(text for text in texts if text)


def _moment(text: str) -> datetime | None:
    return values.moment(text)


def _birth(text: str) -> str:
    values.birth(text)
    return text


def _sex(text: str) -> str:
    return _one_of(SEXES, {"f": "female", "m": "male"}.get(text.lower(), text))


def _status(text: str) -> str:
    return _one_of(STATUSES, text)


def _one_of(known: tuple[str, ...], text: str) -> str:
    if text.lower() not in known:
        raise ValueError(text)
    return text.lower()


# How a value is read, and the kind of fault where it cannot be.
_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "entry_date": (_moment, "no_moment"),
    "expiry_date": (_moment, "no_moment"),
    "source_date": (_moment, "no_moment"),
    "date_of_birth": (_birth, "no_birth_date"),
    "age": (values.age, "no_age"),
    "sex": (_sex, "no_sex"),
    "status": (_status, "no_status"),
    "author_made_contact": (values.truth, "not_true_or_false"),
}
_NUMBERS = frozenset({"person_record_id", "note_record_id", "linked_person_record_id"})


def _value(name: str, text: str, line: int, faults: list[Fault]) -> Any:
    """A field's value, clean and of its type; None where it is left out, with a fault. Raises _Lost."""
    if UNREADABLE in text:
        faults.append(Fault(line, "unreadable_letters", {"field": name}))
    if name in _MANY_LINES:
        return _lines(name, text, line, faults)
    if name in _TEXTS:
        found = values.paragraphs(text)
        if len(found) > LONGEST_TEXT:
            faults.append(Fault(line, "text_cut", {"field": name, "longest": LONGEST_TEXT}))
        return found[:LONGEST_TEXT]
    clean = values.one_line(text)
    if not clean:
        return None
    if name in _NUMBERS:
        return _number(name, clean, line, faults)
    if name in _READERS:
        reader, kind = _READERS[name]
        try:
            return reader(clean)
        except ValueError:
            faults.append(Fault(line, kind, {"field": name, "value": clean[:60]}))
            return None
    if name in _NAMES and len(clean) > LONGEST_NAME:
        raise _Lost("name_too_long", length=len(clean), longest=LONGEST_NAME)
    if len(clean) > LONGEST_LINE:
        faults.append(Fault(line, "value_too_long", {"field": name, "longest": LONGEST_LINE}))
        return None
    return clean


def _lines(name: str, text: str, line: int, faults: list[Fault]) -> tuple[str, ...]:
    found = values.lines(text)
    longest = max(map(len, found), default=0)
    if name in _NAMES and longest > LONGEST_NAME:
        raise _Lost("name_too_long", length=longest, longest=LONGEST_NAME)
    if len(found) > 50 or longest > LONGEST_TEXT:
        faults.append(Fault(line, "too_many_lines", {"field": name, "most": 50}))
    return tuple(part[:LONGEST_TEXT] for part in found[:50])


def _number(name: str, text: str, line: int, faults: list[Fault]) -> str | None:
    try:
        return values.record_id(text)
    except ValueError:
        if name == "linked_person_record_id":
            faults.append(Fault(line, "no_link", {"value": text[:60]}))
            return None
        raise _Lost("bad_number", value=text[:60]) from None
