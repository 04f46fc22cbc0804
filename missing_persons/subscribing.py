"""Following what becomes of a person: asked for, confirmed by a code, ended by one word or a link."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.accounts.phones import one_form
from komek.records.actor import Actor, acting
from missing_persons.models import Person, Report, Subscription
from missing_persons.refusals import Refused
from missing_persons.telling import language_of, send
from missing_persons.texts import one_line

CODE_LIVES = timedelta(minutes=30)
MOST_WRONG = 5
MOST_CODES_AN_HOUR = 5


@transaction.atomic
def subscribe(
    *, by: Actor, person: Person, phone: str = "", email: str = "", name: str = "", relation: str = "", language: str = "",
    report: Report | None = None,
) -> Subscription:  # fmt: skip
    """Ask to be told of changes. A code goes to the phone or the address; before it is typed nothing else is sent. Raises Refused.

    Asked again, the same subscription gets a new code. The caller has kept out robots, and shows only persons who are public.
    """
    if not (phone.strip() or email.strip()):
        raise Refused({"phone": _("Give a phone number or an e-mail address, so that we can tell you.")})
    number, address = ("", _email(email)) if not phone.strip() else (_phone(phone), "")
    lately = timezone.now() - timedelta(hours=1)
    asked = Subscription.objects.filter(phone=number, email=address)
    if asked.filter(code_sent_at__gt=lately).count() >= MOST_CODES_AN_HOUR:
        raise Refused({"__all__": _("We sent several codes there within the hour. Please wait for an hour.")})
    subscription = asked.select_for_update().filter(person=person, ended_at=None).first()
    if subscription is None:
        subscription = Subscription(person=person, operation=person.operation, phone=number, email=address)
        subscription.stamp(by)
        subscription.reported_by = ""
    if report is not None:
        subscription.report = report
    subscription.name, subscription.relation = one_line(name)[:200], one_line(relation)[:100]
    subscription.language = language[:10]
    code = f"{secrets.randbelow(10**6):06d}"
    subscription.code_hash, subscription.code_sent_at, subscription.wrong_codes = _hash(code), timezone.now(), 0
    with acting(by):
        subscription.save()
    with translation.override(language_of(subscription)):
        body = _("Your code: %(code)s. Type it on the page to be told about %(person)s.") % {
            "code": code, "person": person.code,
        }  # fmt: skip
        if not send(by=by, subscription=subscription, body=body, is_code=True):
            raise Refused({"phone": _("We cannot send SMS here at present. Give an e-mail address instead.")})
    return subscription


@transaction.atomic
def confirm(*, by: Actor, subscription: Subscription, code: str) -> bool:
    """Whether the code is the one that was sent. After five wrong ones a new code must be asked for."""
    locked = Subscription.objects.select_for_update().select_related("person").get(pk=subscription.pk)
    is_open = locked.code_sent_at is not None and locked.code_sent_at > timezone.now() - CODE_LIVES
    if not is_open or locked.wrong_codes >= MOST_WRONG or not locked.code_hash:
        return False
    if not constant_time_compare(locked.code_hash, _hash("".join(code.split()))):
        locked.wrong_codes += 1
        locked.save(update_fields=["wrong_codes", "updated_at"])
        return False
    locked.confirmed_at, locked.code_hash = timezone.now(), ""
    locked.told_status = locked.person.public_status
    with acting(by):
        locked.save()
    return True


@transaction.atomic
def unsubscribe(*, by: Actor, stop_key: str) -> bool:
    """End the subscription of this link; false when there is none."""
    return bool(stop_key and _end(by, Subscription.objects.filter(stop_key=stop_key)))


@transaction.atomic
def unsubscribe_phone(*, by: Actor, phone: str) -> int:
    """End everything that a number (E.164) follows: it wrote STOP. Returns how many."""
    return _end(by, Subscription.objects.filter(phone=phone)) if phone else 0


@transaction.atomic
def prove_seeker(*, by: Actor, operation: Any, subscription: Subscription, how: str) -> Subscription:
    """Write down that a seeker proved to a registrar who they are, and how. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, subscription)
    tidy = one_line(how)[:300]
    if not tidy:
        raise Refused({"how": _("Say how they proved who they are, such as “passport shown at the desk”.")})
    locked = Subscription.objects.select_for_update().get(pk=subscription.pk)
    locked.proven_at, locked.proven_by, locked.proven_how = timezone.now(), by.user, tidy
    with acting(by):
        locked.save()
    return locked


def _end(by: Actor, subscriptions: Any) -> int:
    ended = 0
    with acting(by):
        for subscription in subscriptions.select_for_update().filter(ended_at=None):
            subscription.ended_at = timezone.now()
            subscription.save(update_fields=["ended_at", "updated_at"])
            ended += 1
    return ended


def _hash(code: str) -> str:
    return salted_hmac("missing_persons.subscription", code, algorithm="sha256").hexdigest()


def _phone(text: str) -> str:
    try:
        return one_form(text)
    except ValidationError as fault:
        raise Refused({"phone": " ".join(fault.messages)}) from fault


def _email(text: str) -> str:
    try:
        validate_email(text.strip())
    except ValidationError as fault:
        raise Refused({"email": _("This is not an e-mail address. Check it.")}) from fault
    return text.strip()
