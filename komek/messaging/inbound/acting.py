"""Carrying out one line of a text: once, in a savepoint of its own, with whatever comes of it as a sentence for the sender."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from komek.extensions.sms_commands import Answer, Question, Reply, sms_commands
from komek.messaging.grammar.reading import Line
from komek.messaging.models import Correspondent, LineState, OpenQuestion, WhyInbox
from komek.messaging.sender import Sender

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of a line. why: set when a person must see the text. undo, memo: see ``Reply``.

    is_misread: what followed the verb could not be read; perhaps it was none.
    """

    state: LineState
    reply: str = ""
    verb: str = ""
    undo: str = ""
    memo: Mapping[str, Any] = field(default_factory=dict)
    why: WhyInbox | None = None
    is_misread: bool = False


def carry_out(line: Line, *, by: Sender, correspondent: Correspondent) -> Outcome:
    """Carry out a COMMAND. Never raises for what the sender wrote; the database being away is passed on, so that it is tried again.

    A verb that is not plugged in any more, because its registry was switched off, is told as such.
    """
    plug = sms_commands.get(line.verb)
    if plug is None:
        return Outcome(LineState.REFUSED, _("%(verb)s is not used here.") % {"verb": line.verb}, line.verb)
    try:
        command = plug.parse(line.arguments)
    except ValueError as fault:
        return Outcome(LineState.REFUSED, _with_help(plug, fault), line.verb, why=_distress(plug), is_misread=True)
    except ValidationError as fault:
        return Outcome(LineState.REFUSED, " ".join(fault.messages), line.verb, why=_distress(plug))
    except Exception:  # noqa: BLE001  whatever went wrong in a registry, the text goes to a person
        return _failed(line, plug)
    try:
        with transaction.atomic():
            answer = plug.act(command, by)
    except (OperationalError, InterfaceError):
        raise
    except ValidationError as refusal:
        question = getattr(refusal, "question", "")
        if question and not by.confirmed:
            answers = (Answer(_("Yes"), line.text, is_yes=True), Answer(_("No")))
            return ask(Question(str(question), answers), line.verb, correspondent)
        return Outcome(LineState.REFUSED, " ".join(refusal.messages), line.verb, why=_distress(plug))
    except (PermissionDenied, ValueError) as refusal:
        return Outcome(LineState.REFUSED, str(refusal), line.verb, why=_distress(plug))
    except Exception:  # noqa: BLE001  whatever went wrong in a registry, the text goes to a person
        return _failed(line, plug)
    reply = answer if isinstance(answer, Reply) else Reply(str(answer))
    if reply.question is not None:
        return ask(reply.question, line.verb, correspondent)
    why = WhyInbox(reply.waits_as) if reply.waits_as else _distress(plug)
    return Outcome(LineState.ACTED, reply.text, line.verb, reply.undo, reply.memo, why=why)


def ask(question: Question, verb: str, correspondent: Correspondent) -> Outcome:
    """Leave a question open; it takes the place of an earlier one."""
    # A guarded answer has a number that only the phone which gets this question can know: a caller's number may be forged.
    first = secrets.randbelow(9000 - len(question.answers)) + 1000 if question.is_guarded else 1
    answers = [
        {"number": number, "label": str(one.label), "text": one.text, "is_yes": one.is_yes}
        for number, one in enumerate(question.answers, start=first)
    ]
    OpenQuestion.objects.filter(correspondent=correspondent).delete()
    # Made beside the row that is locked, whose own attribute would otherwise hold what was there when it was read.
    made = OpenQuestion.objects.create(correspondent_id=correspondent.pk, text=question.text, answers=answers)
    return Outcome(LineState.ASKED, in_words(made), verb)


def in_words(question: OpenQuestion) -> str:
    """The question with its numbered answers: ``Which one? 1 North camp 2 South camp``."""
    numbered = " ".join(f"{one['number']} {one['label']}" for one in question.answers)
    return f"{question.text} {numbered}".strip()


def _distress(plug: Any) -> WhyInbox | None:
    return WhyInbox.DISTRESS if getattr(plug, "is_distress", False) else None


def _with_help(plug: Any, fault: ValueError) -> str:
    sentence = str(fault).strip()
    return sentence or str(plug.help)


def _failed(line: Line, plug: Any) -> Outcome:
    # The words a person wrote stay out of the log; the row in the inbox has them.
    log.exception("a text's line could not be carried out: %s", line.verb)
    if _distress(plug) is not None:
        call = _("In danger? Call %(number)s. A coordinator will read your text.") % {
            "number": settings.EMERGENCY_NUMBER
        }
        return Outcome(LineState.FAILED, call, line.verb, why=WhyInbox.DISTRESS)
    sentence = _("%(verb)s could not be done: something went wrong here. A coordinator will see to it.")
    return Outcome(LineState.FAILED, sentence % {"verb": line.verb}, line.verb, why=WhyInbox.FAULT)
