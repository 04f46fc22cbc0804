"""What people do with texts that wait for them: take, answer, turn into a record, see to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, require, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.intake import IntakePlug, KnowsReporters, ReporterRecord, Taken, intake
from komek.messaging.inbound.senders import language_for, moment_of
from komek.messaging.models import CannedReply, Correspondent, Inbound, InboundLine, InboundState, Outbox, Purpose
from komek.messaging.outbox import queue_text
from komek.messaging.report_words import KINDS
from komek.messaging.segments import cheaper, in_latin
from komek.records.actor import Actor

LONGEST_ANSWER = 1000
PLACE_SOURCES = {
    "site": gettext_lazy("a site's code in the text"),
    "plus code": gettext_lazy("a plus code in the text"),
    "coordinates": gettext_lazy("coordinates in the text"),
    "code": gettext_lazy("an area's code in the text"),
    "former code": gettext_lazy("an area's older code in the text"),
    "name": gettext_lazy("a name in the text"),
    "alias": gettext_lazy("another name in the text"),
    "check-in": gettext_lazy("where the sender checked in last, not in the text"),
}
"""How the place of a text is known."""


def waiting(standing: Any) -> QuerySet[Inbound]:
    """Texts of the operation that wait for a person, the oldest calls for help first."""
    return visible(Inbound.objects.all(), standing).filter(state=InboundState.INBOX)


@transaction.atomic
def claim(*, by: Actor, operation: Any, inbound: Inbound) -> Inbound:
    """Take a text on oneself, so that two do not answer it. Raises NotAllowed, or ValidationError when somebody else has it."""
    locked = _locked(by, operation, inbound)
    if locked.claimed_by_id not in (None, by.user.pk):
        raise ValidationError(_("%(who)s has taken this text already.") % {"who": locked.claimed_by})
    locked.claimed_by, locked.claimed_at = by.user, timezone.now()
    locked.save(update_fields=["claimed_by", "claimed_at"])
    return locked


@transaction.atomic
def release(*, by: Actor, operation: Any, inbound: Inbound) -> Inbound:
    """Give a text back, one's own or somebody's who has gone."""
    locked = _locked(by, operation, inbound)
    locked.claimed_by = locked.claimed_at = None
    locked.save(update_fields=["claimed_by", "claimed_at"])
    return locked


@transaction.atomic
def answer(*, by: Actor, operation: Any, inbound: Inbound, words: str, is_done: bool = True, key: str = "") -> Outbox:
    """Write back to who sent a text. is_done: nothing else is to be done about it. key: sent once under it.

    Raises NotAllowed, or ValidationError: no words, nobody who could read them, or somebody who asked for no more texts.
    """
    locked = _locked(by, operation, inbound)
    said = cheaper(words.strip())
    if not said:
        raise ValidationError({"words": _("Write an answer, or choose a ready one.")})
    if len(said) > LONGEST_ANSWER:
        raise ValidationError({"words": _("An answer takes at most %(most)d letters.") % {"most": LONGEST_ANSWER}})
    if not locked.number:
        raise ValidationError({"words": _("This sender is a name or a short number; an answer would reach nobody.")})
    known = Correspondent.objects.filter(number=locked.sender).first()
    if known is not None and known.stopped_at is not None:
        raise ValidationError(
            {"words": _("This number asked for no more texts. Call it, or write once it sends START.")}
        )
    text = queue_text(
        by=by,
        to=locked.number,
        body=in_latin(said) if known is not None and known.is_latin else said,
        purpose=Purpose.REPLY,
        operation=locked.operation,
        answers=locked,
        dedupe_key=f"inbox:{locked.pk}:{key}" if key else "",
    )
    if is_done:
        _handle(by, locked, _("answered"))
    return text


def language_of(inbound: Inbound) -> str:
    """The language in which the sender is answered."""
    known = Correspondent.objects.filter(number=inbound.sender).first() or Correspondent()
    return language_for(known, inbound.user, "")


@transaction.atomic
def turn_into(
    *, by: Actor, operation: Any, inbound: Inbound, plug: IntakePlug, where: str, kind: str = "", words: str = ""
) -> Taken:
    """Make a record of a text, once. Raises NotAllowed, or ValidationError with what the record lacks."""
    locked = _locked(by, operation, inbound)
    made = plug.take(
        by=by,
        operation=operation,
        words=words.strip() or locked.body,
        where=where,
        kind=kind,
        phone=locked.number,
        language=language_of(locked),
        sent_at=moment_of(locked),
        reference=f"sms:{locked.pk}",
    )
    _handle(by, locked, f"{plug.title} {made.reference}", made.url)
    return made


def see_to(*, by: Actor, operation: Any, texts: Iterable[Inbound], outcome: str = "") -> int:
    """Nothing is to be done about these texts any more. Returns how many. Raises NotAllowed."""
    done = 0
    for inbound in texts:
        with transaction.atomic():
            locked = _locked(by, operation, inbound)
            if locked.state != InboundState.HANDLED:
                _handle(by, locked, outcome or _("seen to"))
                done += 1
    return done


def claim_all(*, by: Actor, operation: Any, texts: Iterable[Inbound]) -> tuple[int, int]:
    """Take many. Returns how many were taken, and how many somebody else has."""
    mine = theirs = 0
    for inbound in texts:
        try:
            claim(by=by, operation=operation, inbound=inbound)
            mine += 1
        except ValidationError:
            theirs += 1
    return mine, theirs


def answer_all(*, by: Actor, operation: Any, texts: Sequence[Inbound], ready: CannedReply) -> tuple[int, int]:
    """The same ready answer to many, each in its sender's language, one per number. Returns how many got it and how many could not."""
    sent = left = 0
    told: set[str] = set()
    for inbound in texts:
        if inbound.sender in told:
            see_to(by=by, operation=operation, texts=[inbound], outcome=_("answered"))
            continue
        try:
            words = ready.in_language(language_of(inbound))
            answer(by=by, operation=operation, inbound=inbound, words=words, key=f"ready:{ready.pk}")
        except ValidationError:
            left += 1
        else:
            told.add(inbound.sender)
            sent += 1
    return sent, left


