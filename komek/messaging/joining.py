"""Binding a number to an account by a one-time code that a coordinator hands over: ``JOIN 482130``."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.accounts.models import User
from komek.accounts.phones import PhoneTaken, prove_phone
from komek.messaging.models import Correspondent, InboundLine, JoinCode, LineState
from komek.messaging.sender import Sender
from komek.records.actor import Actor

DIGITS = 6
VALID_FOR = timedelta(days=2)
MOST_WRONG_A_DAY = 5
"""Wrong codes of one number a day: with a million codes and few in force, guessing leads nowhere."""


class WrongCode(ValidationError):
    """The code is not in force, or too many wrong ones came before."""


def make_join_code(*, by: Actor, user: User, operation: object = None) -> JoinCode:
    """A new code for an account, in place of earlier ones. Raises NotAllowed, or ValidationError for an account not approved."""
    if by.user is None or by.user.pk != user.pk:
        require(standing_of(by.user, operation), Action.APPROVE, user)
    if not user.may_work:
        raise ValidationError(_("This account is not approved yet. Approve it first."))
    now = timezone.now()
    for _try in range(5):
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        try:
            with transaction.atomic():
                JoinCode.objects.filter(expires_at__lt=now, used_at=None).delete()
                JoinCode.objects.filter(user=user, used_at=None).delete()
                return JoinCode.objects.create(code=code, user=user, made_by=by.user, expires_at=now + VALID_FOR)
        except IntegrityError:
            continue
    raise ValidationError(_("No code could be made. Try again."))


def join(*, by: Sender, code: str) -> User:
    """Bind the sender's number to the code's account. Raises WrongCode, or PhoneTaken when the number is somebody else's."""
    now = timezone.now()
    wrong = InboundLine.objects.filter(
        inbound__sender=by.number,
        inbound__received_at__gt=now - timedelta(days=1),
        verb="JOIN",
        state=LineState.REFUSED,
    )
    if wrong[:MOST_WRONG_A_DAY].count() >= MOST_WRONG_A_DAY:
        raise WrongCode(_("Too many wrong codes today. Ask your coordinator for help."))
    found = JoinCode.objects.select_for_update(of=("self",)).select_related("user").filter(code=code, used_at=None)
    held = found.first()
    if held is None or held.expires_at <= now or not held.user.may_work:
        raise WrongCode(_("This code does not fit, or it is too old. Ask your coordinator for a new one."))
    prove_phone(by=by, user=held.user, phone=by.number)
    held.used_at = now
    held.save(update_fields=["used_at"])
    Correspondent.objects.filter(number=by.number).update(
        joined_at=now, language=held.user.language, is_trusted=False, trusted_by=None, trusted_at=None
    )
    return held.user


__all__ = ["PhoneTaken", "WrongCode", "join", "make_join_code"]
