"""The grammar: no text makes it raise, a word never means two things, and nobody is unsubscribed by a guess."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from komek.extensions.sms_commands import sms_commands
from komek.messaging.checks import verbs_are_clear
from komek.messaging.grammar.carrier_words import CARRIER_WORDS
from komek.messaging.grammar.letters import folded, normal
from komek.messaging.grammar.reading import MOST_LINES, Kind, read_text
from komek.messaging.grammar.vocabulary import AliasClash, Verb, Vocabulary
from komek.messaging.inbound.distress import may_be_distress
from komek.messaging.segments import cheaper, cost_of, in_latin, pages
from komek.messaging.verbs import vocabulary

PIECES = st.sampled_from(
    [
        "HC",
        "hc",
        "C1143",
        "с1143",
        "UNDO",
        "STOP",
        "LANG",
        "JOIN",
        ";",
        "\n",
        "?",
        " ",
        "\u00a0",
        "o",
        "1",
        "412",
        "+",
        "-",
        "=",
        "É",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map("".join))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_no_text_makes_the_grammar_raise_and_every_text_is_something(text: str) -> None:
    lines = read_text(text, vocabulary())
    assert 1 <= len(lines) <= MOST_LINES
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert lines == read_text(normal(text), vocabulary()), "what is normal stays so"
    may_be_distress(text)
    for line in lines:
        if line.kind == Kind.COMMAND:
            plug: Any = sms_commands.get(line.verb)
            try:
                plug.parse(line.arguments)
            except ValueError as refusal:
                assert str(refusal)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=700), st.integers(1, 4))
def test_pages_hold_every_word_and_none_costs_more_than_it_may(text: str, most: int) -> None:
    cut = pages(text, most)
    assert "".join("".join(cut).split()) == "".join(text.split())
    assert all(cost_of(page).segments <= most for page in cut)


@pytest.mark.parametrize("word", sorted(CARRIER_WORDS))
def test_a_carriers_word_is_one_alone_in_any_case_and_never_a_verb(word: str) -> None:
    for written in (word, word.upper(), f" {word}! "):
        assert read_text(written, vocabulary())[0].kind == Kind.CARRIER
    assert vocabulary().key_of(word) is None
    assert vocabulary().corrected(word + "x") is None


def test_a_word_that_would_mean_two_things_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AliasClash, match="both NEED and HC"):
        Vocabulary([Verb("NEED", {"tk": ("GEREK",)}), Verb("HC", {"az": ("GƏRƏK",)})])
    with pytest.raises(AliasClash, match="carriers"):
        Vocabulary([Verb("OUT", {"en": ("Stop",)})])
    with pytest.raises(AliasClash, match="letters only"):
        Vocabulary([Verb("R2D2")])
    assert verbs_are_clear(None) == []

    class Double:
        key, aliases, help = "DOUBLE", {"en": ("UNDO",)}, "x"
        parse = act = staticmethod(lambda *args: None)

    monkeypatch.setattr(sms_commands, "_plugs", {**sms_commands.plugs(), "DOUBLE": Double()})
    assert [fault.id for fault in verbs_are_clear(None)] == ["komek.messaging.E003"]


def test_a_letter_wrong_is_forgiven_in_long_verbs_when_one_fits_only() -> None:
    words = Vocabulary([Verb("NEED"), Verb("SEEN"), Verb("HC"), Verb("MISS"), Verb("MASS")])
    read = {
        text: read_text(f"{text} 5", words)[0].verb for text in ("NEDE", "NEEDD", "NEE", "SEEM", "HX", "MESS", "NEEN")
    }
    assert read == {"NEDE": "NEED", "NEEDD": "NEED", "NEE": "NEED", "SEEM": "SEEN", "HX": "", "MESS": "", "NEEN": ""}
    assert read_text("NED 5", words)[0].verb == "", "it may be END as well, which carriers act on"
    assert read_text("MESS 5", words)[0].suggestions == ("MASS", "MISS")


def test_a_report_goes_on_over_lines_until_the_next_verb() -> None:
    words = Vocabulary([Verb("REP", goes_on=True), Verb("HC")])
    lines = read_text("REP Tejen flood\nwater is rising\n2 houses; HC C1143 5\nmore", words)
    assert [(line.verb, line.arguments) for line in lines] == [
        ("REP", "Tejen flood\nwater is rising\n2 houses"), ("HC", "C1143 5"), ("", ""),
    ]  # fmt: skip


def test_the_price_is_not_doubled_by_a_sign_nobody_needs() -> None:
    plain = "a" * 150
    assert (cost_of(plain).segments, cost_of("ж" * 70).segments, cost_of("ж" * 71).segments) == (1, 1, 2)
    assert cost_of("{" * 80).segments == 1 and cost_of("{" * 81).segments == 2
    for sign in "\u00a0“”‘’–…ʻ№":
        assert cost_of(plain + sign).is_unicode or sign in "…№"
        assert cost_of(cheaper(plain + sign)) == cost_of(plain)
    assert in_latin("Ýangyn – «Теджен» oʻt").isascii()
    assert folded("GƏRƏK") == folded("gerek") and folded("Oʻzbek") == "ozbek"
