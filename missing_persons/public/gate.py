"""What stands between a public form and what it does: the limits, and the question after suspicion."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from missing_persons.names.words import words_of
from missing_persons.public.challenge import Question, fault_of_answer, new_question
from missing_persons.public.limits import FREE, STOP, Asker, asker_of, count_solved, count_use, digest

ANSWER, SEAL = "sum", "sum_seal"


@dataclass(frozen=True)
class Passage:
    """Whether one may go on; else with a question to answer first, or with a sentence that says why not now."""

    is_open: bool
    question: Question | None = None
    sentence: str = ""
    status: int = 200


def pass_gate(http: HttpRequest, action: str, *, name: str = "") -> Passage:
    """Count this use and say whether it may go on. name: whom it is about."""
    return passage(action, asker_of(http), name=name, given=http.POST if http.method == "POST" else http.GET)


def passage(action: str, asker: Asker, *, name: str = "", given: dict[str, str] | None = None) -> Passage:
    """The same by who asks; ``given`` holds the answer to an earlier question, if there was one."""
    verdict = count_use(action, asker, digest("name", _folded(name)) if name else "")
    if verdict == STOP:
        return Passage(
            False, status=429,
            sentence=_("Very many questions came from your telephone or network. Wait an hour, or ask at a registration point; "
                       "in danger call the numbers on this page."),
        )  # fmt: skip
    if verdict == FREE:
        return Passage(True)
    seal = (given or {}).get(SEAL, "")
    if not seal:
        return Passage(False, new_question(), status=429)
    fault = fault_of_answer(seal, (given or {}).get(ANSWER, ""))
    if fault:
        return Passage(False, new_question(fault), status=429)
    count_solved(action, asker)
    return Passage(True)


def _folded(name: str) -> str:
    """The same for the same words in any order, so that swapping them is no new name."""
    return " ".join(sorted(word.spelling for word in words_of(name[:400])))
