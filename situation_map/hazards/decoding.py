"""Bytes in whatever encoding they are written in or say they are → text. Pure."""

from __future__ import annotations

import re

from komek.records.encodings import UnknownEncoding, encoding_by_mark, encoding_called

LARGEST = 32 << 20  # bytes of a feed
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_REFUSED = frozenset(("utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"))


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and "" or the kind of fault: ``not_that_encoding`` (it is UTF-8), ``unreadable_letters`` (each is U+FFFD now).

    Raises UnknownEncoding.
    """
    if by_mark := encoding_by_mark(data):
        return _replaced(data, by_mark)
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
    found = encoding_called(name)
    if found in _REFUSED:
        raise UnknownEncoding(name)
    return found
