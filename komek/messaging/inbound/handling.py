"""Reading what came in: each number's texts in the order they came, each in one transaction."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from komek.messaging.grammar.carrier_words import NO, YES
from komek.messaging.grammar.letters import folded
from komek.messaging.grammar.reading import Kind, Line, read_text
from komek.messaging.inbound import single_words
from komek.messaging.inbound.acting import Outcome, carry_out, in_words
from komek.messaging.inbound.answering import composed, reply
from komek.messaging.inbound.distress import may_be_distress
from komek.messaging.inbound.receiving import wake
from komek.messaging.inbound.senders import (
    can_be_answered,
    correspondent_for,
    drop_question,
    open_question,
    repeats_itself,
    sender_for,
    take_token,
)
from komek.messaging.models import (
    Correspondent,
    GatewayPace,
    Inbound,
    InboundLine,
    InboundState,
    LineState,
    WhyInbox,
)
from komek.messaging.outbox import wake_senders
from komek.messaging.sender import Sender
from komek.messaging.verbs import vocabulary

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Texts one job reads before it lets other work of the worker have its turn."""

OF_ONE_NUMBER = 20
CHANGED_BY_A_TEXT = (
    "tokens", "tokens_at", "last_heard_at", "gateway", "language", "same_words", "same_count", "same_since",
)  # fmt: skip
CRY_LASTS = timedelta(hours=24)
A_SENTENCE = 4
"""Words from which on a text that was refused is read by a person too: a stranger's, or one without any figure."""

CHANGE_THE_NUMBER = frozenset({"JOIN", "LANG", "MORE", "STOP", "START"})
"""Verbs after which the number's row is read again before it is answered."""

WARN_AGAIN_AFTER = timedelta(hours=1)


def work_off(most: int = AT_ONCE) -> int:
    """Read what is new, the oldest first, each number's in order. Returns how many; leaves a job behind when there are more."""
    done = 0
    while done < most:
        rows = Inbound.objects.filter(state=InboundState.NEW).order_by("id").values_list("sender", "gateway")[:200]
        waiting = list(rows)
        if not waiting:
            break
        _heard_from({gateway for _sender, gateway in waiting})
        for sender, texts in Counter(sender for sender, _gateway in waiting).items():
            # What others have read meanwhile is not there any more, and what came meanwhile has its turn in the next round.
            done += sum(read_next(sender) for _turn in range(min(texts, OF_ONE_NUMBER)))
    else:
        wake()
    if done:
        wake_senders()
    return done


def read_next(sender: str) -> bool:
    """Read the oldest new text of a number. False when there is none.

    In one transaction with all it leads to: a worker killed at any moment leaves either nothing or everything. A fault of ours
    puts the text into the inbox; when the database is away it stays new.
    """
    try:
        with transaction.atomic():
            # One at a time for each number, whichever worker, so that its texts are carried out in order.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('messaging.sender'), hashtext(%s))", [sender])
            inbound = Inbound.objects.filter(state=InboundState.NEW, sender=sender).order_by("id").first()
            if inbound is None:
                return False
            read(inbound)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a text could not be read: %s", sender_key(sender))
        _set_aside(sender)
    return True


def sender_key(sender: str) -> str:
    """A number as logs may hold it: its last two digits."""
    return f"…{sender[-2:]}"


def _set_aside(sender: str) -> None:
    inbound = Inbound.objects.filter(state=InboundState.NEW, sender=sender).order_by("id").first()
    if inbound is not None:
        _close(inbound, WhyInbox.FAULT)


def read(inbound: Inbound) -> None:
    """Read one text and answer it. The caller holds the number's lock and the transaction."""
    correspondent = correspondent_for(inbound)
    if not can_be_answered(inbound):
        _close(inbound, WhyInbox.MACHINE)
        return
    lines = read_text(inbound.body, vocabulary())
    by = sender_for(inbound, correspondent, next((line.language for line in lines if line.language), ""))
    inbound.user, inbound.operation = by.user, by.operation
    may_be_read, is_repeated = take_token(correspondent), repeats_itself(inbound, correspondent)
    correspondent.last_heard_at, correspondent.gateway = inbound.received_at, inbound.gateway
    if not correspondent.language and by.user is None and by.language:
        correspondent.language = by.language if any(line.language for line in lines) else ""
    correspondent.save(update_fields=CHANGED_BY_A_TEXT)
    with translation.override(by.language):
        if is_repeated:
            if lines[0].kind == Kind.CARRIER:  # STOP is heard however often it is said
                single_words.note_carrier_word(lines[0], correspondent)
            _close(inbound, WhyInbox.FLOOD)
        elif not may_be_read and lines[0].kind != Kind.CARRIER:
            _warn(by, inbound, correspondent)
            _close(inbound, WhyInbox.FLOOD)
        else:
            _read_lines(inbound, lines, by, correspondent)


