"""Which encoding the bytes of an XML file are in, by their first bytes and by the name it gives. Pure."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)


class UnknownEncoding(Exception):
    """The file names an encoding that nobody knows."""


def encoding_by_mark(first: bytes) -> str:
    """The encoding that the first bytes show whatever the file says of itself; empty when they show none."""
    return next((name for mark, name in _MARKS if first.startswith(mark)), "")


def encoding_called(name: str) -> str:
    """Python's name of the encoding that an XML declaration names, whose bytes show none. Raises UnknownEncoding."""
    try:
        found = codecs.lookup(name)
        "<".encode(name)  # some codecs are no encodings of text
    except (LookupError, TypeError, ValueError) as problem:
        raise UnknownEncoding(name) from problem
    if not found._is_text_encoding:
        raise UnknownEncoding(name)
    # A declaration of UTF-16 that could be read as ASCII is wrong about itself.
    return "utf-8" if found.name.startswith(("utf-16", "utf-32")) else found.name
