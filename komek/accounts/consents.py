"""What people agree to, word for word, and how they take it back.

A room names what it asks consent for with ``register_purpose``. A change of the words is a new version; consent given to the
old words stays what it was, until the person agrees to the new ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.models import Consent, Ending, Relation, User
from komek.records.actor import Actor, acting


@dataclass(frozen=True)
class ConsentPurpose:
    """Something people may agree to.

    key: ``room.purpose``, never re-used. title, text: translatable; ``text`` is what is agreed to.
    version: changes whenever the words do.
    offered: whether people may give and take it back on their own account's page.
    kept_until: why it cannot be taken back by itself, as a sentence; empty for what can.
    """

    key: str
    title: Any
    text: Any
    version: str
    offered: bool = False
    kept_until: Any = ""


class TextChanged(ValidationError):
    """The person read other words than those in force now."""


_purposes: dict[str, ConsentPurpose] = {}


def register_purpose(purpose: ConsentPurpose) -> None:
    """Called once per purpose, when the room's app is ready."""
    if purpose.key in _purposes and _purposes[purpose.key] != purpose:
        raise ValueError(f"two purposes of consent share the key {purpose.key!r}")
    _purposes[purpose.key] = purpose


def purposes() -> Iterable[ConsentPurpose]:
    return _purposes.values()


def purpose_of(key: str) -> ConsentPurpose | None:
    """The purpose, or ``None`` when its registry is switched off or gone."""
    return _purposes.get(key)


@transaction.atomic
def give_consent(
    *,
    by: Actor,
    about: models.Model,
    purpose: str,
    version: str,
    given_by_name: str = "",
    relation: Relation = Relation.SELF,
    given_at: datetime | None = None,
    language: str = "",
) -> Consent:
    """Write down that somebody agreed. To the same words again changes nothing; newer words replace the older consent.

    about: the record of the person. version: of the text that was shown. given_by_name: who agreed, when it was not the acting
    account (a mother for her child, a resident whom a registrar asked). language: of the text shown, the current one unless given.
    Raises TextChanged when the words have changed since they were shown, ValidationError when nobody or the future gave it.
    """
    named = _purposes[purpose]
    if version != named.version:
        raise TextChanged(_("The text has changed in the meantime. Please read it again before agreeing."))
    when = given_at or timezone.now()
    if when > timezone.now():
        raise ValidationError(_("Consent cannot be given in the future."))
    agreed_self = not given_by_name and by.user is not None
    if not agreed_self and not given_by_name:
        raise ValidationError(_("Say who agreed."))
    if relation != Relation.SELF and not given_by_name:
        given_by_name = by.name[:150]
    with acting(by), translation.override(language or translation.get_language() or "en"):
        current = in_force(about, purpose).select_for_update().first()
        if current is not None and current.version == version:
            return current
        if current is not None:
            _end(current, by, Ending.REPLACED, "")
        fresh = Consent(
            about_type=ContentType.objects.get_for_model(about),
            about_id=about.pk,
            purpose=purpose,
            version=version,
            language=translation.get_language() or "en",
            text=str(named.text),
            given_by=by.user if agreed_self else None,
            given_by_name=given_by_name[:150],
            relation=relation,
            given_at=when,
            entered_by=by.user,
            channel=by.channel,
        )
        # Two at the same moment: the second finds the first's row.
        Consent.objects.bulk_create([fresh], ignore_conflicts=True)
    return in_force(about, purpose).get()


def follow_choice(
    *, by: Actor, about: models.Model, purpose: str, is_agreed: bool, given_by_name: str, language: str = ""
) -> None:
    """Write down that somebody agreed to the present words, or took it back, as the record now says. Within the caller's transaction.

    given_by_name: what they are, such as "the donor", where the record holds the name and lets go of it in time.
    """
    if is_agreed:
        version = _purposes[purpose].version
        give_consent(
            by=by, about=about, purpose=purpose, version=version, given_by_name=given_by_name, language=language
        )
        return
    for consent in in_force(about, purpose):
        withdraw_consent(by=by, consent=consent)