GRAVEST = (WhyInbox.DISTRESS, WhyInbox.FAULT)
"""What a text waits for in the inbox when its lines wait for several things."""


def _read_lines(inbound: Inbound, lines: tuple[Line, ...], by: Sender, correspondent: Correspondent) -> None:
    outcomes = []
    for line in lines:
        outcome = _outcome(line, inbound, by, correspondent)
        InboundLine.objects.create(
            inbound=inbound,
            number=line.number,
            verb=outcome.verb,
            text=line.text,
            state=outcome.state,
            reply=outcome.reply,
            undo=outcome.undo,
            memo=dict(outcome.memo),
        )
        outcomes.append(outcome)
    whys = [outcome.why for outcome in outcomes if outcome.why]
    why = next((grave for grave in GRAVEST if grave in whys), whys[0] if whys else None)
    if inbound.media and why is None:
        why = WhyInbox.PICTURE
    if why == WhyInbox.UNREAD and _has_cried(inbound):
        why = WhyInbox.DISTRESS
    if any(outcome.verb in CHANGE_THE_NUMBER for outcome in outcomes):
        correspondent.refresh_from_db(fields=["language", "is_latin", "stopped_at", "more"])
    reply(by=by, inbound=inbound, correspondent=correspondent, words=composed(outcomes))
    _close(inbound, why)


def _has_cried(inbound: Inbound) -> bool:
    """Whether a call for help of the same number waits: what follows it, such as "Hurry!", belongs to it."""
    waiting = Inbound.objects.filter(sender=inbound.sender, state=InboundState.INBOX, why=WhyInbox.DISTRESS)
    return waiting.filter(received_at__gt=inbound.received_at - CRY_LASTS).exists()


def _outcome(line: Line, inbound: Inbound, by: Sender, correspondent: Correspondent) -> Outcome:
    by = single_words.with_reference(by, f"sms:{inbound.pk}:{line.number}")
    if line.kind == Kind.COMMAND:
        drop_question(correspondent)
        return looked_at(carry_out(line, by=by, correspondent=correspondent), line, by)
    if line.kind == Kind.ANSWER:
        return _answered(line, by, correspondent)
    if (said := _yes_or_no(line, correspondent)) is not None:
        return _answered(said, by, correspondent)
    if line.kind == Kind.CARRIER:
        single_words.note_carrier_word(line, correspondent)
    if line.kind == Kind.EMPTY and inbound.media:
        return Outcome(LineState.UNKNOWN, _("Your picture came. A coordinator will look at it."), why=WhyInbox.PICTURE)
    return outcome_of_words(line, by)


def outcome_of_words(line: Line, by: Sender) -> Outcome:
    """What is answered to a line that is no command, from its words alone. Pure."""
    if line.kind == Kind.CARRIER:
        return single_words.carrier_word(line, by=by)
    if line.kind == Kind.HELP:
        return Outcome(LineState.ACTED, single_words.help_about(line.verb, by=by), "?")
    if line.kind == Kind.ANSWER:
        return Outcome(LineState.REFUSED, _("No question is open. Write ? to see what you can write."))
    if line.kind == Kind.EMPTY:
        return Outcome(LineState.UNKNOWN, _("Your text came empty. Write ? to see what you can write."))
    return _unknown(line)


