"""Words and letters that people write on paper lists for sex, relation and needs, in the languages of the region."""

from __future__ import annotations

from collections.abc import Mapping

from camps.models import RelationToHead, Sex, SpecialNeed
from komek.places.keys import plain

# One letter each, the same in every language, so that hands learn them. Shown above the grid.
RELATION_LETTERS = {
    "h": RelationToHead.HEAD, "s": RelationToHead.SPOUSE, "c": RelationToHead.CHILD, "p": RelationToHead.PARENT,
    "b": RelationToHead.SIBLING, "g": RelationToHead.GRANDCHILD, "r": RelationToHead.OTHER_RELATIVE,
    "n": RelationToHead.NOT_RELATED,
}  # fmt: skip
NEED_LETTERS = {
    "d": SpecialNeed.DISABILITY, "p": SpecialNeed.PREGNANT, "u": SpecialNeed.UNACCOMPANIED_CHILD,
    "o": SpecialNeed.OLDER_ALONE, "c": SpecialNeed.CHRONICALLY_ILL,
}  # fmt: skip

_SEX = {
    Sex.FEMALE: "f female woman girl ж жен женский женщина девочка a aýal zenan gyz ayol qiz аёл қиз q qadın qız",
    Sex.MALE: "m male man boy м муж мужской мужчина мальчик e erkek oglan erkak oʻgʻil эркак ўғил k kişi oğlan",
    Sex.OTHER: "o other другой başga boshqa başqa",
    Sex.UNKNOWN: "? unknown неизвестно",
}
_RELATION = {
    RelationToHead.HEAD: "head self глава сам maşgalabaşy hojaýyn boshliq oila_boshligʻi оила_бошлиғи başçı ailə_başçısı",
    RelationToHead.SPOUSE: "spouse wife husband w жена муж супруг супруга aýaly äri xotini eri хотини эри arvadı həyat_yoldaşı",
    RelationToHead.CHILD: (
        "child son daughter ребёнок сын дочь çaga ogly gyzy bola oʻgʻli qizi бола ўғли қизи uşaq oğlu qızı"
    ),
    RelationToHead.PARENT: "parent mother father мать отец ejesi kakasy onasi otasi онаси отаси anası atası",
    RelationToHead.SIBLING: "sibling brother sister брат сестра dogany aka uka opa singil ака ука опа сингил qardaşı bacısı",
    RelationToHead.GRANDCHILD: "grandchild grandson granddaughter внук внучка agtygy ýegeni nevara nabirasi невара nəvəsi",
    RelationToHead.OTHER_RELATIVE: "relative родственник родственница garyndaş qarindosh қариндош qohum",
    RelationToHead.NOT_RELATED: "unrelated none чужой не_родственник ýat begona бегона yad",
}
_NEEDS = {
    SpecialNeed.DISABILITY: "disability disabled инвалид инвалидность maýyp nogiron ногирон əlil",
    SpecialNeed.PREGNANT: "pregnant breastfeeding беременная кормящая göwreli homilador emizikli ҳомиладор hamilə",
    SpecialNeed.UNACCOMPANIED_CHILD: "unaccompanied orphan сирота ýetim yetim етим",
    SpecialNeed.OLDER_ALONE: "older_alone одинокий одинокая ýalňyz_garry yolgʻiz ёлғиз tənha",
    SpecialNeed.CHRONICALLY_ILL: "chronic ill хронический больной hassa bemor surunkali бемор xəstə",
}


def _table(words: Mapping[str, str], letters: Mapping[str, str] | None = None) -> dict[str, str]:
    table = {folded(word.replace("_", " ")): str(key) for key, text in words.items() for word in text.split()}
    return {**table, **{key: key for key in map(str, words)}, **{k: str(v) for k, v in (letters or {}).items()}}


def folded(text: str) -> str:
    """A word as tables hold it: ASCII, lower case."""
    return plain(text) or text.strip().lower()


SEXES = _table(_SEX)
RELATIONS = _table(_RELATION, RELATION_LETTERS)
NEEDS = _table(_NEEDS, NEED_LETTERS)
