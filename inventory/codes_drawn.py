"""QR codes and Code 128 bars as SVG. They hold public codes and nothing else, so that a label outlives any address."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe

# Widths of bars and spaces of the values 0 to 105 and of the stop (ISO/IEC 15417, table 1).
_WIDTHS = "".join(
    (
        "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 ",
        "123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 ",
        "131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 ",
        "213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 ",
        "141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 ",
        "124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 ",
        "411131 211412 211214 211232 2331112 ",
    )
).split()
_START_B, _STOP, _QUIET = 104, 106, 10


def code128_widths(text: str) -> str:
    """Widths of bars and spaces, a digit each, beginning with a bar. text: printable ASCII (code set B)."""
    if not text or any(not 32 <= ord(letter) <= 126 for letter in text):
        raise ValueError(f"not for a bar code: {text!r}")
    values = [ord(letter) - 32 for letter in text]
    check = (_START_B + sum(place * value for place, value in enumerate(values, 1))) % 103
    return "".join(_WIDTHS[value] for value in (_START_B, *values, check, _STOP))


def code128(text: str) -> SafeString:
    """A Code 128 as SVG, with its quiet zones."""
    at, bars = _QUIET, []
    for place, width in enumerate(map(int, code128_widths(text))):
        if place % 2 == 0:
            bars.append(f"M{at} 0h{width}v30h-{width}z")
        at += width
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bars" viewBox="0 0 {at + _QUIET} 30" preserveAspectRatio="none">'
        f'<path d="{"".join(bars)}"/></svg>'
    )
    return mark_safe(drawn)  # noqa: S308  drawn by us from numbers


def qr_code(text: str) -> SafeString:
    """A QR code as SVG. A corner may be torn or dirty: 15 % can be restored (level M of ISO/IEC 18004)."""
    if not text.isascii() or not text.isprintable() or len(text) > 80:
        raise ValueError(f"not for a label: {text!r}")
    drawn = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, border=4, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308  drawn by us
