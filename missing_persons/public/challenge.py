"""A question that people answer and floods do not: a small sum in words, in the reader's language.

No picture, no script, nobody else's server.

It is asked only after suspicion (``missing_persons.public.limits``). The seal carries a random number; the sum is worked out from it
with our secret, so that the page does not hold the answer. Each seal is good once, for half an hour.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from missing_persons.public.limits import spend

SALT = "missing_persons.question"
LIVES_S = 30 * 60
WORDS = (
    pgettext_lazy("number in words", "two"),
    pgettext_lazy("number in words", "three"),
    pgettext_lazy("number in words", "four"),
    pgettext_lazy("number in words", "five"),
    pgettext_lazy("number in words", "six"),
    pgettext_lazy("number in words", "seven"),
    pgettext_lazy("number in words", "eight"),
    pgettext_lazy("number in words", "nine"),
)
FIRST = 2


@dataclass(frozen=True)
class Question:
    """What stands on the page: the sentence, the seal that comes back with the answer, and why an earlier answer did not do."""

    sentence: str
    seal: str
    fault: str = ""


def new_question(fault: str = "") -> Question:
    """A sum nobody was asked before."""
    nonce = secrets.token_hex(12)
    one, other = _summands(nonce)
    sentence = _("How much is %(one)s plus %(other)s? Write the number in digits.") % {
        "one": WORDS[one - FIRST], "other": WORDS[other - FIRST],
    }  # fmt: skip
    return Question(sentence, signing.dumps(nonce, salt=SALT), fault)


def fault_of_answer(seal: str, answer: str) -> str:
    """An empty text when the answer is right; else a sentence. Digits of any script count."""
    try:
        nonce = str(signing.loads(seal, salt=SALT, max_age=LIVES_S))
    except signing.BadSignature:
        return _("The question was too old. Here is a new one.")
    if not spend(nonce):
        return _("That question was answered before. Here is a new one.")
    try:
        given = int(answer.strip()[:4])
    except ValueError:
        return _("Write the answer as a number, such as 12.")
    return "" if given == sum(_summands(nonce)) else _("That is not the sum. Here is a new question.")


def _summands(nonce: str) -> tuple[int, int]:
    drawn = salted_hmac(SALT, nonce, algorithm="sha256").digest()
    return FIRST + drawn[0] % len(WORDS), FIRST + drawn[1] % len(WORDS)
