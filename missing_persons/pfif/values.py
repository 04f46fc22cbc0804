"""Single values of PFIF: text made clean, moments, birth dates, ages, the blocks of the old ``other`` field. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

# Marks that turn the direction of writing or cannot be seen, and control characters: they make one name look like another.
# The joiners U+200C and U+200D stay: Persian is not written without them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff]"
)
_SPACES = re.compile(r"\s+")
# The specification has "2010-01-16T02:07:57Z"; files also have a blank for T, no seconds, a zone, or the day alone.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_BIRTH = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_AGE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", re.ASCII)
_RECORD_ID = re.compile(r"[a-z0-9](?:[a-z0-9._:-]{0,251}[a-z0-9.])?/\S(?:.*\S)?", re.IGNORECASE | re.ASCII)
_BLOCK = re.compile(r"([a-z_]+):(?:[ \t]+(.*))?", re.ASCII)

OLDEST = 130  # years; the oldest age documented is 122
FIRST_YEAR = 1850


def one_line(text: str) -> str:
    """Without what cannot be seen, runs of blanks as one space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()


def lines(text: str) -> tuple[str, ...]:
    """The lines of a field, clean, without the empty ones."""
    if "\n" not in text and "\r" not in text:
        line = one_line(text)
        return (line,) if line else ()
    return tuple(line for line in map(one_line, text.splitlines()) if line)


def paragraphs(text: str) -> str:
    """Text of several lines: the indentation of the file gone, lines kept, empty ones at both ends dropped."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = [_UNSEEN.sub("", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(kept).strip()


def moment(text: str) -> datetime | None:
    """ "2010-01-16T02:07:57Z" → aware UTC, without a zone taken as UTC. Raises ValueError."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def birth(text: str) -> tuple[date, date]:
    """ "1970", "1970-01", "1970-01-31" → the first and the last day it may mean. Raises ValueError."""
    parts = _BIRTH.fullmatch(text)
    if parts is None or int(parts[1]) < FIRST_YEAR:
        raise ValueError(text)
    year, month, day = int(parts[1]), int(parts[2] or 0), int(parts[3] or 0)
    if parts[3]:
        return (exact := date(year, month, day)), exact
    if parts[2]:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)


def age(text: str) -> tuple[int, int]:
    """ "40" → (40, 40); "35-45" → (35, 45), years. Raises ValueError, also beyond ``OLDEST`` and upside down."""
    parts = _AGE.fullmatch(text)
    if parts is None:
        raise ValueError(text)
    low, high = int(parts[1]), int(parts[2] or parts[1])
    if high > OLDEST or low > high:
        raise ValueError(text)
    return low, high


def age_text(years: tuple[int, int]) -> str:
    return str(years[0]) if years[0] == years[1] else f"{years[0]}-{years[1]}"


def born_from_age(years: tuple[int, int], on: date) -> tuple[date, date]:
    """The first and the last birthday of somebody who is ``years`` old (lowest, highest) on a day."""
    return _years_before(on, years[1] + 1) + timedelta(days=1), _years_before(on, years[0])


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=max(day.year - years, 1))
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def truth(text: str) -> bool:
    """Raises ValueError for anything but true and false."""
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def record_id(text: str) -> str:
    """ "domain/number" as it is. Raises ValueError."""
    if len(text) > 255 or not _RECORD_ID.fullmatch(text):
        raise ValueError(text)
    return text


def blocks(text: str) -> dict[str, str]:
    """The ``other`` field of 1.1 to 1.3: "name:" and indented lines below it. What stands in no block is under "".

    >>> blocks("description:\\n    tall\\n    thin")
    {'description': 'tall\\nthin'}
    """
    found: dict[str, list[str]] = {}
    current = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        begins = _BLOCK.fullmatch(line) if line and not line[0].isspace() else None
        if begins:
            current = begins[1]
            line = begins[2] or ""
        elif line and not line[0].isspace():
            current = ""
        found.setdefault(current, []).append(line)
    cleaned = {name: paragraphs("\n".join(part)) for name, part in found.items()}
    return {name: part for name, part in cleaned.items() if part}
