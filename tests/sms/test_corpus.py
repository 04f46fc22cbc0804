"""What people write, as a table: each text, what is read in it, what is answered, and in how many SMS.

``corpus.tsv``: text (with ``\\n``, ``\\x00`` and ``\\u…`` for what cannot be seen); language of the sender; sender (``known``, bound
to an account, or ``stranger``); expected (for each line what it is, its verb and what its plug reads); reply, and its SMS. A command
that is understood is answered by its registry; there the reply is empty and tests of that registry tell what it is.
"""

from __future__ import annotations

import csv
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from komek.accounts.models import User
from komek.extensions.sms_commands import sms_commands
from komek.messaging.grammar.reading import Kind, Line, read_text
from komek.messaging.inbound.acting import Outcome
from komek.messaging.inbound.answering import composed
from komek.messaging.inbound.handling import looked_at, outcome_of_words
from komek.messaging.models import LineState
from komek.messaging.segments import cheaper, cost_of
from komek.messaging.sender import Sender, sender_of
from komek.messaging.verbs import vocabulary

CORPUS = Path(__file__).parent / "corpus.tsv"
PHONE = "+99365123456"


def judged(text: str, language: str, sender: str) -> tuple[str, str, int]:
    """What is read in a text, what is answered without a database, and in how many SMS (0 for none)."""
    by = sender_of(PHONE, user=User(name="Murad") if sender == "known" else None, language=language)
    lines = read_text(text, vocabulary())
    with translation.override("en"):
        read, outcomes = zip(*(_read(line, by) for line in lines), strict=True)
        reply = cheaper(composed(outcomes)) if any(outcome.reply for outcome in outcomes) else ""
    reply = re.sub(r"Words: .* In danger", "Words: ... In danger", reply)  # whatever registries are plugged in
    return " / ".join(read), reply, cost_of(reply).segments if reply else 0


def _read(line: Line, by: Sender) -> tuple[str, Outcome]:
    if line.kind == Kind.COMMAND:
        plug = sms_commands.get(line.verb)
        assert plug is not None
        try:
            return f"{line.verb} {_plain(plug.parse(line.arguments))}".strip(), Outcome(LineState.ACTED)
        except ValueError as refusal:
            outcome = looked_at(Outcome(LineState.REFUSED, str(refusal), line.verb, is_misread=True), line, by)
            return f"{line.verb} refused {outcome.why or ''}".strip(), outcome
    outcome = outcome_of_words(line, by)
    said = f"{line.kind.value} {line.verb}{line.answer or ''}".strip()
    return f"{said} {outcome.why or ''}".strip(), outcome


def _plain(value: Any) -> str:
    """What a plug read, as a person writes it down: only what was given."""
    if is_dataclass(value) and not isinstance(value, type):
        given = {one.name: getattr(value, one.name) for one in fields(value)}
        return " ".join(f"{name}={part}" for name, part in given.items() if part not in (None, "", False))
    return "" if value in (None, "") else str(value)


def rows() -> list[dict[str, str]]:
    with CORPUS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def shown(text: str) -> str:
    """A text of the table as it was sent."""
    return text.encode("raw_unicode_escape").decode("unicode_escape") if "\\" in text else text


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['language']}:{row['text'][:30]}")
def test_a_text_of_the_corpus_is_read_and_answered_as_written_down(row: dict[str, str]) -> None:
    read, reply, segments = judged(shown(row["text"]), row["language"], row["sender"])
    assert (read.replace("\n", "\\n"), reply.replace("\n", "\\n")) == (row["expected"], row["reply"])
    assert segments == int(row["segments"])


def test_the_corpus_is_large_and_speaks_every_language() -> None:
    table = rows()
    assert len(table) >= 400
    assert {row["language"] for row in table} == {"en", "ru", "tk", "uz", "uz-cyrl", "az"}
    single = [row for row in table if row["reply"] and "\\n" not in row["reply"]]
    assert all(int(row["segments"]) == 1 for row in single if not row["expected"].startswith(("help", "carrier help")))
