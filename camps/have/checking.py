"""Whether bytes are an EDXL-HAVE 2.0 document that may be read: safe, of this version, and valid.

1. Parse without entities, without network, without a document type.
2. Look at the version.
3. Bring names to one spelling and children to one order; leave out what is not exchanged, each with a warning.
4. Check against the schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from camps.have.names import ANY_HAVE, CT, EXT, VERSION

SIZE_LIMIT = 5 * 2**20
MOST_WARNINGS = 200
MOST_FAULTS = 20
SCHEMA = Path(__file__).parent / "edxl-have-2.0.xsd"
_XS = "{http://www.w3.org/2001/XMLSchema}"
_SHOWN = 80
# How a fault begins: Element '{namespace}name': …
_NAMED = re.compile(r"Element '(?:\{[^}]*\})?([^']+)'")


class HaveFault(ValueError):
    """The document cannot be read at all; nothing of it is recorded. Says why, a sentence per thing."""

    def __init__(self, *sentences: str) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentences))


@dataclass
class Document:
    """A checked document. warnings: what it says that Komek does not exchange, in words."""

    root: Any
    warnings: list[str] = field(default_factory=list)


def checked(content: bytes) -> Document:
    """The document in ``content``. Raises HaveFault."""
    if len(content) > SIZE_LIMIT:
        raise HaveFault(
            _("The document has more than %(limit)d MB. Ask for one with fewer hospitals.")
            % {"limit": SIZE_LIMIT // 2**20}
        )
    if not content.strip():
        raise HaveFault(_("The document is empty. Choose the file that the other system made."))
    document = Document(_have_element(_parsed(content)))
    _Tidying(document.warnings).tidy(document.root, _shapes()["HAVE"])
    schema = _schema()
    if not schema.validate(document.root):
        raise HaveFault(*[_in_words(error) for error in schema.error_log][:MOST_FAULTS])
    return document


def _parsed(content: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    entities = _(
        "The document declares a document type or entities, which could reach other files. "
        "Ask for it without the DOCTYPE line."
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise HaveFault(entities) from fault
        where = fault.position[0] if fault.position else 1
        raise HaveFault(
            _("This is not valid XML: it breaks off or is damaged in line %(line)d. Ask for it again.")
            % {"line": where}
        ) from fault
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise HaveFault(entities)
    return root


def _have_element(root: Any) -> Any:
    """The HAVE element: the root, or the one inside an EDXL-DE envelope."""
    found = [one for one in root.iter(etree.Element) if ANY_HAVE.fullmatch(etree.QName(one).namespace or "")]
    if not found:
        raise HaveFault(
            _("This is not an EDXL-HAVE document. Komek reads EDXL-HAVE %(version)s.") % {"version": VERSION}
        )
    first = found[0]
    match = ANY_HAVE.fullmatch(etree.QName(first).namespace)
    theirs = match.group(1) if match else ""
    if theirs != VERSION:
        raise HaveFault(
            _("This document is EDXL-HAVE %(theirs)s. Komek reads EDXL-HAVE %(ours)s; ask the sender for that version.")
            % {"theirs": theirs, "ours": VERSION}
        )
    if _plain(etree.QName(first).localname) != "have":
        raise HaveFault(
            _("The document begins with “%(name)s” where EDXL-HAVE %(version)s has “HAVE”.")
            % {"name": etree.QName(first).localname[:_SHOWN], "version": VERSION}
        )
    if first.getparent() is not None:
        first.getparent().remove(first)
    return first


# --- The schema, also as what may stand inside what


@dataclass(frozen=True)
class _Shape:
    """An element as the schema has it. children: plain name → shape, in the schema's order; open: content not checked."""

    tag: str
    children: dict[str, _Shape]
    is_open: bool = False


def _schema() -> etree.XMLSchema:
    """Made anew for each document: its list of errors must not be shared between threads."""
    return etree.XMLSchema(file=str(SCHEMA))


