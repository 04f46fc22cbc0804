"""What a text costs: how many SMS it takes, and how to make it take fewer without changing what it says. Pure.

GSM 03.38 (3GPP TS 23.038, tables 6.2.1 and 6.2.1.1): 160 letters in one SMS, 153 in each of several; letters of the second table
count twice. Any other letter turns the whole text into UCS-2: 70, and 67 in each of several (3GPP TS 23.040, 9.2.3.24.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from anyascii import anyascii

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("\f^{}\\[~]|€")

ONE_GSM, EACH_GSM = 160, 153
ONE_UCS2, EACH_UCS2 = 70, 67

# What word processors and our own pages put in place of plain signs, and what doubles the price.
_CHEAPER = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\t": " ",
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "ʻ": "'", "ʼ": "'", "`": "'", "´": "'",
        "–": "-", "—": "-", "‑": "-", "−": "-", "…": "...", "•": "*", "·": ".", "×": "x", "№": "No", "\u200b": "", "\ufeff": "",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """segments: SMS it takes, at least 1. is_unicode: a letter outside GSM 03.38 halves what fits into each."""

    segments: int
    is_unicode: bool


def cost_of(text: str) -> Cost:
    """What sending the text as it stands takes."""
    letters = set(text)
    if letters <= GSM:
        length, one, each, is_unicode = len(text), ONE_GSM, EACH_GSM, False
    elif letters <= GSM | GSM_TWICE:
        length = len(text) + sum(text.count(letter) for letter in letters & GSM_TWICE)
        one, each, is_unicode = ONE_GSM, EACH_GSM, False
    else:
        length, one, each, is_unicode = len(text.encode("utf-16-le")) // 2, ONE_UCS2, EACH_UCS2, True
    return Cost(1 if length <= one else -(-length // each), is_unicode)


def cheaper(text: str) -> str:
    """The same words with plain quotes, dashes and blanks: a no-break space or a curly quote never doubles the price."""
    return text.translate(_CHEAPER)


def in_latin(text: str) -> str:
    """The text in plain Latin letters, for those who chose it: half the price of Cyrillic, readable on any phone."""
    return anyascii(cheaper(text)).replace("`", "'")


def pages(text: str, most: int) -> list[str]:
    """The text in pieces of at most ``most`` segments each, cut between words where there are any. At least one piece."""
    left, found = text.strip(), []
    while cost_of(left).segments > most:
        cut = _longest_that_fits(left, most)
        blank = max(left.rfind(" ", 0, cut), left.rfind("\n", 0, cut))
        end = blank if blank > cut // 2 else cut
        found.append(left[:end].rstrip())
        left = left[end:].lstrip()
    return [*found, left]


def _longest_that_fits(text: str, most: int) -> int:
    low, high = 1, min(len(text), most * ONE_GSM)
    while low < high:
        middle = (low + high + 1) // 2
        if cost_of(text[:middle]).segments <= most:
            low = middle
        else:
            high = middle - 1
    return low
