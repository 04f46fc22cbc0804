"""The records of a feed in XML, one small tree after the other. Pure.

The parser is expat. A document type declaration is refused, and with it every entity bomb and every file or address that an entity
could name. Records are ``alert`` of CAP, wherever it stands, ``entry`` of Atom and ``item`` of RSS. Where the XML is broken, reading
goes on with the next record.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from situation_map.hazards.alerts import Fault

DEEPEST = 60
LARGEST_RECORD = 8_000_000  # letters
MOST_ELEMENTS = 100_000  # of a record
MOST_BREAKS = 200
MOST_LOOSE = 100_000  # ampersands
LARGEST_MARK = 1 << 20  # bytes of one tag, which expat reads anew with each piece
PIECE = 1 << 16  # letters fed at once
CAP_NAMES = re.compile(r"urn:oasis:names:tc:emergency:cap:(.{1,20})|http://www\.incident\.com/cap/(.{1,20})")

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# XML may not hold them in any form (XML 1.0, section 2.2).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NEXT = re.compile(r"<(?:[\w.-]+:)?(?:alert|entry|item|contentObject)(?=[\s>/])")
_ROOT = re.compile(r"<(?![?!])[^<>]{1,20000}>")
# "&nbsp;" and a bare "&", which agencies write as if XML were HTML.
_LOOSE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)(?:([A-Za-z]{2,10});)?")


@dataclass(slots=True)
class Node:
    """An element: its name without prefix, the namespace, the text directly inside, where it begins."""

    name: str
    namespace: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)
    around: dict[str, str] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Node]:
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Node | None:
        return next(self.all(name), None)

    def get(self, name: str) -> str:
        """The text of the first child of this name."""
        found = self.first(name)
        return found.text if found else ""


class _Refused(Exception):
    pass


def records(text: str) -> Iterator[Node | Fault]:
    """Every record of the document and what is wrong with it, in its order."""
    text = _DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text, count=1)
    text = _FORBIDDEN.sub("", text)
    reader, problem = _read(text, 0, "", 0)
    if problem is not None and (loosened := _loosened(text)) != text:
        yield Fault(reader.lines_before + problem.lineno, "loose_ampersand")
        text = loosened
        reader, problem = _read(text, 0, "", 0)
    found, breaks = 0, 0
    root = _ROOT.search(text)
    # A self-closed root cannot be given again; then there is nothing behind it either.
    prologue = root[0] if root and not root[0].endswith("/>") else ""
    where = root.end() if root else len(text)
    while True:
        for record in reader.taken:
            found += isinstance(record, Node)
            yield record
        if reader.refused:
            yield Fault(reader.line, reader.refused, is_lost=True, ends=True)
            return
        if problem is None:
            break
        breaks += 1
        line = reader.lines_before + problem.lineno
        where = max(where + 1, reader.started + _index(reader, problem, text))
        ahead = _NEXT.search(text, where)
        if not prologue or (ahead is None and not found and breaks == 1):
            yield Fault(line, "not_xml" if not found else "breaks_off", {"line": line}, is_lost=True, ends=True)
            return
        if breaks > MOST_BREAKS or ahead is None:
            kind = "too_broken" if breaks > MOST_BREAKS else "breaks_off"
            yield Fault(line, kind, is_lost=True, ends=True)
            return
        if not reader.is_resumed or reader.open_record:
            yield Fault(line, "broken_record", {"reason": expat.ErrorString(problem.code)}, is_lost=True)
        where = ahead.start()
        reader, problem = _read(text, where, prologue, text.count("\n", 0, where) - prologue.count("\n"))
    if not found and not reader.is_known:
        yield Fault(1, "not_a_feed", {"name": reader.root[:60]}, is_lost=True, ends=True)


def _loosened(text: str) -> str:
    return _LOOSE.sub(lambda found: _letter(found[0], found[1]), text, count=MOST_LOOSE)


def _letter(whole: str, name: str | None) -> str:
    letter = html.unescape(whole) if name else whole
    return letter if name and letter != whole else "&amp;" + whole[1:]


def _index(reader: _Reader, problem: expat.ExpatError, text: str) -> int:
    """How many letters behind where the reader started the fault is."""
    lines = max(0, problem.lineno - 1 - reader.prologue_lines)
    at = reader.started
    for _line in range(lines):
        at = text.find("\n", at) + 1
        if not at:
            return len(text) - reader.started
    if lines:
        return at - reader.started + problem.offset  # expat counts columns in letters
    return max(0, problem.offset - reader.prologue_column)


def _read(text: str, started: int, prologue: str, lines_before: int) -> tuple[_Reader, expat.ExpatError | None]:
    reader = _Reader(started, prologue, lines_before)
    try:
        reader.feed(prologue)
        for at in range(started, len(text), PIECE):
            reader.feed(text[at : at + PIECE])
        reader.parser.Parse(b"", True)
    except expat.ExpatError as problem:
        return reader, problem
    except _Refused as refused:
        reader.refused = str(refused)
    return reader, None


class _Reader:
    def __init__(self, started: int, prologue: str, lines_before: int) -> None:
        parser: Any = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        self.parser = parser
        self.started, self.lines_before = started, lines_before
        self.prologue_lines = prologue.count("\n")
        self.prologue_column = len(prologue.rpartition("\n")[2])
        self.is_resumed = bool(prologue)
        self.taken: list[Node | Fault] = []
        self.stack: list[Node] = []
        self.outside: dict[str, str] = {}
        self.around_text: list[str] | None = None
        self.depth = 0
        self.elements = self.letters = self.fed = 0
        self.root, self.is_known, self.refused = "", False, ""

    def feed(self, text: str) -> None:
        if text:
            data = text.encode()
            self.parser.Parse(data, False)
            self.fed += len(data)
            if self.fed - self.parser.CurrentByteIndex > LARGEST_MARK:
                raise _Refused("mark_too_large")

    @property
    def line(self) -> int:
        return int(self.lines_before + self.parser.CurrentLineNumber)

    @property
    def open_record(self) -> bool:
        return bool(self.stack)

    def _start(self, full: str, attributes: dict[str, str]) -> None:
        namespace, _blank, name = full.rpartition(" ")
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Refused("too_deep")
        if self.depth == 1:
            self.root = name
            self.is_known = name in ("feed", "rss", "RDF", "EDXLDistribution")
        if not self.stack and not _is_record(name, namespace):
            # Of what stands around records only the envelope's status matters.
            self.around_text = [] if name == "distributionStatus" else None
            return
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise _Refused("record_too_large")
        node = Node(name, namespace, self.line, attributes)
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.elements, self.letters = 1, 0
        self.stack.append(node)

    def _characters(self, text: str) -> None:
        if self.stack:
            self.letters += len(text)
            if self.letters > LARGEST_RECORD:
                raise _Refused("record_too_large")
            self.stack[-1].pieces.append(text)
        elif self.around_text is not None:
            self.around_text.append(text[:100])

    def _end(self, full: str) -> None:
        self.depth -= 1
        if not self.stack:
            if self.around_text is not None:
                self.outside["distributionStatus"] = "".join(self.around_text).strip()
                self.around_text = None
            return
        node = self.stack.pop()
        node.text, node.pieces = "".join(node.pieces), []
        if not self.stack:
            self.taken.append(node)
            node.around = dict(self.outside)

    def _doctype(self, *_declared: object) -> None:
        raise _Refused("doctype")


def _is_record(name: str, namespace: str) -> bool:
    return name in ("entry", "item") or (name == "alert" and (not namespace or bool(CAP_NAMES.fullmatch(namespace))))
