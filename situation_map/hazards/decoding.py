"""Bytes in whatever encoding they are written in or say they are → text. Pure."""

from __future__ import annotations

import codecs
import re

LARGEST = 32 << 20  # bytes of a feed
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
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


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and "" or the kind of fault: ``not_that_encoding`` (it is UTF-8), ``unreadable_letters`` (each is U+FFFD now).

    Raises UnknownEncoding.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _replaced(data, name)
    declared = _DECLARED.match(data)
    name = _known(declared[1].decode("ascii")) if declared else "utf-8"
    if name == "utf-8":
        return _replaced(data, name)
    try:
        # Bytes beyond ASCII are UTF-8 by accident next to never: servers that convert a file forget its declaration.
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _replaced(data, name)
    return (text, "") if data.isascii() else (text, "not_that_encoding")


def _replaced(data: bytes, name: str) -> tuple[str, str]:
    try:
        return data.decode(name), ""
    except UnicodeError:
        return data.decode(name, errors="replace"), "unreadable_letters"


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "<".encode(name)  # some codecs are no encodings of text
    except (LookupError, TypeError, ValueError) as problem:
        raise UnknownEncoding(name) from problem
    if not found._is_text_encoding or found.name in (
        "utf-7",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
    ):
        raise UnknownEncoding(name)
    # A declaration of UTF-16 that could be read as ASCII is wrong about itself.
    return "utf-8" if found.name.startswith(("utf-16", "utf-32")) else found.name
