"""A registrar passes a message between somebody who looks for a person and the person found, who decides what may be told."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.records.actor import Actor, acting
from missing_persons.models import PassedMessage, PassedState, Status, Subscription
from missing_persons.policies import is_protection_officer
from missing_persons.refusals import Refused
from missing_persons.telling import language_of, send
from missing_persons.texts import several_lines

LONGEST = 2000


@transaction.atomic
def pass_message(*, by: Actor, operation: Any, seeker: Subscription, text: str) -> PassedMessage:
    """Take a message from a seeker who proved who they are, to be read to the person found. Raises Refused or NotAllowed.

    Messages to a child found alone pass through a protection officer.
    """
    message = PassedMessage(operation=seeker.operation, person=seeker.person, seeker=seeker, text=several_lines(text))
    standing = standing_of(by.user, operation)
    require(standing, Action.ADD, message)
    if seeker.proven_at is None:
        raise Refused({"__all__": _("This seeker has not proved who they are. Write down first how they did.")})
    if seeker.person.is_child_alone and not is_protection_officer(standing):
        raise NotAllowed(_("Messages to a child found alone pass through a protection officer."))
    if seeker.person.status not in (Status.ALIVE, Status.SAFE):
        raise Refused({"__all__": _("This person has not been found alive yet. There is nobody to pass a message to.")})
    if not message.text or len(message.text) > LONGEST:
        raise Refused({"text": _("Write the message, in at most %(most)d characters.") % {"most": LONGEST}})
    message.stamp(by)
    message.reported_by = ""
    with acting(by):
        message.save()
    return message


@transaction.atomic
def answer_message(
    *,
    by: Actor,
    operation: Any,
    message: PassedMessage,
    wants_contact: bool,
    answer: str = "",
    may_tell_place: bool = False,
) -> PassedMessage:
    """Write down what the person found answered. The seeker is told that there is an answer, or no contact; never the place.

    may_tell_place: the person lets the registrar tell the seeker where they are. Raises Refused or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.CHANGE, message)
    locked = PassedMessage.objects.select_for_update().get(pk=message.pk)
    if locked.state != PassedState.WAITING:
        raise Refused({"__all__": _("The answer was written down already.")})
    locked.state = PassedState.ANSWERED if wants_contact else PassedState.DECLINED
    locked.answer = several_lines(answer)[:LONGEST]
    locked.may_tell_place = wants_contact and may_tell_place
    locked.answered_at = timezone.now()
    with acting(by):
        locked.save()
    seeker = locked.seeker
    if seeker.confirmed_at is not None and seeker.ended_at is None:
        with translation.override(language_of(seeker)):
            body = (
                _("There is an answer for you about %(code)s. Please call or visit the registrars.")
                if wants_contact
                else _("We passed on your message about %(code)s. We may not tell you more.")
            )
            send(by=by, subscription=seeker, body=body % {"code": locked.person.code}, key=f"answer:{locked.pk}")
    return locked
