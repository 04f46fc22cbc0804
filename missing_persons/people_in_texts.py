"""Reading who a text speaks of: ``Aman Ataev/34/M/Tejen``. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from komek.messaging.grammar.letters import folded
from komek.records.codes import has_shape_of_code
from missing_persons.models import Sex

MOST_NAME_WORDS = 4
"""More words without a stroke or a comma between are a sentence, and no name."""
SHORTEST_NAME = 2
LONGEST_PLACE = 300

_AGE = re.compile(
    r"(?P<low>\d{1,3})(?:\s*-\s*(?P<high>\d{1,3}))?\s*"
    r"(?:(?:y|yo|yrs?|years?|old|yas|yaş|yaşynda|yosh|ёш|г|год|года|лет)\b\.?)?(?=[\s,]|$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[/\\|,]")
_FIRST_NUMBER = re.compile(r"\s(?=\d)")
_AGE_AT_END = re.compile(
    rf"[\s,/]+(?P<age>{_AGE.pattern.replace('?P<low>', '').replace('?P<high>', '')})$", re.IGNORECASE
)
# Before a place; only where no stroke and no comma tells the two apart.
_AT = re.compile(r"\s(?:at|in|в|во|на)\s", re.IGNORECASE)

_WORDS_FOR_SEX = {
    Sex.MALE: "m male man boy м муж мужчина мужской мальчик парень erkek oglan erkak o'g'il kişi oğlan эркак ўғил",
    Sex.FEMALE: "f w female woman girl ж жен женщина женский девочка девушка aýal zenan gyz ayol qiz qadın аёл қиз",
}
_SEXES = {folded(word): sex for sex, words in _WORDS_FOR_SEX.items() for word in words.split()}


@dataclass(frozen=True)
class Told:
    """Whom a text speaks of. age_from, age_to: years, ``None`` when not said. sex: a value of ``Sex``, or empty."""

    name: str
    age_from: int | None = None
    age_to: int | None = None
    sex: str = ""
    place: str = ""

    def in_words(self) -> str:
        """The same, short, for the answer that says what was understood."""
        ages = dict.fromkeys(str(age) for age in (self.age_from, self.age_to) if age is not None)
        sex = str(Sex(self.sex).label) if self.sex else ""
        return ", ".join(filter(None, (_short(self.name, 40), "-".join(ages), sex, _short(self.place, 30))))


def read_person(text: str, example: str) -> Told:
    """``Aman Ataev/34/M/Tejen``, the parts after the name in any order; commas do as well, and blanks where a number tells them apart.

    Raises ValueError with a sentence that ends with the example.
    """
    pieces = [piece for part in _BETWEEN.split(text) if (piece := part.strip(" .:-"))]
    if not pieces:
        raise ValueError(_("Whom? Write: %(example)s") % {"example": example})
    name, *rest = pieces
    is_loose = _FIRST_NUMBER.search(name)
    if is_loose:
        rest = [name[is_loose.end() :], *rest]
        name = name[: is_loose.start()]
    ages: tuple[int, int] | None = None
    sex, places = "", []
    for number, piece in enumerate(rest):
        left = piece
        for _again in (1, 2):  # "34 M" and "M 34"
            if ages is None and (found := _age_before(left, is_loose=bool(is_loose) and number == 0)):
                ages, left = found
            if not sex and (which := _SEXES.get(folded(left.split(" ")[0].strip(".")))):
                sex, left = which, left.partition(" ")[2].strip()
        if left:
            places.append(left)
    low, high = ages or (None, None)
    return Told(_name(name, example), low, high, sex, ", ".join(places)[:LONGEST_PLACE])


def read_safe(text: str, example: str) -> Told:
    """``Aman Ataev, Kaka school`` → who and where; the name is empty when nothing was written. Raises ValueError with a sentence."""
    pieces = [piece for part in _BETWEEN.split(text) if (piece := part.strip(" .:-!"))]
    if not pieces:
        return Told("")
    if len(pieces) == 1:
        words = pieces[0].split()
        site = next((place for place, word in enumerate(words) if has_shape_of_code(word)), 0)
        pieces = [" ".join(words[:site]), " ".join(words[site:])] if site else _AT.split(pieces[0], maxsplit=1)
    if len(pieces) == 1 and len(pieces[0].split()) >= MOST_NAME_WORDS:
        raise ValueError(_("Put a comma between the name and the place: %(example)s") % {"example": example})
    name, *places = pieces
    return Told(_name(name, example, least=2), place=", ".join(places)[:LONGEST_PLACE])


def read_search(text: str, example: str) -> Told:
    """``Aman Ataev 34`` → the name and the age. Raises ValueError with a sentence."""
    tidy = text.strip(" .?!,/")
    found = _AGE_AT_END.search(tidy)
    if found is None:
        return Told(_name(tidy, example))
    ages = _age_before(found["age"], is_loose=True)
    low, high = ages[0] if ages else (None, None)
    return Told(_name(tidy[: found.start()], example), low, high)


def _age_before(text: str, *, is_loose: bool) -> tuple[tuple[int, int], str] | None:
    """The age a piece begins with, and the rest. Between strokes a number is an age only alone or beside the sex: "12 mkr" is a
    place.
    """
    found = _AGE.match(text)
    if found is None:
        return None
    rest = text[found.end() :].strip(" ,")
    if rest and not is_loose and folded(rest.split(" ")[0].strip(".")) not in _SEXES:
        return None
    low = int(found["low"])
    return (low, int(found["high"] or low)), rest


def _name(text: str, example: str, *, least: int = 1) -> str:
    name = " ".join(text.split()).strip(" .,:-\"'")
    letters = sum(letter.isalpha() for letter in name)
    words = len(name.split())
    if letters < SHORTEST_NAME or words > MOST_NAME_WORDS or any(letter.isdigit() for letter in name):
        raise ValueError(_("The name alone comes first. Write: %(example)s") % {"example": example})
    if words < least:
        raise ValueError(_("Write the given name and the family name: %(example)s") % {"example": example})
    return name


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3].rstrip(' ,')}..."
