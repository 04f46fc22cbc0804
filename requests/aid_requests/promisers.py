"""Telling those concerned what became of a promise: who promised, who asked, and who answers for the request. Once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.models import AidRequest, Commitment, NotifyBy
from aid_requests.notices import follow_address, language_of, tell
from komek.extensions.offers import Address
from komek.records.actor import Actor
from komek.supplies.models import plain
from orgs.models import Contact, ContactVisibility, Organisation

MADE, LONGER, LAPSED, RELEASED = "made", "longer", "lapsed", "released"
CANCELLED, ON_THE_WAY, TOO_LATE = "cancelled", "on_the_way", "too_late"

_TOO_LATE = gettext_lazy(
    "%(quantity)s %(what)s for request %(code)s are on the way (%(delivery)s) and not needed there any more. Call them back, or "
    "send them where they are needed. %(reason)s"
)

TO_WHO_PROMISED: Mapping[str, Any] = {
    MADE: gettext_lazy("You promised %(quantity)s %(what)s for request %(code)s. The promise holds until %(until)s."),
    LONGER: gettext_lazy("Your promise of %(quantity)s %(what)s for request %(code)s now holds until %(until)s."),
    LAPSED: gettext_lazy(
        "Your promise of %(quantity)s %(what)s for request %(code)s ended on %(until)s. If you can still give it, "
        "promise it again."
    ),
    RELEASED: gettext_lazy(
        "%(quantity)s %(what)s for request %(code)s are not needed any more. You need not keep them. Thank you. %(reason)s"
    ),
    TOO_LATE: _TOO_LATE,
}
TO_WHO_ASKED: Mapping[str, Any] = {
    ON_THE_WAY: gettext_lazy("%(quantity)s %(what)s for request %(code)s are on the way."),
    LAPSED: gettext_lazy("A promise of %(quantity)s %(what)s for request %(code)s has ended. We go on looking."),
    CANCELLED: gettext_lazy("%(quantity)s %(what)s for request %(code)s will not come after all. We go on looking."),
}
TO_WHO_ANSWERS: Mapping[str, Any] = {
    LAPSED: gettext_lazy("%(who)s promised %(quantity)s %(what)s for request %(code)s; this ended on %(until)s."),
    CANCELLED: gettext_lazy(
        "%(quantity)s %(what)s from %(who)s for request %(code)s will not come: %(reason)s"
    ),
}  # fmt: skip
TO_WHO_SENDS: Mapping[str, Any] = {TOO_LATE: _TOO_LATE}


def tell_of(
    event: str, *, by: Actor, commitment: Commitment, quantity: Any, reason: str = "", part: str = "",
    senders: Sequence[Address] = (),
) -> None:  # fmt: skip
    """Tell everybody whom this event concerns, each address once. quantity: in the line's unit. part: names an event that happens
    again. senders: who keeps and who sent goods that are on the way.
    """
    request = commitment.line.request
    key = f"commitment:{commitment.pk}:{event}{part}"
    words = {"quantity": plain(quantity), "code": request.code, "reason": reason, "who": str(commitment)}

    told: set[tuple[str, str]] = set()

    def say(sentences: Mapping[str, Any], whom: str, address: tuple[str, str, str, str]) -> None:
        by_channel, to, to_whom, language = address
        if event not in sentences or by_channel == NotifyBy.NOBODY:
            return
        with translation.override(language):
            about = {
                **words, "what": " ".join(filter(None, (commitment.line.unit, str(commitment.line)))),
                "until": _moment(commitment.until), "who": commitment.title or str(commitment.organisation or _("somebody")),
                "delivery": commitment.delivery,
            }  # fmt: skip
            body = (str(sentences[event]) % about).strip()
            if whom == "asker":
                body = f"{body} {follow_address(request)}"
            if (to, body) in told:
                return
            told.add((to, body))
            tell(
                by=by, request=request, commitment=commitment, by_channel=by_channel, to=to, to_whom=to_whom, body=body,
                subject=_("Komek: request %(code)s") % words, key=f"{key}:{whom}",
            )  # fmt: skip

    say(TO_WHO_PROMISED, "promiser", address_of_promiser(commitment))
    say(TO_WHO_ASKED, "asker", _address_of_asker(request))
    say(TO_WHO_ANSWERS, "answers", _address_of(request.responsible))
    for number, one in enumerate(senders):
        say(TO_WHO_SENDS, f"sender{number}", _address_of_sender(one))


def address_of_promiser(commitment: Commitment) -> tuple[str, str, str, str]:
    """How who promised is reached: channel, address, name, language. Their own address, else of who entered the promise."""
    name, language = str(commitment.organisation or commitment.title), settings.LANGUAGE_CODE
    if commitment.contact_phone:
        return NotifyBy.SMS, commitment.contact_phone, name, language
    if commitment.contact_email:
        return NotifyBy.EMAIL, commitment.contact_email, name, language
    if commitment.organisation is not None:
        found = _address_of(commitment.organisation)
        if found[0] != NotifyBy.NOBODY:
            return found
    user = commitment.entered_by
    if user is not None and user.email:
        return NotifyBy.EMAIL, user.email, user.name, user.language or language
    return NotifyBy.NOBODY, "", "", language


def _address_of_asker(request: AidRequest) -> tuple[str, str, str, str]:
    to = str(request.reporter_phone) if request.notify_by == NotifyBy.SMS else request.reporter_email
    return request.notify_by, to, request.reporter_name, language_of(request)


def _address_of(organisation: Organisation | None) -> tuple[str, str, str, str]:
    """An organisation's own address, of those that other organisations may know."""
    known = (ContactVisibility.PUBLIC, ContactVisibility.PARTNERS)
    contact = None
    if organisation is not None:
        rows = Contact.objects.filter(organisation=organisation, site=None, visibility__in=known).exclude(email="")
        contact = rows.order_by("pk").first()
    if contact is None:
        return NotifyBy.NOBODY, "", "", settings.LANGUAGE_CODE
    return NotifyBy.EMAIL, contact.email, contact.person or str(organisation), settings.LANGUAGE_CODE


def _address_of_sender(one: Address) -> tuple[str, str, str, str]:
    language = one.language if one.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    by_channel = NotifyBy.EMAIL if one.email else NotifyBy.SMS if one.phone else NotifyBy.NOBODY
    return by_channel, one.email or one.phone, one.name, language


def _moment(moment: Any) -> str:
    from django.utils import formats, timezone

    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
