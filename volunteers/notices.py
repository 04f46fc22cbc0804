"""Telling the donor what becomes of a pledge: by SMS or e-mail, in their language, once each, kept with the pledge."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from komek.extensions.texts import send_text
from komek.messaging.models import Purpose
from komek.records.actor import Actor
from komek.supplies.models import written
from volunteers.models import OPEN_USES, NotifyBy, Pledge, PledgeNotice, PledgeState, PledgeStep, PledgeUse, UseState

log = logging.getLogger(__name__)


def tell(*, by: Actor, pledge: Pledge, body: str, key: str) -> PledgeNotice | None:
    """Send the donor one message and keep it; ``None`` when there is no way to reach them or the key was told.

    Within the caller's transaction; it leaves when that is committed.
    """
    to = str(pledge.phone) if pledge.notify_by == NotifyBy.SMS else pledge.email
    if pledge.notify_by == NotifyBy.NOBODY or not to or PledgeNotice.objects.filter(key=key).exists():
        return None
    subject = _("Komek: your offer %(code)s") % {"code": pledge.code}
    if pledge.operation is not None and pledge.operation.is_exercise:
        body, subject = f"{_('EXERCISE')}: {body}", f"{_('EXERCISE')}: {subject}"
    notice = PledgeNotice(pledge=pledge, by_channel=pledge.notify_by, to=to, body=body, key=key)
    if pledge.notify_by == NotifyBy.SMS:
        sent = send_text(by=by, to=to, body=body, purpose=Purpose.NOTICE, dedupe_key=f"pledge:{key}")
        if not sent:
            notice.problem = _("No gateway for SMS is set up here.")
    notice.save()
    if pledge.notify_by == NotifyBy.EMAIL:
        transaction.on_commit(lambda: _send_mail(notice, subject))
    return notice


def tell_step(*, by: Actor, pledge: Pledge, step: PledgeStep) -> PledgeNotice | None:
    """Tell the donor about a step; not one that they took by a text, for they read the answer to that."""
    if pledge.notify_by == NotifyBy.SMS and getattr(by, "number", "") == str(pledge.phone):
        return None
    with translation.override(language_of(pledge)):
        sentence = sentence_about(pledge, step)
        if not sentence:
            return None
        return tell(by=by, pledge=pledge, body=f"{sentence} {follow_address(pledge)}", key=f"step:{step.pk}")


def tell_received(*, by: Actor, pledge: Pledge, quantity: Decimal, key: str) -> PledgeNotice | None:
    """Tell the donor that a part came."""
    with translation.override(language_of(pledge)):
        words = {"code": pledge.code, "what": in_words(pledge, quantity)}
        sentence = _("%(what)s of your offer %(code)s came. Thank you!") % words
        return tell(by=by, pledge=pledge, body=f"{sentence} {follow_address(pledge)}", key=key)


def tell_where(*, by: Actor, use: PledgeUse) -> PledgeNotice | None:
    """Ask the donor to bring a part of the pledge to where it is needed."""
    pledge = use.pledge
    with translation.override(language_of(pledge)):
        words = {
            "code": pledge.code, "what": in_words(pledge, use.quantity), "site": use.destination, "day": _day(use.wanted_by),
        }  # fmt: skip
        if use.wanted_by:
            sentence = _("%(what)s of your offer %(code)s are needed at %(site)s by %(day)s. Can you bring it there?")
        else:
            sentence = _("%(what)s of your offer %(code)s are needed at %(site)s. Can you bring it there?")
        return tell(by=by, pledge=pledge, body=f"{sentence % words} {follow_address(pledge)}", key=f"where:{use.pk}")


def tell_released(*, by: Actor, use: PledgeUse, key: str) -> PledgeNotice | None:
    """A part that was promised is not needed there any more, or waited too long; the offer stands."""
    pledge = use.pledge
    with translation.override(language_of(pledge)):
        words = {"code": pledge.code, "what": in_words(pledge, use.quantity)}
        sentence = _("%(what)s of your offer %(code)s are not needed where we planned. Your offer stands.") % words
        return tell(by=by, pledge=pledge, body=f"{sentence} {follow_address(pledge)}", key=key)


def tell_held_longer(*, by: Actor, use: PledgeUse, key: str) -> PledgeNotice | None:
    """A promised part is still planned for the same people; the donor is asked to keep it."""
    pledge = use.pledge
    with translation.override(language_of(pledge)):
        until = timezone.localdate(use.until)
        words = {"code": pledge.code, "what": in_words(pledge, use.quantity), "day": _day(until)}
        sentence = _("%(what)s of your offer %(code)s are still needed. Please keep them until %(day)s.") % words
        return tell(by=by, pledge=pledge, body=f"{sentence} {follow_address(pledge)}", key=key)


def tell_too_late(*, by: Actor, use: PledgeUse, key: str) -> PledgeNotice | None:
    """The need ended while the donor's part was on its way to it."""
    pledge = use.pledge
    with translation.override(language_of(pledge)):
        words = {"code": pledge.code, "what": in_words(pledge, use.quantity - use.received)}
        sentence = _(
            "%(what)s of your offer %(code)s are not needed any more where they are going. If they can be called back, "
            "please do; else they are received and go to others. Thank you!"
        )  # fmt: skip
        return tell(by=by, pledge=pledge, body=f"{sentence % words} {follow_address(pledge)}", key=key)


