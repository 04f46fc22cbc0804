"""New accounts wait until a coordinator says yes; accounts can be stopped and let work again."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, Standing, require
from komek.accounts.models import User
from komek.extensions.texts import send_text
from komek.records.actor import SYSTEM, Actor, acting
from komek.records.models import Approval


@transaction.atomic
def approve_account(*, by: Actor, standing: Standing, user: User) -> None:
    """Let a person work. Approving twice changes nothing."""
    require(standing, Action.APPROVE, user)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.approval == Approval.APPROVED:
        return
    with acting(by):
        locked.decide(by, Approval.APPROVED)
    _tell(locked, _approved_words)


@transaction.atomic
def refuse_account(*, by: Actor, standing: Standing, user: User, reason: str) -> None:
    """Say no, with a reason that the person is told."""
    require(standing, Action.APPROVE, user)
    if not reason.strip():
        raise ValidationError(_("Give the reason: the person is told."))
    locked = User.objects.select_for_update().get(pk=user.pk)
    with acting(by):
        locked.decide(by, Approval.REFUSED, reason.strip())
    end_sessions(locked)
    _tell(locked, _refused_words)


@transaction.atomic
def stop_account(*, by: Actor, standing: Standing, user: User, reason: str) -> None:
    """End a person's access at once, everywhere. Raises ValidationError without a reason, which history keeps."""
    require(standing, Action.APPROVE, user)
    if not reason.strip():
        raise ValidationError(_("Say why this account is stopped: history keeps it."))
    if user.pk == getattr(by.user, "pk", None):
        raise ValidationError(_("You cannot stop your own account; ask another coordinator."))
    with acting(by.because(reason.strip())):
        user.is_active = False
        user.save(update_fields=["is_active"])
    end_sessions(user)


@transaction.atomic
def let_account_work(*, by: Actor, standing: Standing, user: User) -> None:
    """Undo ``stop_account``."""
    require(standing, Action.APPROVE, user)
    with acting(by):
        user.is_active = True
        user.save(update_fields=["is_active"])


def end_sessions(user: User) -> int:
    """Sign the person out on every device; returns how many."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def _approved_words(user: User) -> tuple[str, str]:
    address = settings.PUBLIC_URL + reverse("account_login")
    return _("Your account may work now"), _("Welcome to Komek. Sign in here: %(address)s") % {"address": address}


def _refused_words(user: User) -> tuple[str, str]:
    return _("Your account was not approved"), _("Reason: %(reason)s") % {"reason": user.approval_note}


def _tell(user: User, words: Callable[[User], tuple[str, str]]) -> None:
    """In the person's language, once the decision is safely written: by e-mail, or by text who has none."""
    with translation.override(user.language):
        subject, body = words(user)
    if user.email:
        transaction.on_commit(lambda: send_mail(f"Komek: {subject}", body, None, [user.email or ""]))
    elif user.phone and user.phone_verified:
        send_text(by=SYSTEM, to=str(user.phone), body=f"Komek: {subject}. {body}", purpose="account")
