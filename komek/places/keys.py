"""Search keys: one plain ASCII form for a place's name however it is spelt. Pure.

The same town is Aşgabat, Ashgabat, Ashkhabad, Ашхабад, Ашгабат or عشق‌آباد, depending on who writes. A key keeps what these
spellings share and drops what they differ in; the name itself is always kept as given beside it. Steps:

1. letters → Latin sounds, by our own table for the scripts and alphabets of the region, by ``anyascii`` for the rest;
2. letter groups that stand for one sound → one letter (``kh``/``gh``/``x``/``h``/``q``/``g`` → ``k`` …);
3. vowels that are confused → one of ``a``, ``o``, ``i``; a glide before a vowel and doubled letters are dropped;
4. final ``d`` → ``t`` and ``b`` → ``p`` (-abad, -abat, -obod; Farab, Farap);
5. words that only say what kind of place it is (region, велаят, tumani …) are dropped when something else remains.

A key is for finding, never for showing: unlike names may share one, and ``scoring`` then tells them apart by ``plain``.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

# What is typed as an apostrophe, and the signs that only soften or mark a letter.
_DROPPED = dict.fromkeys(map(ord, "'’‘ʼʻ`´ʹʺ\"ьъ\u200c\u200d\u0640ء"), "")

_LATIN = {
    "ş": "sh", "š": "sh", "ș": "sh", "ç": "ch", "č": "ch", "ž": "j", "ň": "n", "ñ": "n", "ń": "n",
    "ý": "y", "ä": "a", "ə": "a", "ǝ": "a", "ö": "o", "ő": "o", "ü": "u", "ű": "u", "ı": "i", "ğ": "g",
    "ǧ": "g", "ĝ": "g", "ģ": "g",
}  # fmt: skip

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "o", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ы": "y", "э": "e", "ю": "u", "я": "a",
    # Turkmen, Uzbek, Azerbaijani, Kazakh, Karakalpak and Tajik letters
    "җ": "j", "ҷ": "j", "ҹ": "j", "ң": "n", "ө": "o", "ү": "u", "ұ": "u", "ә": "a", "ў": "o", "ғ": "g", "қ": "k",
    "ҝ": "g", "ҳ": "h", "һ": "h", "ј": "y", "і": "i", "ӣ": "i", "ӯ": "o", "ҡ": "k", "џ": "j",
}  # fmt: skip

_ARABIC = {
    "ا": "a", "آ": "a", "أ": "a", "إ": "i", "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h",
    "خ": "kh", "د": "d", "ذ": "z", "ر": "r", "ز": "z", "ژ": "j", "س": "s", "ش": "sh", "ص": "s", "ض": "z", "ط": "t",
    "ظ": "z", "ع": "a", "غ": "g", "ف": "f", "ق": "k", "ک": "k", "ك": "k", "گ": "g", "ګ": "g", "ل": "l", "م": "m",
    "ن": "n", "و": "o", "ه": "a", "ہ": "a", "ة": "a", "ی": "i", "ي": "i", "ى": "i", "ئ": "i", "ؤ": "o", "ے": "i",
}  # fmt: skip

_LETTERS = str.maketrans({**_LATIN, **_CYRILLIC, **_ARABIC})

# Letter groups → one sign per sound. Capitals stand for sounds of two letters, so that later rules leave them alone.
_SOUNDS = (
    (re.compile("shch|sch|sh"), "S"),
    (re.compile("tch|ch"), "C"),
    (re.compile("dzh|dj|dz(?=h)|zh|j"), "J"),
    (re.compile("c"), "J"),  # Azerbaijani and Turkish c is the j of Ganja
    (re.compile("ph"), "f"),
    (re.compile("[kgq]h|[kgqxh]"), "k"),
    (re.compile("th"), "t"),
    (re.compile("w"), "v"),
    (re.compile("[ae]+"), "a"),
    (re.compile("[ou]+"), "o"),
    (re.compile("[iy]+"), "i"),
    (re.compile("i(?=[ao])"), ""),  # я, ya, ia: the glide is written or not
    (re.compile("n(?=[bp])"), "m"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile("d$"), "t"),
    (re.compile("b$"), "p"),
)
_LOWER = str.maketrans({"S": "sh", "C": "ch", "J": "j"})

_KIND_WORDS = """
    region regions province district county city town village settlement republic oblast oblasty rayon raion area
    welaýat welaýaty welayaty velayat velayaty велаят велаяты etrap etraby этрап этрабы şäher şäheri shaher şaherçe
    viloyat viloyati вилоят вилояти tuman tumani туман тумани shahar shahri шаҳар шаҳри respublikasi республикаси
    rayonu району şəhər şəhəri шәһәр шәһәри respublikası vilayet vilayeti
    область области район района город города посёлок поселок село республика край exercise учение okuw mashq təlim
    oýun masgala the of
"""


def _fold(text: str) -> str:
    """Lower-case Latin letters, digits and single spaces, sounds not yet merged."""
    lowered = unicodedata.normalize("NFKC", text).replace("İ", "i").lower()
    lowered = unicodedata.normalize("NFC", lowered).translate(_DROPPED).translate(_LETTERS)
    return " ".join(re.findall("[a-z0-9]+", anyascii(lowered).replace("'", "").replace("`", "").lower()))


def _sound(word: str) -> str:
    for pattern, sign in _SOUNDS:
        word = pattern.sub(sign, word)
    return word.translate(_LOWER)


_KINDS = frozenset(_fold(word) for word in _KIND_WORDS.split())


def plain(text: str) -> str:
    """The name in ASCII letters with its own vowels and consonants: ``Türkmenabat`` → ``turkmenabat``."""
    return _fold(text)


def search_key(text: str) -> str:
    """The key of a name; empty when the text has no letter or digit.

    >>> search_key("Aşgabat") == search_key("Ashkhabad") == search_key("Ашхабад")
    True
    """
    words = _fold(text).split()
    telling = [word for word in words if word not in _KINDS] or words
    return re.sub(r"(.)\1+", r"\1", "".join(map(_sound, telling)))