def tell_kept(*, by: Actor, pledge: Pledge, words: str, key: str) -> PledgeNotice | None:
    """The offer is welcome, though not now. words: the coordinator's own."""
    with translation.override(language_of(pledge)):
        sentence = _("Thank you for your offer %(code)s. It is not needed now; we keep it for later.") % {
            "code": pledge.code
        }
        body = " ".join(filter(None, (sentence, words.strip(), follow_address(pledge))))
        return tell(by=by, pledge=pledge, body=body, key=key)


def tell_thanks(*, by: Actor, pledge: Pledge, words: str, key: str) -> PledgeNotice | None:
    """Thank the donor, with what became of the offer at the address. words: the coordinator's own; empty for ours."""
    with translation.override(language_of(pledge)):
        sentence = words.strip() or thanks_for(pledge)
        told = _("What became of it: %(address)s") % {"address": follow_address(pledge)}
        return tell(by=by, pledge=pledge, body=f"{sentence} {told}", key=key)


def thanks_for(pledge: Pledge) -> str:
    """A word of thanks in the language now in force, saying what came."""
    words = {
        "code": pledge.code,
        "what": in_words(pledge, pledge.received or pledge.quantity, bare=True),
        "name": pledge.what,
    }
    if pledge.received:
        return _("Thank you for %(what)s (%(name)s). Your help arrived.") % words
    return _("Thank you for offering %(what)s (%(name)s).") % words


def sentence_about(pledge: Pledge, step: PledgeStep) -> str:
    """What the donor reads about a step, in the language now in force; empty for what they need not hear."""
    words = {
        "code": pledge.code, "what": f"{in_words(pledge, pledge.quantity, bare=True)} {pledge.what}", "reason": step.reason,
        "part": in_words(pledge, _expected(pledge, step)),
    }  # fmt: skip
    S = PledgeState
    sentences = {
        S.PLEDGED: _("Thank you for offering %(what)s. Your offer has the code %(code)s; we will answer you."),
        S.ACCEPTED: _("Your offer %(code)s (%(what)s) is welcome. We will tell you where it is needed."),
        S.COMMITTED: _("Of your offer %(code)s (%(what)s), %(part)s are planned for people who asked for it."),
        S.ON_THE_WAY: _("Of your offer %(code)s (%(what)s), %(part)s are on the way."),
        S.RECEIVED: _("Your offer %(code)s (%(what)s) was received. Thank you!"),
        S.USED: _("Your gift %(code)s (%(what)s) was given to those who needed it. Thank you!"),
        S.DECLINED: _("Thank you for offering %(what)s (%(code)s). We cannot take it: %(reason)s"),
        S.WITHDRAWN: _("Your offer %(code)s (%(what)s) is withdrawn, as you asked. Thank you all the same."),
        S.LAPSED: _("The time of your offer %(code)s (%(what)s) is over. If you can still give it, offer it again."),
    }
    if step.after == S.ACCEPTED and step.before in (S.COMMITTED, S.ON_THE_WAY, S.RECEIVED):
        return ""  # that a part is free again is told by what freed it
    return sentences.get(S(step.after), "") % words


def in_words(pledge: Pledge, quantity: Decimal, *, bare: bool = False) -> str:
    """So much of the pledge, as people say it: ``200 pcs``; without a unit, of what: ``2 lorries``, unless ``bare``."""
    return f"{written(quantity)} {pledge.unit or ('' if bare else pledge.what)}".strip()


def _expected(pledge: Pledge, step: PledgeStep) -> Decimal:
    """What is promised to needs, or of that what is on the way, and has not come."""
    states = (UseState.ON_THE_WAY,) if step.after == PledgeState.ON_THE_WAY else OPEN_USES
    parts = pledge.uses.filter(state__in=states).values_list("quantity", "received")
    return sum((max(quantity - received, Decimal(0)) for quantity, received in parts), Decimal(0))


def language_of(pledge: Pledge) -> str:
    """The language in which the donor is written to."""
    return pledge.language if pledge.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def follow_address(pledge: Pledge) -> str:
    """Where the donor follows the pledge without an account."""
    return f"{settings.PUBLIC_URL}{follow_path(pledge)}"


def follow_path(pledge: Pledge) -> str:
    return f"{reverse('volunteers:follow', args=[pledge.code])}?key={pledge.follow_key}"


def _day(day: date | None) -> Any:
    return formats.date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _send_mail(notice: PledgeNotice, subject: str) -> None:
    """After the commit: a mail server that is away must not undo the step; what went wrong is kept with the message."""
    try:
        send_mail(subject.replace("\n", " "), notice.body, None, [notice.to])
    except OSError as fault:
        log.warning("a message about %s could not be sent", notice.pledge.code, exc_info=True)
        notice.problem = str(fault)[:200] or _("The mail server could not be reached.")
        notice.save(update_fields=["problem"])
