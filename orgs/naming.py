"""Organisation names across scripts, languages and legal forms, and how alike two organisations are. Pure.

Three things are derived from a name, none of them ever shown in its place:

- ``name_key``: ASCII words by sound, for search: ``Gyzyl Ýarymaý`` and ``Гызыл Ярымай`` give the same words;
- ``organisation_key``: the same without legal forms and words that only say "organisation" (LLC, ООО, jemgyýeti …);
- ``initials``: the acronym that the name's words make.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii

# What is typed as an apostrophe, and the signs that only soften or mark a letter.
_DROPPED = dict.fromkeys(map(ord, "'’‘ʼʻ`´ʹʺьъ\u200c\u200d\u0640"), "")

_LETTERS = str.maketrans({
    # Turkmen, Azerbaijani, Turkish and Uzbek Latin
    "ş": "sh", "š": "sh", "ç": "ch", "č": "ch", "ž": "j", "ň": "n", "ý": "y", "ä": "a", "ə": "a", "ǝ": "a",
    "ö": "o", "ü": "u", "ı": "i", "ğ": "g",
    # Cyrillic of the region
    "ж": "j", "җ": "j", "ҷ": "j", "ҹ": "j", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya",
    "ё": "yo", "э": "e", "ы": "y", "й": "y", "х": "h", "ҳ": "h", "һ": "h", "ң": "n", "ө": "o", "ү": "u",
    "ұ": "u", "ә": "a", "ў": "o", "ғ": "g", "қ": "k", "ҝ": "g", "ј": "y", "і": "i", "џ": "j",
    # Arabic and Persian letters that a plain transliteration spells otherwise
    "آ": "a", "ا": "a", "أ": "a", "إ": "i", "خ": "kh", "غ": "g", "ق": "k", "ک": "k", "گ": "g", "و": "o", "ی": "i",
    "ي": "i", "چ": "ch", "ش": "sh", "ج": "j", "ژ": "j", "ة": "a", "ه": "a",
})  # fmt: skip

_AZERBAIJANI = str.maketrans({"c": "j", "x": "h", "q": "g"})

# Letter groups → one spelling of one sound. What languages disagree on most comes first.
_SOUNDS = (
    (re.compile("shch"), "sh"),
    (re.compile("dzh|zh|dj"), "j"),
    (re.compile("kh|x"), "h"),
    (re.compile("gh"), "g"),
    (re.compile("q"), "k"),
    (re.compile("w"), "v"),
    (re.compile("ph"), "f"),
    (re.compile("ck|c(?![heiy])"), "k"),
    (re.compile("c(?=[eiy])"), "s"),
    (re.compile("[iy]+"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
)

# Legal forms and words that say no more than "organisation", by what they mean, in the languages of the region and of
# relief work. Forms that mean the same in two languages make two names more alike; different ones do not.
_FORM_WORDS = {
    "company": """
        llc ltd limited inc incorporated corp corporation company co plc gmbh ag sa sarl bv srl jsc ojsc cjsc
        ооо зао пао ао оао ип тоо чп компания mchj мчж ooj yoaj aj mas xk qk mmc qsc asc hj ýapyk açyk görnüşli
        paýdarlar hususy kärhanasy şirketi şirkəti kompaniýasy""",
    "fund": """
        fund foundation trust фонд gaznasy газнасы jamgarmasi jamg'armasi жамғармаси fondu фонду fondi vakfi vakfı""",
    "society": """
        society общество jamiyati жамияти jemgyýeti jemgyyeti җемгыети cəmiyyəti cemiyyeti ҹәмијјәти cemiyeti dernegi
        derneği""",
    "association": """
        association ассоциация объединение союз union uyushmasi уюшмаси birleşigi birlesigi бирлешиги birliyi бирлийи
        assosiasiyası""",
    "organisation": """
        ngo ingo npo ngos cso organisation organization нко ано организация tashkiloti ташкилоти guramasy гурамасы
        təşkilatı nodavlat notijorat""",
    "": """
        charity charitable public international national общественная общественное общественный оо оф ого
        благотворительная благотворительный благотворительное международная международный международное xayriya хайрия
        ictimai xeyriyyə beynəlxalq haýyr-sahawat halkara""",
}
_SMALL_WORDS = """
    the of and for in to a an on at by with de la le les du des et und der die das für
    и в во на для по при от с из о об
    we hem üçin ucun ve və üçün va ва ile ilə uchun учун boyunça
"""
_GENERIC_HOSTS = frozenset({
    "facebook.com", "instagram.com", "t.me", "telegram.me", "twitter.com", "x.com", "linkedin.com", "youtube.com",
    "vk.com", "ok.ru", "sites.google.com", "wordpress.com", "blogspot.com", "linktr.ee", "reliefweb.int", "github.com",
})  # fmt: skip


def _words(text: str) -> list[str]:
    """Lower-case ASCII words, letters not yet merged by sound."""
    lowered = unicodedata.normalize("NFKC", text).replace("İ", "i").lower()
    lowered = unicodedata.normalize("NFC", lowered)
    if "ə" in lowered:  # written in Azerbaijani, where c is the j of Gəncə, x is kh and q is g
        lowered = lowered.translate(_AZERBAIJANI)
    lowered = lowered.translate(_DROPPED).translate(_LETTERS)
    return re.findall("[a-z0-9]+", anyascii(lowered).replace("'", "").lower())


@lru_cache(maxsize=50_000)
def _sound(word: str) -> str:
    for pattern, spelling in _SOUNDS:
        word = pattern.sub(spelling, word)
    return word


_FORMS = {
    _sound(word): meaning for meaning, texts in _FORM_WORDS.items() for text in texts.split() for word in _words(text)
}
_SMALL = frozenset(_sound(word) for text in _SMALL_WORDS.split() for word in _words(text))


def name_key(name: str) -> str:
    """The name as ASCII words by sound; empty when it has no letter or digit.

    >>> name_key("Gyzyl Ýarymaý") == name_key("Гызыл Ярымай")
    True
    """
    return " ".join(map(_sound, _words(name)))


def organisation_key(name: str) -> str:
    """``name_key`` without legal forms and small words; the whole of it when nothing else would be left."""
    words = name_key(name).split()
    telling = [word for word in words if word not in _FORMS and word not in _SMALL]
    return " ".join(telling or words)


def form_meanings(name: str) -> frozenset[str]:
    """What the name's legal forms mean: ``Umyt gaznasy`` → ``fund``. Empty when it has none."""
    return frozenset(filter(None, (_FORMS.get(word) for word in name_key(name).split())))


def search_key(names: Iterable[str]) -> str:
    """Every name's key, one after another, for one trigram index."""
    return " | ".join(dict.fromkeys(key for key in map(name_key, names) if key))


def initials(name: str) -> str:
    """The acronym the name makes: ``Water Without Borders`` → ``wwb``. Small words are skipped; one word makes none."""
    words = [word for word in re.findall(r"[^\W_]+", name) if _sound("".join(_words(word))) not in _SMALL]
    return acronym_key("".join(word[0] for word in words)) if len(words) > 1 else ""


def acronym_key(acronym: str) -> str:
    """An acronym in ASCII, without dots and spaces: ``U.N.H.C.R.`` → ``unhcr``, ``КЧС`` → ``kchs``."""
    return "".join(_words(acronym))


def website_host(website: str) -> str:
    """The host a website stands for; empty for hosts that many organisations share."""
    match = re.match(r"(?:https?://)?(?:www\.)?([^/:?#]+)", website.strip().lower())
    host = match.group(1) if match else ""
    return "" if host in _GENERIC_HOSTS or "." not in host else host