@dataclass(frozen=True)
class Said:
    """One text of a conversation. is_ours: it went out. state: in words, for ours."""

    at: datetime
    words: str
    is_ours: bool
    state: str = ""
    record: Any = None


def conversation(inbound: Inbound, standing: Any, most: int = 100) -> list[Said]:
    """What a number and we wrote to each other in this operation, the oldest first; codes are not among it."""
    theirs = visible(Inbound.objects.all(), standing).filter(sender=inbound.sender).order_by("-pk")[:most]
    found = [Said(text.received_at, text.body, is_ours=False, record=text) for text in theirs]
    if inbound.number:
        ours = visible(Outbox.objects.all(), standing).filter(to=inbound.number, is_secret=False)
        found += [
            Said(text.queued_at, text.body, is_ours=True, state=state_of(text), record=text)
            for text in ours.order_by("-queued_at")[:most]
        ]
    return sorted(found, key=lambda said: said.at)[-most:]


@dataclass(frozen=True)
class KnownFor:
    """What a number is known for. records: title of the registry and what became of reports there, for those that keep it."""

    number: Correspondent | None
    records: list[tuple[Any, ReporterRecord]]


def known_for(inbound: Inbound, viewer: Viewer) -> KnownFor:
    """What the viewer may know of who sent a text."""
    number = Correspondent.objects.select_related("trusted_by").filter(number=inbound.sender).first()
    asked = [
        (plug.title, plug.reporter_record(inbound.number, viewer))
        for plug in intake
        if inbound.number and isinstance(plug, KnowsReporters)
    ]
    return KnownFor(number, [(title, record) for title, record in asked if record is not None])


def lines_in_words(inbound: Inbound) -> list[InboundLine]:
    """What was read in a text, each line with the kind of what it reports and how its place is known, in words."""
    found = list(inbound.lines.order_by("number"))
    for line in found:
        line.kind_in_words = KINDS.get(line.memo.get("kind", ""), "")  # type: ignore[attr-defined]
        line.place_source = PLACE_SOURCES.get(line.memo.get("how", ""), _("not found on the map"))  # type: ignore[attr-defined]
    return found


def state_of(text: Outbox) -> str:
    """What became of a text we sent, in words."""
    words = text.get_receipt_display() if text.receipt else text.get_state_display()
    return f"{words} ({text.error})" if text.error and not text.receipt else str(words)


def _locked(by: Actor, operation: Any, inbound: Inbound) -> Inbound:
    locked = (
        Inbound.objects.select_for_update(of=("self",)).select_related("claimed_by", "operation").get(pk=inbound.pk)
    )
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    return locked


def _handle(by: Actor, locked: Inbound, outcome: str, url: str = "") -> None:
    locked.state, locked.handled_by, locked.handled_at = InboundState.HANDLED, by.user, timezone.now()
    locked.outcome, locked.outcome_url = outcome[:300], url[:200]
    locked.save(update_fields=["state", "handled_by", "handled_at", "outcome", "outcome_url"])
