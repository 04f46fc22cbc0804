"""A message → what each of its lines asks for. No text makes it raise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from komek.messaging.grammar.carrier_words import CARRIER_LANGUAGES, CARRIER_WORDS, CarrierWord
from komek.messaging.grammar.letters import folded, latin_look, normal
from komek.messaging.grammar.vocabulary import Vocabulary
from komek.messaging.inbound.distress import may_be_distress
from komek.records.codes import has_shape_of_code

MOST_LINES = 12
"""Commands of one message that are carried out. A message of 1,600 letters holds more only to do harm."""


class Kind(StrEnum):
    COMMAND = "command"
    HELP = "help"
    ANSWER = "answer"
    CARRIER = "carrier"
    UNKNOWN = "unknown"
    EMPTY = "empty"


@dataclass(frozen=True)
class Line:
    """One thing a message asks for.

    number: from 1, in the order written. text: the line as it is read. verb: the canonical verb (COMMAND, and HELP about one) or
    the CarrierWord. arguments: what follows the verb. answer: the number of an ANSWER. suggestions: for UNKNOWN, verbs that may
    have been meant. is_corrected: a letter of the verb was wrong. language: of the word, where it is of one language only.
    """

    number: int
    kind: Kind
    text: str
    verb: str = ""
    arguments: str = ""
    answer: int = 0
    suggestions: tuple[str, ...] = ()
    is_corrected: bool = False
    language: str = ""


CYRILLIC = re.compile("[а-я]")
_BREAKS = re.compile(r"[;\n]+")
# The first word: letters of any script, with the apostrophes of Uzbek; what people put before it is dropped.
_FIRST = re.compile(r"[^\w?]*([^\W\d_]+(?:'[^\W\d_]+)*)")
# What stands between a verb and what follows; a minus or an equals sign before a number belongs to the number.
_BEFORE_ARGUMENTS = re.compile(r"^[\s:,.>\"*_]*(?:[-=]+\s*(?![\d\s]))?")
_AROUND = ' "*_'
_FORWARDED = re.compile(r"(?:re|fwd?|fw)\s*:\s*", re.IGNORECASE)
_ANSWER = re.compile(r"[#(\s]*([1-9]\d{0,3})[\s.)!]*")
_QUESTION = re.compile(r"[?？\s.!]+")


def read_text(text: str, vocabulary: Vocabulary) -> tuple[Line, ...]:
    """What a message asks for, at least one line. A message without any verb is one UNKNOWN line with all its words."""
    whole = normal(text)
    if alone := _alone(whole):
        return (alone,)
    lines: list[Line] = []
    for part in _BREAKS.split(whole):
        stripped = part.strip()
        if not stripped:
            continue
        line = _read_line(stripped, len(lines) + 1, vocabulary)
        before = lines[-1] if lines else None
        if line.kind == Kind.UNKNOWN and before and _belongs_to(before, line, vocabulary):
            lines[-1] = _joined(before, stripped)
        elif len(lines) < MOST_LINES:
            lines.append(line)
    if len(lines) > 1 and all(line.kind == Kind.UNKNOWN for line in lines):
        return (Line(1, Kind.UNKNOWN, whole, suggestions=lines[0].suggestions),)
    return tuple(lines)


def _alone(whole: str) -> Line | None:
    """A message that is nothing, one number (of a question's answer), one question mark, or one word that carriers act on."""
    if not whole or not any(letter.isalnum() or letter in "?？" for letter in whole):
        return Line(1, Kind.EMPTY, whole)
    if found := _ANSWER.fullmatch(whole):
        return Line(1, Kind.ANSWER, whole, answer=int(found[1]))
    if _QUESTION.fullmatch(whole):
        return Line(1, Kind.HELP, whole)
    if len(whole) <= 24:
        word = CARRIER_WORDS.get(folded(whole.strip(" .!?,\"'")))
        if word is not None:
            language = CARRIER_LANGUAGES.get(folded(whole.strip(" .!?,\"'")), "")
            return Line(1, Kind.CARRIER, whole, verb=word.value, language=language)
    return None


def _read_line(text: str, number: int, vocabulary: Vocabulary) -> Line:
    if _QUESTION.fullmatch(text):
        return Line(number, Kind.HELP, text)
    first = _FIRST.match(text, end.end() if (end := _FORWARDED.match(text)) else 0)
    if first is None:
        return Line(number, Kind.UNKNOWN, text)
    word, rest = folded(first[1]), text[first.end() :]
    key = vocabulary.key_of(word)
    if key is None and not first[1].isascii():
        key = vocabulary.key_of(folded(latin_look(first[1].upper())))
    if key is None and (split := _glued(text, first, vocabulary)):
        key, rest = split
    corrected = key is None
    if (
        key is None and not rest[:1].isdigit() and not may_be_distress(word)
    ):  # "save us" is not SAFE with a letter wrong
        key = vocabulary.corrected(word)
    if key is None:
        language = "ru" if CYRILLIC.search(word) else ""
        return Line(number, Kind.UNKNOWN, text, suggestions=_meant(word, text, vocabulary), language=language)
    language = vocabulary.language_of(word)
    arguments = _BEFORE_ARGUMENTS.sub("", rest).rstrip(_AROUND)
    if _QUESTION.fullmatch(arguments or " ") and "?" in arguments:
        return Line(number, Kind.HELP, text, verb=key, is_corrected=corrected, language=language)
    return Line(
        number,
        Kind.COMMAND,
        text,
        verb=key,
        arguments=arguments.strip(),
        is_corrected=corrected,
        language=language,
    )


def _glued(text: str, first: re.Match[str], vocabulary: Vocabulary) -> tuple[str, str] | None:
    """``HCC1143 412`` → HC and ``C1143 412``: a verb with a code stuck to it, whether or not the code is right."""
    letters = first[1]
    token_end = text.find(" ", first.start(1))
    token = text[first.start(1) : token_end if token_end >= 0 else len(text)]
    if len(token) == len(letters):
        return None
    for place in range(len(letters) - 1, 0, -1):
        key = vocabulary.key_of(folded(letters[:place]))
        if key is not None and has_shape_of_code(token[place:]):
            return key, text[first.start(1) + place :]
    return None


def _belongs_to(before: Line, line: Line, vocabulary: Vocabulary) -> bool:
    """Whether a line without a verb goes with the one before.

    Either the one before is a bare verb and this what it is about, or its verb says that it goes on over lines and no verb was
    near here.
    """
    if before.kind != Kind.COMMAND:
        return False
    if not before.arguments:
        return line.text[0].isdigit() or has_shape_of_code(line.text.split()[0])
    verb = vocabulary.verbs.get(before.verb)
    return verb is not None and verb.goes_on and not line.suggestions


def _meant(word: str, text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Verbs a line may have been meant for. Short verbs only where a number follows, for every other word is near one of them."""
    return vocabulary.suggestions(word, with_short=any(letter.isdigit() for letter in text))


def _joined(before: Line, more: str) -> Line:
    return Line(
        before.number,
        before.kind,
        f"{before.text}\n{more}",
        verb=before.verb,
        arguments=f"{before.arguments}\n{more}".strip(),
        is_corrected=before.is_corrected,
        language=before.language,
    )


__all__ = ["MOST_LINES", "CarrierWord", "Kind", "Line", "read_text"]
