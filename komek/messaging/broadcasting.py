"""One text to many, each in their language: counted and priced first, then queued at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed, standing_of
from komek.accounts.roles import MANAGERS, Role
from komek.messaging.models import Correspondent, Outbox, Purpose
from komek.messaging.outbox import LANES, wake_senders
from komek.messaging.segments import cheaper, cost_of, in_latin
from komek.records.actor import Actor

SENDERS = (*MANAGERS, Role.VOLUNTEER_MANAGER)
MOST_SEGMENTS = 4
PURPOSES = (Purpose.ALERT, Purpose.TASK, Purpose.DIGEST)
LONGEST_KEY = 60


@dataclass(frozen=True)
class Recipient:
    """Who is to get it. number: E.164. language: a Django language code. user: an account's key, if it is one."""

    number: str
    language: str
    is_latin: bool = False


@dataclass(frozen=True)
class Estimate:
    """What it would take. people: by language. left_out: asked for no texts, or for quiet. price: as the setting's, or ``None``."""

    people: Mapping[str, int]
    segments: int
    left_out: int
    price: tuple[Decimal, str] | None
    most_segments: int

    @property
    def total(self) -> int:
        return sum(self.people.values())


def recipients_among(users: Iterable[Any]) -> list[Recipient]:
    """Accounts that proved a number, in the language they chose by LANG or on their page; each number once."""
    proven = {str(user.phone): user for user in users if user.phone and user.phone_verified and user.may_work}
    wishes = {known.number: known for known in Correspondent.objects.filter(number__in=proven)}
    found = []
    for number, user in proven.items():
        known = wishes.get(number)
        language = (known.language if known else "") or user.language
        found.append(Recipient(number, language, bool(known and known.is_latin)))
    return found


def estimate(*, words: Mapping[str, str], to: Sequence[Recipient], purpose: str, operation: Any = None) -> Estimate:
    """Count and price a broadcast. words: language code → text. Raises ValidationError, as ``broadcast`` would."""
    bodies = _bodies(words, to, operation)
    wanted, left_out = _wanted(to, purpose)
    by_body = Counter(bodies[_kind(one)] for one in wanted)
    segments = sum(cost_of(body).segments * count for body, count in by_body.items())
    return Estimate(
        people=dict(Counter(one.language for one in wanted)),  # a Counter would answer a template for "items" as well
        segments=segments,
        left_out=left_out,
        price=_price(segments),
        most_segments=max((cost_of(body).segments for body in by_body), default=0),
    )


@transaction.atomic
def broadcast(
    *, by: Actor, operation: Any, words: Mapping[str, str], to: Sequence[Recipient], purpose: str, key: str
) -> int:
    """Queue a text for many, in one go. Returns how many. key: the same broadcast sent again is sent once.

    Raises NotAllowed, or ValidationError: nobody to send to, a language without words, too long.
    """
    standing = standing_of(by.user, operation)
    if not standing.holds(*SENDERS):
        raise NotAllowed(_("Only coordinators and volunteer managers of the operation write to many at once."))
    if purpose not in PURPOSES:
        raise ValueError(f"{purpose} is not for broadcasts")
    bodies = _bodies(words, to, operation)
    wanted, _left_out = _wanted(to, purpose)
    if not wanted:
        raise ValidationError(_("Nobody would get this text. Choose others, or wait until they want texts again."))
    now = timezone.now()
    texts = [
        Outbox(
            to=one.number,
            body=bodies[_kind(one)],
            purpose=purpose,
            lane=LANES[Purpose(purpose)],
            segments=cost_of(bodies[_kind(one)]).segments,
            operation=operation,
            queued_by=by.user,
            channel=by.channel,
            queued_at=now,
            next_try_at=now,
            dedupe_key=f"cast:{key[:LONGEST_KEY]}:{one.number}",
        )
        for one in wanted
    ]
    before = Outbox.objects.filter(dedupe_key__startswith=f"cast:{key[:LONGEST_KEY]}:").count()
    Outbox.objects.bulk_create(texts, batch_size=5000, ignore_conflicts=True)
    wake_senders()
    return Outbox.objects.filter(dedupe_key__startswith=f"cast:{key[:LONGEST_KEY]}:").count() - before


def _kind(one: Recipient) -> tuple[str, bool]:
    return one.language, one.is_latin


def _bodies(words: Mapping[str, str], to: Sequence[Recipient], operation: Any) -> dict[tuple[str, bool], str]:
    """The text for each language and alphabet among the recipients. Raises ValidationError."""
    said = {language: cheaper(text.strip()) for language, text in words.items() if text.strip()}
    if not said:
        raise ValidationError(_("Write the text first."))
    names = dict(settings.LANGUAGES)
    missing = sorted({one.language for one in to} - set(said))
    if missing:
        listed = ", ".join(str(names.get(code, code)) for code in missing)
        raise ValidationError(
            _("There are people who read %(languages)s. Write the text in it too.") % {"languages": listed}
        )
    found = {}
    for language, is_latin in {_kind(one) for one in to}:
        body = said[language]
        if operation is not None and operation.is_exercise:
            with translation.override(language):
                body = f"{_('EXERCISE')}: {body}"
        body = in_latin(body) if is_latin else body
        if cost_of(body).segments > MOST_SEGMENTS:
            raise ValidationError(
                _("The text in %(language)s takes more than %(most)d SMS each. Shorten it.")
                % {"language": names.get(language, language), "most": MOST_SEGMENTS}
            )
        found[language, is_latin] = body
    return found


def _wanted(to: Sequence[Recipient], purpose: str) -> tuple[list[Recipient], int]:
    """Those who want such a text, each number once, and how many do not."""
    each = list({one.number: one for one in to}.values())
    refused = set(Correspondent.objects.exclude(stopped_at=None).values_list("number", flat=True))
    if purpose != Purpose.ALERT:
        quiet = Correspondent.objects.filter(muted_until__gt=timezone.now())
        refused |= set(quiet.values_list("number", flat=True))
    wanted = [one for one in each if one.number not in refused]
    return wanted, len(each) - len(wanted)


def _price(segments: int) -> tuple[Decimal, str] | None:
    """``KOMEK_TEXT_PRICE`` (``0.08 USD``) for so many SMS."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(\S{0,8})\s*", settings.TEXT_PRICE)
    return (Decimal(found[1]) * segments, found[2]) if found else None
