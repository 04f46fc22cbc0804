"""Persons and notes → PFIF of any version, as documents and as Atom feeds, piece by piece. Pure.

Fields stand in the order of the specification, which the strict versions (1.1, 1.2) demand and the later ones allow. What an older
version has no field for goes into its ``other`` as a named block, which ``reading`` understands; a placeholder, which says that a
record's time is over, exists from 1.3 on and is left out before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from missing_persons.pfif import values
from missing_persons.pfif.records import PfifNote, PfifPerson
from missing_persons.pfif.versions import NEWEST, PLACEHOLDER, RENAMED, Version

ATOM = "http://www.w3.org/2005/Atom"
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WRITTEN = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

Group = tuple[PfifPerson, Iterable[PfifNote]]


def document(groups: Iterable[Group | PfifNote], version: Version = NEWEST) -> Iterator[str]:
    """A whole ``pfif:pfif`` document: persons with their notes inside, and notes by themselves (from 1.2 on)."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<pfif:pfif xmlns:pfif="{version.namespace}">\n'
    for group in groups:
        if isinstance(group, PfifNote):
            yield note_element(group, version)
        else:
            yield person_element(group[0], group[1], version)
    yield "</pfif:pfif>\n"


def person_element(person: PfifPerson, notes: Iterable[PfifNote] = (), version: Version = NEWEST) -> str:
    """One ``pfif:person``; "" for a placeholder in a version that has none."""
    if person.is_placeholder:
        if not version.has_expiry:
            return ""
        parts = [_element(name, _text(getattr(person, name))) for name in version.person if name in PLACEHOLDER]
        return f"<pfif:person>\n{''.join(part for part in parts if part)}</pfif:person>\n"
    parts = _parts(version.person, version.person_must, _person_getter(person, version))
    inside = "".join(note_element(note, version) for note in notes)
    return f"<pfif:person>\n{parts}{inside}</pfif:person>\n"


def note_element(note: PfifNote, version: Version = NEWEST) -> str:
    """One ``pfif:note``."""
    parts = _parts(version.note, version.note_must, lambda name: getattr(note, RENAMED.get(name, name)))
    return f"<pfif:note>\n{parts}</pfif:note>\n"


def _parts(names: tuple[str, ...], must: frozenset[str], get: Callable[[str], Any]) -> str:
    written = []
    for name in names:
        text = _text(get(name))
        if text or name in must:
            written.append(_element(name, text, always=True))
    return "".join(written)


def _person_getter(person: PfifPerson, version: Version) -> Callable[[str], Any]:
    def get(name: str) -> Any:
        if name == "other":
            return _other(person, "full_name" in version.person)
        if name == "age":
            return values.age_text(person.age) if person.age else ""
        if name in ("first_name", "given_name") and "full_name" not in version.person:
            # 1.1 and 1.2 know no whole name: it goes where a reader will look for it.
            return person.given_name or ("" if person.family_name else " ".join(person.full_name))
        return getattr(person, RENAMED.get(name, name))

    return get


def _other(person: PfifPerson, has_full_name: bool) -> str:
    """What 1.4 has fields for, as the blocks of 1.1 to 1.3."""
    parts = f"{person.given_name} {person.family_name}".strip()
    blocks = {
        "full_name": list(person.full_name) if parts and not has_full_name and person.full_name != (parts,) else [],
        "description": person.description.split("\n") if person.description else [],
        "alternate_names": list(person.alternate_names),
        "profile_urls": list(person.profile_urls),
    }
    return "\n".join(
        "\n".join([f"{name}:", *(f"    {line}" for line in lines)]) for name, lines in blocks.items() if lines
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"
    return "\n".join(value)


def _element(name: str, text: str, *, always: bool = False) -> str:
    return f"<pfif:{name}>{escaped(text)}</pfif:{name}>\n" if text or always else ""


def escaped(text: str) -> str:
    """Text as it stands in XML; what XML cannot hold at all is left out."""
    return _SPECIAL.sub(lambda found: _WRITTEN.get(found[0], ""), text)


@dataclass(frozen=True)
class Feed:
    """What stands above the entries. address: of the feed itself. updated: of its newest entry."""

    address: str
    title: str
    updated: datetime
    subtitle: str = ""


def person_feed(feed: Feed, groups: Iterable[Group], version: Version = NEWEST) -> Iterator[str]:
    """An Atom feed of persons with their notes inside, one entry each."""
    yield _feed_head(feed, version)
    for person, notes in groups:
        element = person_element(person, notes, version)
        if element:
            title = ", ".join(person.full_name[:1]) or person.person_record_id
            yield _entry(element, person.person_record_id, title, person)
    yield "</feed>\n"


def note_feed(feed: Feed, notes: Iterable[PfifNote], version: Version = NEWEST) -> Iterator[str]:
    """An Atom feed of notes, one entry each."""
    yield _feed_head(feed, version)
    for note in notes:
        title = note.text.split("\n")[0][:80] or note.note_record_id
        yield _entry(note_element(note, version), note.note_record_id, title, note)
    yield "</feed>\n"


def _feed_head(feed: Feed, version: Version) -> str:
    address = escaped(feed.address).replace('"', "&quot;")
    subtitle = f"<subtitle>{escaped(feed.subtitle)}</subtitle>\n" if feed.subtitle else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="{ATOM}" xmlns:pfif="{version.namespace}">\n'
        f"<id>{address}</id>\n<title>{escaped(feed.title)}</title>\n{subtitle}<updated>{_text(feed.updated)}</updated>\n"
        f'<link rel="self" href="{address}"/>\n'
    )


def _entry(element: str, record_id: str, title: str, record: PfifPerson | PfifNote) -> str:
    email = f"<email>{escaped(record.author_email)}</email>" if record.author_email else ""
    source = f"<source><title>{escaped(record.source_name)}</title></source>\n" if _has_source(record) else ""
    content = record.text if isinstance(record, PfifNote) else title
    moment = record.entry_date or record.source_date or datetime(1970, 1, 1, tzinfo=UTC)
    return (
        f"<entry>\n{element}<id>pfif:{escaped(record_id)}</id>\n<title>{escaped(title)}</title>\n"
        f"<author><name>{escaped(record.author_name)}</name>{email}</author>\n<updated>{_text(moment)}</updated>\n"
        f"{source}<content>{escaped(content)}</content>\n</entry>\n"
    )


def _has_source(record: PfifPerson | PfifNote) -> bool:
    return isinstance(record, PfifPerson) and bool(record.source_name)