def give_many_consents(*, by: Actor, about: Sequence[models.Model], purpose: str, given_by_name: str) -> None:
    """The same about many new records at once, of one model, to the words in force now. In the caller's transaction."""
    named, when = _purposes[purpose], timezone.now()
    if not about:
        return
    about_type, language = ContentType.objects.get_for_model(about[0]), translation.get_language() or "en"
    with acting(by):
        Consent.objects.bulk_create(
            Consent(
                about_type=about_type, about_id=record.pk, purpose=purpose, version=named.version, language=language,
                text=str(named.text), given_by_name=given_by_name[:150], given_at=when, entered_by=by.user,
                channel=by.channel,
            )
            for record in about
        )  # fmt: skip


@transaction.atomic
def withdraw_consent(*, by: Actor, consent: Consent, reason: str = "") -> Consent:
    """Take consent back, from now on. Twice changes nothing. Raises ValidationError for what lasts as long as its record."""
    named = purpose_of(consent.purpose)
    if named is not None and named.kept_until:
        raise ValidationError(str(named.kept_until))
    locked = Consent.objects.select_for_update().get(pk=consent.pk)
    if locked.is_in_force:
        with acting(by.because(reason) if reason else by):
            _end(locked, by, Ending.WITHDRAWN, reason)
    return locked


def in_force(about: models.Model, purpose: str) -> models.QuerySet[Consent]:
    """The consent in force about a record for a purpose: one row or none."""
    about_type = ContentType.objects.get_for_model(about)
    return Consent.objects.filter(about_type=about_type, about_id=about.pk, purpose=purpose, ended_at=None)


def has_consent(about: models.Model, purpose: str) -> bool:
    """Ask right before doing what consent is needed for: it may have been taken back a minute ago."""
    return in_force(about, purpose).exists()


def with_consent(queryset: models.QuerySet[Any], purpose: str) -> models.QuerySet[Any]:
    """Rows whose person has agreed, in one query."""
    about_type = ContentType.objects.get_for_model(queryset.model)
    agreed = Consent.objects.filter(
        about_type=about_type, about_id=models.OuterRef("pk"), purpose=purpose, ended_at=None
    )
    return queryset.filter(models.Exists(agreed))


def own_consents(user: Any) -> models.QuerySet[Consent]:
    """What an account agreed to, and what others agreed to about it."""
    account_type = ContentType.objects.get_for_model(User)
    return Consent.objects.filter(models.Q(about_type=account_type, about_id=user.pk) | models.Q(given_by_id=user.pk))


def _end(consent: Consent, by: Actor, ending: Ending, reason: str) -> None:
    consent.ended_at, consent.ending = timezone.now(), ending
    consent.ending_channel, consent.ending_reason = by.channel, reason[:300]
    consent.save(update_fields=["ended_at", "ending", "ending_channel", "ending_reason"])


class _VersionBox(forms.CheckboxInput):
    """A box whose value is the version of the text beside it, so that we know which words were agreed to."""

    version = ""

    def format_value(self, value: Any) -> str:
        return self.version

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return str(data.get(name, ""))


class ConsentField(forms.Field):
    """A box to tick under the words agreed to.

    Its value is the version of the words shown, for ``give_consent``; empty when not ticked.
    """

    def __init__(self, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        kwargs.setdefault("label", gettext_lazy("I agree"))
        kwargs.setdefault("error_messages", {"required": gettext_lazy("Without your agreement we cannot go on.")})
        super().__init__(widget=_VersionBox, **kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        named = _purposes[self.purpose]
        self.help_text, self.widget.version = str(named.text), named.version  # type: ignore[attr-defined]
        return super().get_bound_field(form, field_name)

    def clean(self, value: Any) -> str:
        version = str(super().clean(value) or "")
        if version and version != _purposes[self.purpose].version:
            raise TextChanged(_("The text has changed in the meantime. Please read it again before agreeing."))
        return version
