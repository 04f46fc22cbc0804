"""CSV in whatever encoding and with whatever separator it came."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext as _

from komek.exchange.faults import FileFault
from komek.exchange.readers.table import Table, table_from_grid

_SEPARATORS = ",;\t|"
csv.field_size_limit(1_000_000)


def decoded(content: bytes) -> tuple[str, str]:
    """Text and the encoding it was taken for: UTF-8, UTF-16, Windows-1251 (Cyrillic) or Windows-1252 (Western)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    # In Windows-1251 text most high bytes are Cyrillic letters (0xC0–0xFF and the letter yo); Western text has few.
    high = [byte for byte in content if byte >= 0x80]
    letters = sum(1 for byte in high if byte >= 0xC0)
    is_cyrillic = len(high) > 0.15 * len(content) and letters > 0.8 * len(high)
    encoding, name = ("cp1251", "Windows-1251") if is_cyrillic else ("cp1252", "Windows-1252")
    return content.decode(encoding, errors="replace"), name


def read_csv(content: bytes) -> Table:
    """A table from CSV, tab-separated or semicolon-separated text."""
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileFault(_("This is not a text table. Save it as CSV or XLSX and try again."))
    text, encoding = decoded(content)
    notes = []
    if encoding not in ("UTF-8", "UTF-16"):
        notes.append(
            _("The letters were read as %(encoding)s. If names look wrong, save the file as UTF-8.")
            % {"encoding": encoding}
        )
    sample = text[:20_000]
    separator = max(_SEPARATORS, key=lambda mark: _consistency(sample, mark))
    try:
        grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False))
    except csv.Error as fault:
        raise FileFault(
            _("The table is broken: a text in quotation marks does not end, or is far too long.")
        ) from fault
    return table_from_grid(grid, format_name="CSV", notes=notes)


def _consistency(sample: str, separator: str) -> float:
    """How well the separator cuts the sample into rows of one width: columns, less what varies."""
    widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator)][:50]
    if not widths:
        return 0.0
    usual = max(set(widths), key=widths.count)
    return 0.0 if usual < 2 else usual * widths.count(usual) / len(widths)
