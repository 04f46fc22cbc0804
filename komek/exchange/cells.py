"""From the text of one cell to a value, and back. Pure. A ValueError carries the sentence for the person."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

_DATE_SHAPES = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})(?: .*)?"), (3, 2, 1)),
)
_WORDED_DATES = ("%d %B %Y", "%d %b %Y", "%B %d, %Y")
_YES = frozenset({"1", "yes", "true", "y", "да", "hawa", "ha", "ҳа", "bəli", "beli"})
_NO = frozenset({"0", "no", "false", "n", "нет", "ýok", "yok", "yo‘q", "yo'q", "йўқ", "xeyr"})


def words(text: str, *, longest: int = 0) -> str:
    """Text without blanks around it; refuses control characters and what is too long to keep."""
    cleaned = text.strip()
    if any(ord(character) < 32 and character not in "\n\t\r" for character in cleaned):
        raise ValueError(_("The text holds characters that cannot be shown. Type it again."))
    if longest and len(cleaned) > longest:
        raise ValueError(
            _("The text has %(length)d characters; at most %(longest)d fit.")
            % {"length": len(cleaned), "longest": longest}
        )
    return cleaned


def text_of(longest: int = 0) -> Callable[[str], str]:
    """A parser of text with a greatest length."""
    return lambda text: words(text, longest=longest)


def whole_number(text: str) -> int | None:
    """``1 200``, ``1,200`` or ``1200.0`` → 1200; empty → ``None``."""
    compact = re.sub(r"[\s\u00a0\u202f']", "", text)
    if not compact:
        return None
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", compact):
        compact = compact.replace(",", "")
    try:
        number = Decimal(compact.replace(",", "."))
    except InvalidOperation as fault:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]}) from fault
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    if number < 0:
        raise ValueError(_("The number %(number)s is negative.") % {"number": number})
    if number > 2_000_000_000:
        raise ValueError(_("The number %(number)s is too large to be true.") % {"number": number})
    return int(number)


def exact_number(*, digits: int, places: int, lowest: int | None = 0) -> Callable[[str], Decimal | None]:
    """A parser of exact numbers: ``2,5`` and ``1 200.5``. At most ``digits`` before the point and ``places`` after it."""

    def parse(text: str) -> Decimal | None:
        compact = re.sub(r"[\s\u00a0\u202f']", "", text)
        if not compact:
            return None
        if not re.fullmatch(r"[-+]?\d+(?:[.,]\d+)?", compact, re.ASCII):
            raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
        number = Decimal(compact.replace(",", "."))
        if lowest is not None and number < lowest:
            raise ValueError(_("The number %(number)s is negative.") % {"number": number})
        if abs(number) >= Decimal(10) ** digits:
            raise ValueError(_("The number %(number)s is too large to be true.") % {"number": number})
        if number != round(number, places):
            raise ValueError(
                _("The number %(number)s has more than %(places)d digits after the point.")
                % {"number": number, "places": places}
            )
        return number

    return parse


def decimal_degrees(text: str) -> float | None:
    """A longitude or latitude in degrees; empty → ``None``."""
    compact = text.strip().replace(",", ".")
    if not compact:
        return None
    try:
        return float(compact)
    except ValueError as fault:
        raise ValueError(_("“%(text)s” is not a coordinate in degrees.") % {"text": text[:40]}) from fault


def day(text: str) -> date | None:
    """A date: 2026-11-23, 23.11.2026 or 23 November 2026; empty → ``None``. A day that does not exist is said so."""
    cleaned = text.strip()
    if not cleaned:
        return None
    for shape, (year, month, number) in _DATE_SHAPES:
        found = shape.fullmatch(cleaned)
        if found:
            try:
                return date(int(found[year]), int(found[month]), int(found[number]))
            except ValueError as fault:
                raise ValueError(_("There is no such day as “%(text)s”.") % {"text": cleaned[:40]}) from fault
    for pattern in _WORDED_DATES:
        try:
            return datetime.strptime(cleaned, pattern).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise ValueError(_("“%(text)s” is not a date. Write it like 2026-11-23 or 23.11.2026.") % {"text": cleaned[:40]})


def moment(text: str) -> datetime | None:
    """A date with or without a time, as an aware moment; a bare date is its first minute here."""
    cleaned = text.strip()
    try:
        exact = datetime.fromisoformat(cleaned)
    except ValueError:
        found = day(cleaned)
        return timezone.make_aware(datetime.combine(found, time.min)) if found else None
    return exact if timezone.is_aware(exact) else timezone.make_aware(exact)


def yes_or_no(text: str) -> bool | None:
    """Yes or no in the languages of the region; empty → ``None``."""
    folded = text.strip().casefold()
    if not folded:
        return None
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": text[:40]})


def one_of(choices: Mapping[str, Any], aliases: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """A parser of a choice by its value or its label in the current language."""

    def parse(text: str) -> str:
        folded = text.strip().casefold()
        if not folded:
            return ""
        by_word = {str(label).casefold(): value for value, label in choices.items()}
        by_word.update({value.casefold(): value for value in choices})
        by_word.update({alias.casefold(): value for alias, value in (aliases or {}).items()})
        if folded in by_word:
            return by_word[folded]
        known = ", ".join(str(label) for label in choices.values())
        raise ValueError(_("“%(text)s” is not one of: %(known)s.") % {"text": text[:40], "known": known})

    return parse


def shown(value: Any) -> str:
    """A value as a file holds it: dates in ISO 8601, numbers plain."""
    if value is None:
        return ""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
