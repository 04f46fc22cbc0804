"""Which column of a boundary file holds what: proposed from the usual names, changed by a person. Pure.

Known ways of naming, ``n`` being the level:

- COD-AB as published for years: ``ADMn_PCODE``, ``ADMn_EN``, ``ADMn_RU``, ``ADMn_REF``, ``ADMnALT1EN``, in either case, also with
  ``admin`` in full and cut to a Shapefile's ten letters (``admin1Pcod``);
- COD-AB since 2025: ``admn_pcode``, ``admn_name``, ``admn_name1`` …, their languages in columns ``lang``, ``lang1`` …

A layer's own level is the deepest of which it has a code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

LEFT_OUT = -1
DEEPEST = 9
UNKNOWN_LANGUAGE = ""

_CODE = re.compile(r"adm(?:in)?(\d)_?p?cod(?:e)?$", re.I)
_NAME = re.compile(r"adm(?:in)?(\d)_?name?_?([a-z]{2,3}(?:[_-][a-z]{2,5})?)?$", re.I)
_NUMBERED_NAME = re.compile(r"adm(?:in)?(\d)_?name([1-9])$", re.I)
_LANGUAGE_NAME = re.compile(r"adm(?:in)?(\d)_([a-z]{2,3}(?:[_-][a-z]{2,5})?)$", re.I)
_ALIAS = re.compile(r"adm(?:in)?(\d)_?(?:alt|ref).*$", re.I)
_KIND = re.compile(r"adm(?:in)?(\d)_?(?:type|engtype)(?:_?en)?$", re.I)
_OTHER_CODES = {"iso_3166_2": "ISO 3166", "iso3166_2": "ISO 3166", "geonames_id": "GeoNames", "geonameid": "GeoNames"}
_PLAIN_CODES = ("pcode", "p_code", "code", "shapeid", "id")
_PLAIN_NAMES = ("name", "shapename", "name_en")
_NO_LANGUAGE = frozenset({"ref", "cod", "id", "alt", "typ", "na"})
_LANGUAGE_TAGS = {"uz_cyrl": "uz-cyrl", "uz_cyr": "uz-cyrl", "uzc": "uz-cyrl", "uz_latn": "uz", "uz_lat": "uz"}
_ISO_639_2 = {"eng": "en", "rus": "ru", "tuk": "tk", "uzb": "uz", "aze": "az"}
_CYRILLIC = re.compile("[\u0400-\u04ff]")


@dataclass(frozen=True)
class LayerMapping:
    """Where one layer keeps what; values are column names, empty for none.

    level: 0 is the country; ``LEFT_OUT`` for a layer that is not loaded. names: language code → column.
    A language ``x-1``, ``x-2`` … is one that the file does not say; such names are kept as other names.
    codes: code system → column. epsg: reference system, for a layer that states none; is_swapped: its coordinates are latitude
    first.
    """

    level: int = LEFT_OUT
    pcode: str = ""
    parent: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    kind: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    epsg: int | None = None
    is_swapped: bool = False

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "names": dict(self.names), "codes": dict(self.codes), "aliases": list(self.aliases)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> LayerMapping:
        return cls(**{**stored, "aliases": tuple(stored.get("aliases", ()))})


def propose(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> LayerMapping:
    """A mapping for a layer with these columns; ``rows``: some of its rows as text, to see which columns are empty."""
    filled = [column for column in columns if any(row.get(column) for row in rows)] or list(columns)
    codes = {int(found.group(1)): column for column in filled if (found := _CODE.match(column))}
    if not codes:
        return _propose_plain(filled)
    level = max(codes)
    above = [other for other in codes if other < level]
    return LayerMapping(
        level=level,
        pcode=codes[level],
        parent=codes[max(above)] if above else "",
        names=_names(level, filled, rows),
        aliases=tuple(c for c in filled if (found := _ALIAS.match(c)) and int(found.group(1)) == level),
        kind=next((c for c in filled if (found := _KIND.match(c)) and int(found.group(1)) == level), ""),
        codes=_other_codes(filled),
    )


def _names(level: int, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in columns:
        if _CODE.match(column) or _ALIAS.match(column) or _KIND.match(column):
            continue
        if found := _NUMBERED_NAME.match(column):
            tag = _stated_language(rows, f"lang{found.group(2)}")
            if not tag:
                tag = f"x-{found.group(2)}"
        elif found := _NAME.match(column):
            tag = found.group(2) or _stated_language(rows, "lang")
        elif found := _LANGUAGE_NAME.match(column):
            tag = found.group(2)
            if tag.lower() in _NO_LANGUAGE:
                continue
        else:
            continue
        if int(found.group(1)) == level:
            names.setdefault(language_of(tag, [row.get(column, "") for row in rows]), column)
    return names


def _propose_plain(columns: Sequence[str]) -> LayerMapping:
    """For a layer with none of the usual names: a guess at code and name, no level; a person says the rest."""
    by_lower = {column.lower(): column for column in reversed(columns)}
    name = next((by_lower[known] for known in _PLAIN_NAMES if known in by_lower), "")
    return LayerMapping(
        pcode=next((by_lower[known] for known in _PLAIN_CODES if known in by_lower), ""),
        parent=by_lower.get("parent", ""),
        names={UNKNOWN_LANGUAGE: name} if name else {},
        codes=_other_codes(columns),
    )


def language_of(tag: str, samples: Sequence[str] = ()) -> str:
    """Our language code for a column's ending; Uzbek in Cyrillic letters is told by its letters."""
    lower = tag.lower().replace("-", "_")
    language = _LANGUAGE_TAGS.get(lower) or _ISO_639_2.get(lower) or lower.replace("_", "-")
    if language == "uz" and any(_CYRILLIC.search(sample) for sample in samples):
        return "uz-cyrl"
    return language


def is_unknown(language: str) -> bool:
    """Whether a name's language is not known: a lone name column, or a numbered one without its language."""
    return language == UNKNOWN_LANGUAGE or language.startswith("x-")


def _stated_language(rows: Sequence[Mapping[str, str]], column: str) -> str:
    return next((row[column] for row in rows if row.get(column)), "")


def _other_codes(columns: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in columns:
        system = _OTHER_CODES.get(column.lower())
        if system:
            found.setdefault(system, column)
    return found
