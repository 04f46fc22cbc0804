"""Records out of a stream of XML, one after the other, in flat memory. Pure.

The parser is expat (Python's own, as defusedxml uses it): it keeps no tree and counts lines of any file. A document type
declaration is refused, and with it every entity bomb and every file or address that an entity could name.

Where the XML itself is broken, the record it is broken in is reported with its line, and reading goes on behind it: a new parser is
given the open elements again. Records are found wherever they stand: in ``pfif:pfif``, in entries of Atom or items of RSS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from komek.records.encodings import UnknownEncoding
from missing_persons.pfif.decoding import utf8_pieces
from missing_persons.pfif.records import Fault
from missing_persons.pfif.versions import NOTE_FIELDS, PERSON_FIELDS, Version, number_in, version_of

LONGEST_FIELD = 100_000  # letters; what is longer is cut here, and judged by ``reading``
LARGEST_RECORD = 4_000_000  # letters of a person with the notes inside
MOST_NOTES = 5_000  # inside one person
LARGEST_MARK = 4 << 20  # bytes of one tag; expat keeps it whole
DEEPEST = 40
MOST_REPAIRS = 20_000
TAIL = 1 << 18  # bytes kept to find the place of a fault in

# Where reading goes on behind broken XML, by what was broken: behind that record's end, or at the next one's beginning.
_PERSON = rb"<(?:[\w.-]+:)?person(?=[\s>/])"
_NOTE = rb"<(?:[\w.-]+:)?note(?=[\s>/])"
_GOES_ON = {
    "person": re.compile(rb"</(?:[\w.-]+:)?person\s*>|" + _PERSON),
    "note": re.compile(rb"</(?:[\w.-]+:)?note\s*>|" + _PERSON + b"|" + _NOTE),
    "": re.compile(_PERSON + b"|" + _NOTE),
}
_OVERLAP = 200  # bytes kept, so that a tag cut in two by pieces is found


@dataclass(slots=True)
class RawRecord:
    """An element ``person`` or ``note`` as it stood. fields: first value of each, uncleaned. notes: those inside a person."""

    kind: str
    version: Version
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    notes: list[RawRecord] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _Refused(Exception):
    def __init__(self, kind: str, **values: object) -> None:
        super().__init__(kind)
        self.kind, self.values = kind, values


def raw_records(stream: BinaryIO) -> Iterator[RawRecord | Fault]:
    """Every person and every note that stands by itself, and what is wrong, in the order of the file."""
    reader = _Reader()
    try:
        for piece in utf8_pieces(stream):
            reader.feed(piece)
            yield from reader.taken()
        reader.close()
    except UnknownEncoding as unknown:
        yield Fault(1, "encoding", {"name": str(unknown)}, is_lost=True, ends=True)
        return
    except _Refused as refused:
        yield from reader.taken()
        yield Fault(reader.line, refused.kind, refused.values, is_lost=True, ends=True)
        return
    yield from reader.taken()
    if not reader.has_records and not reader.is_feed:
        kind = "other_version" if reader.other_namespace else "not_pfif"
        yield Fault(1, kind, {"version": reader.other_namespace[:60]}, is_lost=True, ends=True)


class _Reader:
    """Feeds one parser after the other; ``_Handlers`` know what the elements mean."""

    def __init__(self) -> None:
        self.ready: list[RawRecord | Fault] = []
        self.has_records = False
        self.is_feed = False
        self.other_namespace = ""
        self.open: list[str] = []  # elements around records, as written
        self.bound: list[tuple[int, str, str]] = []  # depth, prefix, namespace
        self.known: dict[str, tuple[Version | None, str]] = {}
        self.record: RawRecord | None = None
        self.note: RawRecord | None = None
        self.depth = 0
        self.record_depth = 0
        self.size = 0
        self.name = ""
        self.text: list[str] | None = None
        self.length = 0
        self.is_searching = False
        self.goes_on = _GOES_ON[""]
        self.repairs = 0
        self.lines_before = 0
        self._begin("")

    # -- the stream -------------------------------------------------------------------------------------------------

    def _begin(self, prologue: str) -> None:
        parser: Any = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartNamespaceDeclHandler = self._bind
        parser.StartDoctypeDeclHandler = self._doctype
        self.parser = parser
        self.at = len(prologue.encode())  # how many bytes the parser was fed
        self.tail = b""  # what it was fed and may not have used yet
        if prologue:
            parser.Parse(prologue.encode(), False)

    @property
    def line(self) -> int:
        return int(self.lines_before + self.parser.CurrentLineNumber)

    def taken(self) -> Iterator[RawRecord | Fault]:
        ready, self.ready = self.ready, []
        return iter(ready)

    def feed(self, piece: bytes) -> None:
        while piece:
            if self.is_searching:
                piece = self._search(piece)
                continue
            begins = self.at - len(self.tail)
            data = self.tail + piece
            try:
                self.parser.Parse(piece, False)
            except expat.ExpatError as problem:
                piece = self._broken(problem, data, begins)
                continue
            self.at += len(piece)
            used = max(0, self.parser.CurrentByteIndex)
            if self.at - used > LARGEST_MARK:
                raise _Refused("mark_too_large")
            self.tail = data[max(0, used - begins, len(data) - TAIL) :]
            return

    def close(self) -> None:
        if self.is_searching:
            return  # what is broken up to the end was reported
        try:
            self.parser.Parse(b"", True)
        except expat.ExpatError as problem:
            if self.depth == 0 and not self.has_records and not self.ready:
                raise _Refused("not_xml", line=self.line) from problem
            self.ready.append(Fault(self.line, "breaks_off", {}, self._record_id(), is_lost=True, ends=True))

    # -- going on behind broken XML ---------------------------------------------------------------------------------

    def _broken(self, problem: expat.ExpatError, data: bytes, begins: int) -> bytes:
        """Report what is broken and give back what is to be searched for the next record."""
        self.repairs += 1
        if not self.open or self.repairs > MOST_REPAIRS:
            raise _Refused("not_xml" if not self.open else "too_broken", line=self.lines_before + problem.lineno)
        line = self.lines_before + problem.lineno
        where = max(0, min(self.parser.ErrorByteIndex - begins, len(data)))
        if self.record is not None:
            self._lost("broken_record", line)
        else:
            self.ready.append(Fault(line, "broken_xml", {"reason": expat.ErrorString(problem.code)}))
        self.goes_on = _GOES_ON[self.record.kind if self.record is not None else ""]
        self.record = self.note = self.text = None
        self.is_searching = True
        self.lines_before = line - 1
        # At least one byte on, lest the same tag be found again.
        return data[where + 1 :] if data[where : where + 1] != b"\n" else data[where:]

    def _search(self, data: bytes) -> bytes:
        """Look for the end of the broken record or the beginning of the next; go on from there with a new parser."""
        data = self.tail + data
        self.tail = b""
        found = self.goes_on.search(data)
        if found is None:
            self.tail = data[-_OVERLAP:]
            self.lines_before += data[: len(data) - len(self.tail)].count(b"\n")
            return b""
        place = found.end() if found[0].startswith(b"</") else found.start()
        self.lines_before += data[:place].count(b"\n")
        self.is_searching = False
        bindings = {prefix: namespace for depth, prefix, namespace in self.bound if depth <= len(self.open)}
        self.bound = [entry for entry in self.bound if entry[0] <= len(self.open)]
        declared = "".join(_declaration(prefix, namespace) for prefix, namespace in bindings.items())
        names, self.open, self.depth = self.open, [], 0
        kept = self.bound
        self._begin("".join(f"<{name}{declared if not at else ''}>" for at, name in enumerate(names)))
        self.bound = kept
        return data[place:]

    def _lost(self, kind: str, line: int) -> None:
        begins = self.record.line if self.record is not None else line
        self.ready.append(Fault(line, kind, {"begins": begins}, self._record_id(), is_lost=True))

    def _record_id(self) -> str:
        return self.record.fields.get("person_record_id", "").strip()[:255] if self.record is not None else ""

    # -- what the parser finds --------------------------------------------------------------------------------------

    def _doctype(self, *_declaration: object) -> None:
        raise _Refused("doctype")

    def _bind(self, prefix: str | None, namespace: str | None) -> None:
        self.bound.append((self.depth + 1, prefix or "", namespace or ""))

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Refused("too_deep")
        version, local = self.known.get(name) or self._know(name)
        if version is not None and local == "person" and self.record is not None and self.record.kind == "person":
            # The one before was never ended. It counts as broken; this one stands for itself.
            self._lost("broken_record", self.line)
            self.open += [_as_written(name)] * (self.depth - self.record_depth)
            self.record = self.note = self.text = None
        if self.record is None:
            if version is not None and local in ("person", "note"):
                self.record = RawRecord(local, version, self.line)
                self.record_depth, self.size, self.has_records = self.depth, 0, True
            else:
                if self.depth == 1:
                    self.is_feed = local in ("feed", "rss") or (version is not None and local == "pfif")
                self.open.append(_as_written(name))
            return
        self.size += 10
        if self.size >= LARGEST_RECORD:
            return
        inside = self.depth - self.record_depth
        if inside == 1 and version is not None and local == "note" and self.record.kind == "person":
            if len(self.record.notes) < MOST_NOTES:
                self.note = RawRecord("note", version, self.line)
            elif self.record.faults[-1:] == [] or self.record.faults[-1].kind != "too_many_notes":
                self.record.faults.append(Fault(self.line, "too_many_notes", {"most": MOST_NOTES}))
            return
        if inside == (2 if self.note is not None else 1):
            record = self.note or self.record
            fields = NOTE_FIELDS if record.kind == "note" else PERSON_FIELDS
            if version is not None and local in fields:
                self.name, self.text, self.length = local, [], 0
            elif version is not None:
                record.faults.append(Fault(self.line, "unknown_field", {"field": local[:60]}))

    def _characters(self, data: str) -> None:
        if self.text is None:
            return
        self.size += len(data)
        room = LONGEST_FIELD - self.length
        if room > 0 and self.size < LARGEST_RECORD:
            self.text.append(data[:room])
            self.length += len(data)

    def _end(self, _name: str) -> None:
        depth = self.depth
        self.depth -= 1
        if self.record is None:
            if self.open:
                self.open.pop()
            while self.bound and self.bound[-1][0] > self.depth:
                self.bound.pop()
            return
        inside = depth - self.record_depth
        if inside == 0:
            self._finish()
        elif inside == 1 and self.note is not None:
            self.record.notes.append(self.note)
            self.note = None
        elif self.text is not None and inside == (2 if self.note is not None else 1):
            record = self.note or self.record
            if self.name in record.fields:
                record.faults.append(Fault(self.line, "repeated_field", {"field": self.name}))
            else:
                record.fields[self.name] = "".join(self.text)
            self.text = None

    def _finish(self) -> None:
        record, self.record, self.note, self.text = self.record, None, None, None
        if self.bound and self.bound[-1][0] > self.depth:
            self.bound = [entry for entry in self.bound if entry[0] <= self.depth]
        if self.size >= LARGEST_RECORD:
            number = record.fields.get("person_record_id", "").strip()[:255] if record else ""
            self.ready.append(Fault(self.line, "record_too_large", {"most": LARGEST_RECORD}, number, is_lost=True))
        elif record is not None:
            self.ready.append(record)

    def _know(self, name: str) -> tuple[Version | None, str]:
        namespace, _space, rest = name.partition(" ")
        local = rest.partition(" ")[0] if rest else namespace
        version = version_of(namespace) if rest else None
        if version is None and rest:
            self.other_namespace = number_in(namespace) or self.other_namespace
        if len(self.known) < 1000:  # names are few, unless somebody means harm
            self.known[name] = version, local
        return version, local


def _as_written(name: str) -> str:
    """ "namespace local prefix" → "prefix:local"."""
    parts = name.split(" ")
    return f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1]


def _declaration(prefix: str, namespace: str) -> str:
    escaped = namespace.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f' xmlns:{prefix}="{escaped}"' if prefix else f' xmlns="{escaped}"'
