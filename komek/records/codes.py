"""Public codes that can be read out over a bad line: a letter by kind, digits, a check digit. ``C1146`` is a camp or site.

The check digit is Damm's (H. M. Damm, *Total anti-symmetrische Quasigruppen*, Marburg 2004): it catches every single wrong digit
and every swap of neighbours. The letter picks the state the calculation starts from, each kind its own, so a wrong
letter is caught as well. A mistyped code is therefore refused and never names another record.
"""

from __future__ import annotations

import unicodedata

from django.db import connection
from django.utils.translation import gettext_lazy as _

# A totally anti-symmetric quasigroup of order 10 (Damm 2004, p. 111).
_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

# Letter → what it names, and the state it starts from: its place in this table.
KINDS = {
    "C": _("camp or site"),
    "W": _("warehouse"),
    "R": _("request"),
    "T": _("task"),
    "P": _("person"),
    "I": _("incident"),
    "K": _("consignment"),
    "G": _("pledge"),
    "O": _("organisation"),
    "A": _("activity"),
    "H": _("household"),
    "B": _("batch"),
    "M": _("movement of stock"),
    "V": _("volunteer"),
}
# Ten states and more letters: the last ones share a state with the letter they are least likely to be taken for.
_START = {letter: place for place, letter in enumerate("CWRTPIKGOA")} | {"H": 9, "B": 3, "M": 6, "V": 8}

# Letters that look alike in Latin and Cyrillic, and what people type for digits. For codes only, never for names.
_LOOK_ALIKE = str.maketrans("СсТтРрКкАаОоІіГгВвНнМм", "CCTTPPKKAAOOIIGGBBHHMM")
_DIGIT_LOOK_ALIKE = str.maketrans("OoОоIlІ|", "00001111")


class MistypedCode(ValueError):
    """The text is shaped like a code but its check digit is wrong, or it is no code at all."""


def check_digit(letter: str, digits: str) -> str:
    """The check digit for a kind's letter and the digits before it."""
    state = _START[letter]
    for digit in digits:
        state = _QUASIGROUP[state][int(digit)]
    return str(state)


def make_code(letter: str, number: int) -> str:
    """The code of the ``number``-th record of a kind: ``make_code("C", 114)`` → ``C114`` and its check digit."""
    digits = f"{number:03d}"
    return f"{letter}{digits}{check_digit(letter, digits)}"


def parse_code(text: str, kinds: str = "".join(KINDS)) -> str:
    """The canonical form of a code as people type it: any case, spaces, ``o`` for ``0``, look-alike Cyrillic letters.

    Raises MistypedCode when it is not a code of one of ``kinds`` or its check digit does not fit.
    """
    folded = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "")
    letter = folded[:1].translate(_LOOK_ALIKE).upper()
    digits = folded[1:].translate(_DIGIT_LOOK_ALIKE)
    if letter not in kinds or letter not in _START or len(digits) < 4 or not digits.isascii() or not digits.isdigit():
        raise MistypedCode(_("“%(text)s” is not a code.") % {"text": text[:40]})
    if check_digit(letter, digits[:-1]) != digits[-1]:
        raise MistypedCode(
            _("The code “%(text)s” has a wrong letter or digit. Please check it and type it again.")
            % {"text": text[:40]}
        )
    return letter + digits


def has_shape_of_code(text: str) -> bool:
    """Whether the text is written as a code is, a letter of some kind and digits, be its check digit right or wrong."""
    letter, digits = text[:1].translate(_LOOK_ALIKE).upper(), text[1:].translate(_DIGIT_LOOK_ALIKE)
    return letter in _START and len(digits) >= 4 and digits.isascii() and digits.isdigit()


def looks_like_code(text: str) -> bool:
    """Whether the text parses as a code of any kind."""
    try:
        parse_code(text)
    except MistypedCode:
        return False
    return True


def next_codes(letter: str, count: int = 1) -> list[str]:
    """``count`` unused codes of a kind, from the database's sequence for it. Safe under concurrency; gaps may occur."""
    if letter not in _START:
        raise ValueError(f"no such kind of code: {letter!r}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"komek_code_{letter.lower()}", count])
        return [make_code(letter, number) for (number,) in cursor.fetchall()]
