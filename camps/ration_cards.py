"""What a ration card shows: the household's public code in large type and as a QR code, the head's name, how many people.

The QR code holds the public code and nothing else: whoever finds a card learns no name from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno
from django.utils.safestring import SafeString, mark_safe

from camps.models import Household


@dataclass(frozen=True)
class RationCard:
    household: Household
    qr: SafeString

    @property
    def spaced_code(self) -> str:
        """The code in groups of three digits, as people read it out."""
        code = self.household.code
        digits = code[1:]
        first = len(digits) % 3 or 3
        groups = [digits[:first], *(digits[place : place + 3] for place in range(first, len(digits), 3))]
        return f"{code[0]} {' '.join(groups)}"


def ration_card(household: Household) -> RationCard:
    return RationCard(household, qr_code(household.code))


def qr_code(code: str) -> SafeString:
    """A QR code as SVG, to be put into a page. code: a public code, letters and digits only.

    Error correction M or better: a corner may be torn or dirty (ISO/IEC 18004: 15 % can be restored).
    """
    if not code.isalnum() or not code.isascii():
        raise ValueError(f"not a public code: {code!r}")
    drawn = segno.make(code, error="m", micro=False).svg_inline(omitsize=True, border=4, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308  drawn by us from letters and digits
