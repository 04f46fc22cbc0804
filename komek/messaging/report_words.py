"""What kinds of trouble a text reports (``REP``), and the words people write for them. Data and a pure reader."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from komek.messaging.grammar.letters import folded

KINDS = {
    "flood": _("flood"),
    "fire": _("fire"),
    "earthquake": _("earthquake"),
    "landslide": _("landslide"),
    "building": _("building damaged"),
    "road": _("road blocked"),
    "bridge": _("bridge damaged"),
    "power": _("no electricity"),
    "water": _("no clean water"),
    "medical": _("illness or injury"),
    "violence": _("violence"),
    "other": _("other"),
}
"""Kinds of report, and how they are called."""

WORDS = {
    "flood": "flood flooding flooded наводнение затопление потоп паводок suw joşgun toshqin тошқин sel daşqın",
    "fire": "fire burning пожар горит ýangyn yong'in ёнғин yanğın",
    "earthquake": "quake earthquake землетрясение толчок толчки ýertitreme zilzila зилзила zəlzələ",
    "landslide": "landslide mudslide оползень сель süýşgün ko'chki кўчки sürüşmə",
    "building": "building house collapse collapsed дом здание обвал рухнул рухнуло jaý ymarat bino бино bina",
    "road": "road дорога ýol yo'l йўл yol",
    "bridge": "bridge мост köpri ko'prik кўприк körpü",
    "power": "power electricity электричество свет тока tok elektrik elektr svet чироқ chiroq işıq",
    "water": "water вода воды suwsuz suv сув su",
    "medical": "sick injured wounded disease больные раненые раненый ýaraly kasal kasallar xəstə yaralı касал",
    "violence": "violence shooting looting насилие стрельба грабёж мародёры",
    "other": "other другое başga boshqa бошқа başqa",
}
"""Words for each kind, in all languages. Native speakers should review them."""

_MEANING = {folded(word): kind for kind, words in WORDS.items() for word in words.split() if word != "suw"}
_WORD = re.compile(r"[^\W\d_]+(?:['’ʻ][^\W\d_]+)*")
_SEVERITY = re.compile(r"[\s,:]*(?:sev|s|с)?\s*([1-5])(?:\s*/\s*5)?(?![\d.,]?\d)(?=[\s,.!:;]|$)[\s,.:]*", re.IGNORECASE)


@dataclass(frozen=True)
class Reported:
    """kind: of ``KINDS``, empty when no word says it. severity: 1–5, 0 when not said. before: what stands before the kind, where a
    place is expected; words: what follows.
    """

    kind: str
    severity: int
    before: str
    words: str


def read_report(text: str) -> Reported:
    """``Tejen bridge road 4 two cars`` → kind, severity, where, what. The last word for a kind before a figure decides. Pure."""
    text = text.strip()
    found = [(word, kind) for word in _WORD.finditer(text) if (kind := _MEANING.get(folded(word[0])))]
    graded = next(((word, kind) for word, kind in found if _SEVERITY.match(text, word.end())), None)
    if graded is None and not found:
        return Reported("", 0, "", text)
    word, kind = graded or _first_after_a_place(found)
    severity = _SEVERITY.match(text, word.end())
    end = severity.end() if severity else word.end()
    return Reported(
        kind, int(severity[1]) if severity else 0, text[: word.start()].strip(" ,.:"), text[end:].strip(" ,.:")
    )


def _first_after_a_place(found: list[tuple[re.Match[str], str]]) -> tuple[re.Match[str], str]:
    return next((one for one in found if one[0].start() > 0), found[0])