def looked_at(outcome: Outcome, line: Line, by: Sender) -> Outcome:
    """What began like a command and was none may still be a cry: "Need help, we are trapped" where NEED is a verb. Pure.

    A word that only was near a verb was none when nothing that follows fits: "feed 20 children".
    """
    if outcome.state != LineState.REFUSED or outcome.why:
        return outcome
    if outcome.is_misread and (line.is_corrected or may_be_distress(line.text)):
        return replace(_unknown(replace(line, kind=Kind.UNKNOWN, suggestions=(line.verb,))), verb=outcome.verb)
    if may_be_distress(line.text):
        return replace(outcome, why=WhyInbox.DISTRESS)
    words, has_figure = len(line.text.split()), any(letter.isdigit() for letter in line.text)
    if words >= A_SENTENCE and not (by.is_known and has_figure):
        return replace(outcome, why=WhyInbox.UNREAD)
    if outcome.is_misread and words > 1 and not by.is_known and not has_figure:  # "нужна вода"
        return replace(outcome, why=WhyInbox.UNREAD)
    return outcome


def _yes_or_no(line: Line, correspondent: Correspondent) -> Line | None:
    """ "Yes" or "no" in any language as the answer to an open question that can be answered so; never to a guarded one."""
    word = folded(line.text.strip(" .!,"))
    if line.kind not in (Kind.UNKNOWN, Kind.CARRIER) or word not in YES | NO:
        return None
    question = open_question(correspondent)
    if question is None or question.answers[0]["number"] != 1:
        return None
    fitting = [one["number"] for one in question.answers if one["is_yes"] == (word in YES)]
    return replace(line, kind=Kind.ANSWER, answer=fitting[0]) if len(fitting) == 1 else None


def _answered(line: Line, by: Sender, correspondent: Correspondent) -> Outcome:
    """A number answers the one open question; its command is carried out."""
    question = open_question(correspondent)
    if question is None:
        return outcome_of_words(line, by)
    chosen = next((one for one in question.answers if one["number"] == line.answer), None)
    if chosen is None and question.answers[0]["number"] == 1:
        return Outcome(LineState.ASKED, in_words(question))
    drop_question(correspondent)
    if chosen is None:
        return Outcome(LineState.REFUSED, _("This is not the number we sent you. Write the command again."))
    if not chosen["text"]:
        return Outcome(LineState.ACTED, _("Left as it was."))
    again = read_text(chosen["text"], vocabulary())[0]
    if again.kind != Kind.COMMAND:
        return Outcome(LineState.FAILED, _("This cannot be done any more. Write it again."), why=WhyInbox.FAULT)
    return carry_out(again, by=single_words.confirmed(by, chosen["is_yes"]), correspondent=correspondent)


def _unknown(line: Line) -> Outcome:
    """Not a command. Everything of the kind is seen by a person, and what may be a call for help first."""
    is_distress = may_be_distress(line.text)
    why = WhyInbox.DISTRESS if is_distress else WhyInbox.UNREAD
    if is_distress:
        sentence = _("In danger? Call %(number)s. A coordinator will read your text.")
        return Outcome(LineState.UNKNOWN, sentence % {"number": single_words.emergency_number()}, why=why)
    if line.suggestions:
        meant = _("Did you mean %(verbs)s?") % {"verbs": ", ".join(line.suggestions)}
        return Outcome(LineState.UNKNOWN, f"{meant} {_('Help: ?')}", why=why)
    return Outcome(LineState.UNKNOWN, _("A coordinator will read your text. What you can write: ?"), why=why)


def _warn(by: Sender, inbound: Inbound, correspondent: Correspondent) -> None:
    """Tell a number once an hour that it is too fast; nothing it sent is lost."""
    now = timezone.now()
    if correspondent.warned_at is not None and correspondent.warned_at > now - WARN_AGAIN_AFTER:
        return
    correspondent.warned_at = now
    correspondent.save(update_fields=["warned_at"])
    sentence = _("Too many texts at once. A coordinator will look at the last ones; wait a little before the next.")
    reply(by=by, inbound=inbound, correspondent=correspondent, words=sentence)


def _close(inbound: Inbound, why: WhyInbox | None) -> None:
    inbound.state = InboundState.INBOX if why else InboundState.DONE
    inbound.why, inbound.done_at = why or "", timezone.now()
    inbound.save(update_fields=["state", "why", "done_at", "user", "operation"])


def _heard_from(gateways: set[str]) -> None:
    now = timezone.now()
    rows = [GatewayPace(gateway=gateway, last_in_at=now) for gateway in sorted(gateways)]
    GatewayPace.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["gateway"], update_fields=["last_in_at"]
    )
