"""How old an entry's last confirmation is, and asking its managers to confirm it.

Thresholds are settings (``ORGS_AGEING_AFTER_DAYS``, ``ORGS_STALE_AFTER_DAYS``): relief changes fast, an address book does not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Q, QuerySet, TextChoices
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, require, standing_of
from komek.accounts.models import User
from komek.records.actor import SYSTEM, Actor, Channel, acting
from komek.records.models import Approval
from orgs.memberships import managers_of
from orgs.models import Organisation

logger = logging.getLogger(__name__)

ASK_AGAIN_AFTER = timedelta(days=14)
LINK_HOLDS_FOR = timedelta(days=30)
_SIGNER = TimestampSigner(salt="orgs.confirm-entry")


class Freshness(TextChoices):
    FRESH = "fresh", gettext_lazy("up to date")
    AGEING = "ageing", gettext_lazy("getting old")
    STALE = "stale", gettext_lazy("out of date")


class LinkRefused(ValueError):
    """The link is no longer good. The message is a sentence for whoever followed it."""


def limits(now: datetime | None = None) -> tuple[datetime, datetime]:
    """(confirmed before this is ageing, confirmed before this is stale)."""
    now = now or timezone.now()
    return (
        now - timedelta(days=settings.ORGS_AGEING_AFTER_DAYS),
        now - timedelta(days=settings.ORGS_STALE_AFTER_DAYS),
    )


def freshness(confirmed_at: datetime, now: datetime | None = None) -> Freshness:
    """How fresh an entry confirmed then is now."""
    ageing, stale = limits(now)
    if confirmed_at < stale:
        return Freshness.STALE
    return Freshness.AGEING if confirmed_at < ageing else Freshness.FRESH


def of_freshness(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    """Rows of one freshness."""
    ageing, stale = limits()
    if wanted == Freshness.STALE:
        return rows.filter(confirmed_at__lt=stale)
    if wanted == Freshness.AGEING:
        return rows.filter(confirmed_at__lt=ageing, confirmed_at__gte=stale)
    return rows.filter(confirmed_at__gte=ageing)


def to_be_asked(now: datetime | None = None) -> QuerySet[Any]:
    """Entries whose managers should be asked now: ageing or stale, and not asked in the last 14 days."""
    now = now or timezone.now()
    ageing, _stale = limits(now)
    return Organisation.objects.filter(
        Q(confirmation_asked_at=None) | Q(confirmation_asked_at__lt=now - ASK_AGAIN_AFTER),
        approval=Approval.APPROVED,
        merged_into=None,
        confirmed_at__lt=ageing,
    )


@dataclass(frozen=True)
class Asked:
    """What became of asking: organisations asked, those without a manager to ask, and those the mail server refused."""

    asked: int = 0
    nobody: int = 0
    failed: int = 0


def ask_to_confirm(
    *, organisations: Iterable[Organisation], by: Actor = SYSTEM, operation: Any = None, now: datetime | None = None
) -> Asked:
    """E-mail the managers of each organisation, at most once in 14 days. A person needs the right to approve.

    An organisation without managers is skipped and counted, so that a coordinator can see to it.
    """
    now = now or timezone.now()
    asked = nobody = failed = 0
    for organisation in organisations:
        if by.user is not None:
            require(standing_of(by.user, operation), Action.APPROVE, organisation)
        people = [user for user in managers_of(organisation) if user.email]
        if not people:
            nobody += 1
            continue
        with acting(by):
            if not _claim(organisation, now):
                continue
        sent = [_send(organisation, user) for user in people]
        if any(sent):
            asked += 1
        else:
            failed += 1
            with acting(by):  # try again next time
                Organisation.objects.filter(pk=organisation.pk, confirmation_asked_at=now).update(
                    confirmation_asked_at=organisation.confirmation_asked_at
                )
    return Asked(asked, nobody, failed)


def _claim(organisation: Organisation, now: datetime) -> bool:
    """Whether this run asks: of two at once, one does."""
    due = Q(confirmation_asked_at=None) | Q(confirmation_asked_at__lt=now - ASK_AGAIN_AFTER)
    return bool(Organisation.objects.filter(due, pk=organisation.pk).update(confirmation_asked_at=now))


def _send(organisation: Organisation, user: Any) -> bool:
    with translation.override(user.language):
        in_exercise = organisation.operation is not None and organisation.operation.is_exercise
        mark = _("EXERCISE") + ": " if in_exercise else ""
        subject = _("%(mark)sIs the entry of %(name)s still right?") % {"mark": mark, "name": organisation.name}
        days = (timezone.now() - organisation.confirmed_at).days
        body = _(
            "Dear %(person)s,\n\n"
            "the entry of %(name)s (%(code)s) was last confirmed %(days)d days ago. Others rely on it.\n\n"
            "Please look at it and confirm or correct it here:\n%(address)s\n\n"
            "The link is yours alone and works for 30 days."
        ) % {
            "person": str(user),
            "name": organisation.name,
            "code": organisation.code,
            "days": days,
            "address": settings.PUBLIC_URL
            + reverse("orgs:confirm_by_link", args=[confirmation_token(organisation, user)]),
        }
    try:
        return bool(send_mail(subject.replace("\n", " "), body, None, [user.email]))
    except (SMTPException, OSError):
        logger.warning("could not e-mail a manager of %s", organisation.code, exc_info=True)
        return False


def confirmation_token(organisation: Organisation, user: Any) -> str:
    """Signed: which entry, who may confirm it, and the confirmation it follows, so that a link works once."""
    return _SIGNER.sign(f"{organisation.pk}-{user.pk}-{int(organisation.confirmed_at.timestamp())}").replace(":", "~")


def read_token(token: str) -> tuple[Organisation, Actor]:
    """The organisation and the actor a link stands for. Raises LinkRefused with a sentence."""
    try:
        text = _SIGNER.unsign(token.replace("~", ":"), max_age=LINK_HOLDS_FOR)
        organisation_id, user_id, confirmed = (int(part) for part in text.split("-"))
    except (BadSignature, ValueError) as error:
        raise LinkRefused(
            _("This link is incomplete or older than 30 days. Sign in and confirm the entry on its page.")
        ) from error
    organisation = Organisation.objects.select_related("operation").filter(pk=organisation_id, merged_into=None).first()
    user = User.objects.filter(pk=user_id).first()
    if organisation is None or user is None or user not in managers_of(organisation):
        raise LinkRefused(_("This link is no longer yours to use. Sign in to see the entry."))
    if int(organisation.confirmed_at.timestamp()) != confirmed:
        raise LinkRefused(_("Thank you, the entry has already been confirmed."))
    return organisation, Actor(user=user, channel=Channel.BROWSER, name=str(user), reason=_("link in an e-mail"))
