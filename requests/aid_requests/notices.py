"""Telling people about a request: who asked, at each step, and who promised; by SMS or e-mail, in their language, once each."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from aid_requests.models import AidRequest, Commitment, Notice, NotifyBy, RequestState, RequestStep
from komek.extensions.texts import send_text
from komek.messaging.models import Purpose
from komek.records.actor import Actor

log = logging.getLogger(__name__)


def tell(
    *, by: Actor, request: AidRequest, by_channel: str, to: str, to_whom: str, subject: str, body: str, key: str,
    commitment: Commitment | None = None,
) -> Notice | None:  # fmt: skip
    """Send one message and keep it with the request; ``None`` when there is nobody to send it to or the key was told.

    Within the caller's transaction; it leaves when that is committed. subject: of an e-mail.
    """
    if by_channel == NotifyBy.NOBODY or not to:
        return None
    if request.operation is not None and request.operation.is_exercise:
        body = f"{_('EXERCISE')}: {body}"
        subject = f"{_('EXERCISE')}: {subject}"
    notice = Notice(
        request=request, commitment=commitment, by_channel=by_channel, to=to, to_whom=to_whom[:150], body=body, key=key
    )
    if Notice.objects.filter(key=key).exists():
        return None
    if by_channel == NotifyBy.SMS:
        sent = send_text(by=by, to=to, body=body, purpose=Purpose.NOTICE, dedupe_key=f"request:{key}")
        if not sent:
            notice.problem = _("No gateway for SMS is set up here.")
    notice.save()
    if by_channel == NotifyBy.EMAIL:
        transaction.on_commit(lambda: _send_mail(notice, subject))
    return notice


def tell_requester(*, by: Actor, request: AidRequest, step: RequestStep) -> Notice | None:
    """Tell who asked about a step, in their language; not who took it by a text, for they read the answer to that."""
    if request.notify_by == NotifyBy.SMS and getattr(by, "number", "") == str(request.reporter_phone):
        return None
    to = str(request.reporter_phone) if request.notify_by == NotifyBy.SMS else request.reporter_email
    with translation.override(language_of(request)):
        sentence = sentence_about(request, step)
        if not sentence:
            return None
        body = f"{sentence} {follow_address(request)}"
        subject = _("Komek: your request %(code)s") % {"code": request.code}
        return tell(
            by=by, request=request, by_channel=request.notify_by, to=to, to_whom=request.reporter_name, subject=subject,
            body=body, key=f"step:{step.pk}",
        )  # fmt: skip


def language_of(request: AidRequest) -> str:
    """The language in which the requester is written to."""
    known = dict(settings.LANGUAGES)
    return request.reporter_language if request.reporter_language in known else settings.LANGUAGE_CODE


def follow_address(request: AidRequest) -> str:
    """Where the requester follows the request without an account."""
    path = reverse("requests:follow", args=[request.code])
    return f"{settings.PUBLIC_URL}{path}?key={request.follow_key}"


def sentence_about(request: AidRequest, step: RequestStep) -> str:
    """What the requester reads about a step, in the language now in force; empty for what they need not hear."""
    words = {
        "code": request.code,
        "what": request.title,
        "reason": step.reason,
        "organisation": str(step.forwarded_to or request.responsible or ""),
    }
    S = RequestState
    if step.after == S.SUBMITTED and step.before not in ("", S.DRAFT):
        return _("Request %(code)s is open again.") % words
    sentences = {
        S.SUBMITTED: _("Request %(code)s (%(what)s) has arrived. We will look into it."),
        S.VERIFIED: _("Request %(code)s (%(what)s) was looked into and is verified."),
        S.ACCEPTED: _("Request %(code)s (%(what)s) is accepted. We are looking for what you need."),
        S.FORWARDED: _("Request %(code)s (%(what)s) was forwarded to %(organisation)s, who will answer it."),
        S.REFUSED: _("Request %(code)s (%(what)s) cannot be met: %(reason)s"),
        S.PARTLY_MET: _("Part of what request %(code)s (%(what)s) asks for has come. We go on with the rest."),
        S.MET: _("Everything request %(code)s (%(what)s) asks for has come. Please confirm that you received it."),
        S.CLOSED: _("Request %(code)s (%(what)s) is closed. Thank you for confirming."),
        S.CANCELLED: _("Request %(code)s (%(what)s) was cancelled: %(reason)s"),
    }
    return sentences.get(S(step.after), "") % words


def _send_mail(notice: Notice, subject: str) -> None:
    """After the commit: a mail server that is away must not undo the step; what went wrong is kept with the message."""
    try:
        send_mail(subject.replace("\n", " "), notice.body, None, [notice.to])
    except OSError as fault:
        log.warning("a message about %s could not be sent", notice.request.code, exc_info=True)
        notice.problem = str(fault)[:200] or _("The mail server could not be reached.")
        notice.save(update_fields=["problem"])
