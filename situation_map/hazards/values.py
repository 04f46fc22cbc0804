"""Single values of hazard feeds: text made clean, moments, numbers, codes of a list. Pure."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^<>]{0,200}>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)

FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def one_line(text: str, longest: int = 1000) -> str:
    """Without what cannot be seen, runs of blanks as one space."""
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()[:longest]


def paragraphs(text: str, longest: int = 50_000) -> str:
    """Plain text with its lines kept: marks of HTML, which some agencies send, become line breaks or go."""
    if "<" in text and ">" in text:
        text = html.unescape(_TAGS.sub("", _HIDDEN.sub("", _BREAKS.sub("\n", text))))
    kept = [_SPACES.sub(" ", _UNSEEN.sub("", line)).strip() for line in text.splitlines()]
    return "\n".join(kept).strip()[:longest]


def moment(text: str) -> tuple[datetime, bool]:
    """A moment of ISO 8601 or RFC 822 → (aware UTC, whether it said its zone; without one it is UTC). Raises ValueError."""
    text = one_line(text, 60)
    if _MOMENT.fullmatch(text):
        found = datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", ""))
    else:
        try:
            found = parsedate_to_datetime(text)
        except (TypeError, IndexError, OverflowError) as problem:
            raise ValueError(text) from problem
    has_zone = found.tzinfo is not None
    try:
        found = found.astimezone(UTC) if has_zone else found.replace(tzinfo=UTC)
    except OverflowError as problem:
        raise ValueError(text) from problem
    return _in_time(found), has_zone


def moment_of_milliseconds(value: object) -> datetime:
    """Milliseconds since 1970 → aware UTC. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -(10**13) < value < 10**13:
        raise ValueError(str(value)[:60])
    return _in_time(_EPOCH + timedelta(milliseconds=value))


def _in_time(found: datetime) -> datetime:
    if not FIRST <= found < LAST:
        raise ValueError(found.isoformat())
    return found


def number(text: str) -> float:
    """Raises ValueError, also for what is not finite."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text[:60])
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text[:60])
    return found


def one_of(known: Sequence[str], text: str) -> str:
    """The value of the list that is meant, however its letters are written. Raises ValueError."""
    plain = re.sub(r"[\s_-]", "", text).lower()
    for value in known:
        if value.lower() == plain:
            return value
    raise ValueError(text[:60])


def web_address(text: str) -> str:
    """An address of http or https; "" for anything else, which nobody should be led to."""
    text = one_line(text, 2000)
    return text if re.fullmatch(r"https?://[^\s<>\"]+", text, re.IGNORECASE) else ""
