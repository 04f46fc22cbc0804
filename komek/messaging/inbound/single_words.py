"""Words that belong to no registry: what carriers act on, and help."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.extensions.sms_commands import sms_commands
from komek.extensions.text_stops import tell_of_stop
from komek.messaging.grammar.reading import CarrierWord, Line
from komek.messaging.inbound.acting import Outcome
from komek.messaging.models import Correspondent, LineState, WhyInbox
from komek.messaging.sender import Sender
from komek.records.actor import Actor, Channel


def with_reference(by: Sender, reference: str) -> Sender:
    """The same sender, about one line."""
    return replace(by, reference=reference)


def confirmed(by: Sender, is_yes: bool) -> Sender:
    """The same sender, having said yes to a question."""
    return replace(by, confirmed=is_yes)


def emergency_number() -> str:
    return str(settings.EMERGENCY_NUMBER)


def note_carrier_word(line: Line, correspondent: Correspondent) -> None:
    """STOP and START and their local sisters, honoured whatever is open and however often they are said."""
    word = CarrierWord(line.verb)
    if word == CarrierWord.STOP:
        correspondent.stopped_at = timezone.now()
        # By nobody's name: what ends has a history that others read, and who owns the number is not theirs to know.
        tell_of_stop(by=Actor(user=None, channel=Channel.SMS, name=_("by SMS")), number=correspondent.number)
    elif word == CarrierWord.START:
        correspondent.stopped_at = correspondent.muted_until = None
    correspondent.save(update_fields=["stopped_at", "muted_until"])


def carrier_word(line: Line, *, by: Sender) -> Outcome:
    """What is answered to a word that carriers act on. Pure."""
    word = CarrierWord(line.verb)
    if word == CarrierWord.STOP:
        # No answer: carriers block it, and who says stop has said it.
        return Outcome(LineState.ACTED, "", word.value.upper())
    if word == CarrierWord.START:
        return Outcome(LineState.ACTED, _("You get our texts again. To end them: STOP"), word.value.upper())
    if by.is_known:
        return Outcome(LineState.ACTED, help_about("", by=by), word.value.upper())
    # From a stranger this may be a cry and not a question about the menu.
    sentence = _("In danger? Call %(number)s. A coordinator will read your text. What you can write: ?")
    return Outcome(
        LineState.ACTED, sentence % {"number": emergency_number()}, word.value.upper(), why=WhyInbox.DISTRESS
    )


def help_about(verb: str, *, by: Sender) -> str:
    """The line about a verb; without one, all verbs."""
    plug: Any = sms_commands.get(verb) if verb else None
    if plug is not None:
        return str(plug.help)
    verbs = " ".join(plug.key for plug in sms_commands if by.is_known or not getattr(plug, "is_for_members", False))
    return _("Write a word and ? to learn more, such as LANG? Words: %(verbs)s. In danger: %(number)s") % {
        "verbs": verbs, "number": emergency_number(),
    }  # fmt: skip
