"""Verbs and what people write for them: canonical words, aliases per language, one letter wrong, likely meanings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from komek.messaging.grammar.carrier_words import CARRIER_WORDS
from komek.messaging.grammar.letters import folded

SHORTEST_CORRECTED = 4
"""Letters a verb must have before one wrong letter in it is forgiven: in shorter ones it would make another verb."""

MOST_SUGGESTIONS = 3


@dataclass(frozen=True)
class Verb:
    """A verb as its plug describes it. aliases: language code → words. goes_on: its words may run over several lines."""

    key: str
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    goes_on: bool = False


class AliasClash(ValueError):
    """A word would mean two things. The message names the word and both verbs."""


class Vocabulary:
    """All verbs together. Raises AliasClash when a word would mean two of them, or is a carrier's."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        self.verbs = {verb.key: verb for verb in verbs}
        self.words: dict[str, str] = {}
        self._languages: dict[str, set[str]] = {}
        for verb in self.verbs.values():
            self._add(verb.key, verb.key, "")
            for language, aliases in verb.aliases.items():
                for alias in aliases:
                    self._add(alias, verb.key, language)
        self._longest = max((len(word) for word in self.words), default=0)
        self._near = self._neighbours()
        self._near_carriers = _with_one_letter_less(CARRIER_WORDS)

    def _add(self, word: str, key: str, language: str) -> None:
        plain = folded(word)
        if not plain or not plain.isalpha():
            raise AliasClash(f"“{word}” of {key} cannot be a verb: a verb is letters only.")
        if plain in CARRIER_WORDS:
            raise AliasClash(f"“{word}” of {key} is a word carriers act on ({CARRIER_WORDS[plain]}).")
        other = self.words.setdefault(plain, key)
        if other != key:
            raise AliasClash(f"“{word}” would mean both {other} and {key}.")
        self._languages.setdefault(plain, set()).add(language)

    def _neighbours(self) -> dict[str, set[str]]:
        """What is left of each verb without one letter → the words it may come from."""
        return _with_one_letter_less(word for word in self.words if len(word) >= SHORTEST_CORRECTED)

    def key_of(self, plain: str) -> str | None:
        """The verb that a folded word is, exactly."""
        return self.words.get(plain)

    def language_of(self, plain: str) -> str:
        """The language of a folded word, empty when it is canonical or of several."""
        found = self._languages.get(plain, set())
        return next(iter(found)) if len(found) == 1 else ""

    def corrected(self, plain: str) -> str | None:
        """The verb that a folded word is with one letter wrong, missing, too many or swapped, when only one fits.

        Never for what could be a carrier's word with a letter wrong: nobody is to be unsubscribed, or not, by a guess.
        """
        if len(plain) < SHORTEST_CORRECTED - 1 or len(plain) > self._longest + 1:
            return None
        if _is_near(plain, self._near_carriers):
            return None
        hits = {self.words[word] for word in _near_words(plain, self._near)}
        return hits.pop() if len(hits) == 1 else None

    def suggestions(self, plain: str, *, with_short: bool) -> tuple[str, ...]:
        """Verbs that a folded word may have been meant for, in the order of the alphabet; for "did you mean".

        with_short: also verbs of fewer than four letters.
        """
        if len(plain) < 2 or len(plain) > self._longest + 1:
            return ()
        found = {
            key
            for word, key in self.words.items()
            if (with_short or len(word) >= SHORTEST_CORRECTED)
            and (word.startswith(plain) or OSA.distance(plain, word, score_cutoff=1) <= 1)
        }
        return tuple(sorted(found))[:MOST_SUGGESTIONS]


def _shortened(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _with_one_letter_less(words: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for word in words:
        for form in (word, *_shortened(word)):
            found.setdefault(form, set()).add(word)
    return found


def _near_words(plain: str, near: Mapping[str, set[str]]) -> set[str]:
    candidates: set[str] = set()
    for form in (plain, *_shortened(plain)):
        candidates |= near.get(form, set())
    return {word for word in candidates if OSA.distance(plain, word, score_cutoff=1) <= 1}


def _is_near(plain: str, near: Mapping[str, set[str]]) -> bool:
    return bool(_near_words(plain, near))
