"""Telling seekers of what changed: by SMS or e-mail, in their language, once each. Never where somebody is, never a death."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from komek.extensions.texts import send_text
from komek.messaging.models import Purpose
from komek.records.actor import SYSTEM, Actor
from missing_persons.models import Person, Status, Subscription, Visibility
from missing_persons.public.addresses import page_at, sealed

log = logging.getLogger(__name__)


def tell_of(person_ids: Iterable[int]) -> int:
    """Tell everybody who follows one of these persons of a status that is new to them; returns how many. In the caller's transaction.

    Only of what the public may see. Of a death nobody learns by a message: they are asked to call the registrars.
    """
    waiting = Subscription.objects.select_for_update(of=("self",)).filter(
        person__in=person_ids, person__visibility=Visibility.PUBLIC, confirmed_at__isnull=False, ended_at=None
    )
    told = 0
    for subscription in waiting.select_related("person__operation").order_by("pk"):
        person = subscription.person
        if subscription.told_status == person.public_status:
            continue
        with translation.override(language_of(subscription)):
            key = f"{subscription.pk}:{person.public_status}:{person.status_source}"
            send(by=SYSTEM, subscription=subscription, body=_sentence(person), key=key)
        Subscription.objects.filter(pk=subscription.pk).update(told_status=person.public_status)
        told += 1
    return told


def _sentence(person: Person) -> str:
    words = {"code": person.code, "status": person.get_public_status_display()}
    if person.public_status in (Status.DEAD, Status.UNCLEAR):
        sentences = [
            _("There is news about %(code)s. Please call or visit the registrars; we do not write it in a message.")
            % words
        ]
    else:
        sentences = [_("The person you look for, %(code)s: %(status)s. Write STOP to hear no more.") % words]
    if settings.HAS_PUBLIC_URL:
        sentences.append(settings.PUBLIC_URL + page_at("public_person", sealed("person", person.pk)))
    return " ".join(sentences)


def send(
    *, by: Actor, subscription: Subscription, body: str, key: str = "", is_code: bool = False
) -> bool:  # fmt: skip
    """Hand a message to the outbox or the mail server; false when there is no way to send it. In the caller's transaction."""
    operation = subscription.person.operation
    if operation is not None and operation.is_exercise:
        body = f"{_('EXERCISE')}: {body}"
    if subscription.phone:
        return send_text(
            by=by, to=subscription.phone, body=body, purpose=Purpose.CODE if is_code else Purpose.NOTICE,
            is_secret=is_code, dedupe_key=f"missing_persons:{key}" if key else "",
        )  # fmt: skip
    subject, to = _("Komek: about %(code)s") % {"code": subscription.person.code}, subscription.email
    if not is_code:
        stop = reverse("missing_persons:public_tell_no_more", args=[subscription.stop_key])
        body += "\n\n" + _("To stop these e-mails: %(address)s") % {"address": settings.PUBLIC_URL + stop}
    transaction.on_commit(lambda: _send_mail(subject, body, to))
    return True


def language_of(subscription: Subscription) -> str:
    """The language in which a seeker is written to."""
    known = dict(settings.LANGUAGES)
    return subscription.language if subscription.language in known else settings.LANGUAGE_CODE


def _send_mail(subject: str, body: str, to: str) -> None:
    """After the commit: a mail server that is away must not undo what happened."""
    try:
        send_mail(subject.replace("\n", " "), body, None, [to])
    except OSError:
        log.warning("a message to a seeker could not be sent", exc_info=True)