@cache
def _shapes() -> dict[str, _Shape]:
    """Every global element by name, read from the schema files themselves, so that there is one list only."""
    types: dict[str, tuple[Any, str]] = {}
    elements: dict[str, tuple[Any, str]] = {}
    for path in sorted(SCHEMA.parent.glob("*.xsd")):
        root = etree.parse(str(path)).getroot()
        target = root.get("targetNamespace")
        types |= {one.get("name"): (one, target) for one in root.iterfind(f"{_XS}complexType")}
        elements |= {one.get("name"): (one, target) for one in root.iterfind(f"{_XS}element")}

    def shape(element: Any, target: str) -> _Shape:
        reference = (element.get("ref") or "").rpartition(":")[2]
        if reference:
            return shape(*elements[reference])
        inner, within = element.find(f"{_XS}complexType"), target
        named = (element.get("type") or "").rpartition(":")[2]
        if named in types:
            inner, within = types[named]
        tag = f"{{{target}}}{element.get('name')}"
        if inner is None:
            return _Shape(tag, {})
        if inner.find(f".//{_XS}any") is not None:
            return _Shape(tag, {}, is_open=True)
        found = [shape(child, within) for child in _own_elements(inner)]
        return _Shape(tag, {_plain(etree.QName(one.tag).localname): one for one in found})

    return {name: shape(element, target) for name, (element, target) in elements.items()}


def _own_elements(node: Any) -> list[Any]:
    """Elements declared right inside a type, through sequences and choices but not through other elements."""
    found = []
    for child in node:
        if child.tag == f"{_XS}element":
            found.append(child)
        elif child.tag in (f"{_XS}sequence", f"{_XS}choice"):
            found += _own_elements(child)
    return found


def _plain(name: str) -> str:
    """A name as drafts and the final text may spell it: any case, colour or color, organisation or organization."""
    return name.lower().replace("color", "colour").replace("organisation", "organization")


class _Tidying:
    """Brings a tree to the schema's spelling and order and leaves out what is not exchanged. Says so once for each."""

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self.is_reordered = False

    def tidy(self, element: Any, shape: _Shape) -> None:
        self._visit(element, shape)
        if self.is_reordered:
            self._warn(_("Some elements stand in another order than in the standard. They were read all the same."))

    def _visit(self, element: Any, shape: _Shape) -> None:
        element.tag = shape.tag
        element.attrib.clear()
        element.tail = None
        if shape.is_open:
            return
        if shape.children:
            element.text = None
        kept = []
        for child in list(element):
            known = shape.children.get(_plain(etree.QName(child).localname)) if _is_ours(child) else None
            if known is None:
                self._leave_out(child)
                element.remove(child)
                continue
            self._visit(child, known)
            kept.append(child)
        order = {one.tag: place for place, one in enumerate(shape.children.values())}
        wanted = sorted(kept, key=lambda child: order[child.tag])
        if wanted != kept:
            self.is_reordered = True
            element[:] = wanted

    def _leave_out(self, child: Any) -> None:
        text = " ".join("".join(child.itertext()).split())
        words = {"line": child.sourceline or 0, "name": etree.QName(child).localname[:_SHOWN], "text": text[:_SHOWN]}
        if text:
            self._warn(_("Line %(line)d: “%(name)s” (%(text)s) is not kept.") % words)
        else:
            self._warn(_("Line %(line)d: “%(name)s” is not kept.") % words)

    def _warn(self, sentence: str) -> None:
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(sentence)
        elif len(self.warnings) == MOST_WARNINGS:
            self.warnings.append(_("There is more that is not kept."))


def _is_ours(element: Any) -> bool:
    namespace = etree.QName(element).namespace or ""
    return bool(ANY_HAVE.fullmatch(namespace)) or namespace.lower() in (CT, EXT)


def _in_words(error: Any) -> str:
    """A fault that the schema check found, as a sentence with its line."""
    named = _NAMED.match(error.message)
    name = named.group(1) if named else "HAVE"
    words = {"line": error.line, "name": name}
    kind = error.type_name
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        if "Missing child" in error.message:
            # Of those that may come next, the last is the one that must.
            missing = error.message.rpartition("}")[2].strip(" ()*.")
            return _("Line %(line)d: in “%(name)s” the element “%(missing)s” is missing.") % {
                **words, "missing": missing,
            }  # fmt: skip
        if "Expected is (" in error.message:
            wanted = error.message.rpartition("}")[2].strip(" ()*.")
            return _("Line %(line)d: “%(name)s” stands where “%(wanted)s” must be.") % {**words, "wanted": wanted}
        return _("Line %(line)d: “%(name)s” stands here once too often.") % words
    if kind.startswith(("SCHEMAV_CVC_DATATYPE", "SCHEMAV_CVC_PATTERN", "SCHEMAV_CVC_ENUM", "SCHEMAV_CVC_MIN")):
        return _("Line %(line)d: what “%(name)s” says cannot be read as the standard asks.") % words
    return _("Line %(line)d: “%(name)s” does not follow the standard.") % words
