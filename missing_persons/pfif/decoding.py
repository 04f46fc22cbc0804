"""Bytes of a file in whatever encoding it names → UTF-8 that an XML parser takes, piece by piece. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

PIECE = 1 << 16
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
# XML may not hold them in any form (XML 1.0, section 2.2); taken out before the parser stumbles on them.
_FORBIDDEN = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
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


def utf8_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The stream as UTF-8 without the XML declaration (its lines stay, so that lines count as in the file).

    What cannot be read in the file's encoding becomes U+FFFD. Raises UnknownEncoding.
    """
    first = stream.read(PIECE)
    decoder = codecs.getincrementaldecoder(_encoding(first))(errors="replace")
    is_first = True
    piece = first
    while True:
        text = decoder.decode(piece, final=not piece).encode()
        if text:
            if is_first:
                text = _DECLARATION.sub(lambda found: b"\n" * found[0].count(b"\n"), text, count=1)
                is_first = False
            yield text.translate(None, delete=_FORBIDDEN)
        if not piece:
            return
        piece = stream.read(PIECE)


def _encoding(first: bytes) -> str:
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name
    declared = _DECLARED.match(first)
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        found = codecs.lookup(name)
        "<".encode(name)  # some codecs are no encodings of text
    except (LookupError, TypeError, ValueError) as problem:
        raise UnknownEncoding(name) from problem
    if not found._is_text_encoding:
        raise UnknownEncoding(name)
    # A declaration of UTF-16 that could be read as ASCII is wrong about itself.
    return "utf-8" if found.name.startswith(("utf-16", "utf-32")) else found.name
