"""Bytes of a file in whatever encoding it names → UTF-8 that an XML parser takes, piece by piece. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from komek.records.encodings import encoding_by_mark, encoding_called

PIECE = 1 << 16
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
# XML may not hold them in any form (XML 1.0, section 2.2); taken out before the parser stumbles on them.
_FORBIDDEN = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})


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
    by_mark = encoding_by_mark(first)
    declared = None if by_mark else _DECLARED.match(first)
    return by_mark or encoding_called(declared[1].decode("ascii") if declared else "utf-8")
