"""Phone numbers people sign in with. Only a number that was proven by a code belongs to an account.

An unproven number blocks nobody: whoever shows by a code that the number is theirs gets it. Otherwise a stranger could sign up with
somebody's number first and wait for its owner to come.
"""

from __future__ import annotations

from typing import Any, ClassVar

import phonenumbers
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.formfields import PhoneNumberField

from komek.accounts.models import User
from komek.records.actor import Actor, acting

NOT_A_NUMBER = gettext_lazy("This is not a phone number. Type it with the country code, such as +993 65 12 34 56.")


class PhoneTaken(ValidationError):
    """Somebody else has proven this number in the meantime."""


def one_form(text: str) -> str:
    """A number as people type it (with or without country code, spaces, brackets, 00 for +) in E.164.

    Raises ValidationError. Numbers without a country code are of ``KOMEK_PHONE_REGION``.
    """
    typed = text.strip()
    if typed.startswith("00"):
        typed = f"+{typed[2:]}"
    try:
        number = phonenumbers.parse(typed, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException as fault:
        raise ValidationError(NOT_A_NUMBER, code="invalid_phone") from fault
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(NOT_A_NUMBER, code="invalid_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class PhoneField(forms.CharField):
    """Whatever way of writing a number; its value is E.164 text, or empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Phone"))
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value) or "")
        return one_form(typed) if typed else ""


class ContactPhoneField(PhoneNumberField):  # type: ignore[misc]
    """A number somebody can be reached at; its value is a PhoneNumber, or empty.

    One that was kept and is left alone is not judged again: an exercise's ring nowhere, and rules change.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": NOT_A_NUMBER}
    kept: Any = None

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        self.kept = form.get_initial_for_field(self, field_name)
        return super().get_bound_field(form, field_name)

    def clean(self, value: Any) -> Any:
        if self.kept and str(value or "").strip() == str(self.widget.format_value(self.kept)):
            return self.kept
        return super().clean(value)


def owner_of(phone: str) -> User | None:
    """The account that has proven this number."""
    return User.objects.filter(phone=phone, phone_verified=True).first()


@transaction.atomic
def note_phone(*, by: Actor, user: User, phone: str) -> None:
    """Write down the number a person says is theirs. It lets nobody in before it is proven."""
    with acting(by):
        user.phone, user.phone_verified = phone, False
        user.save(update_fields=["phone", "phone_verified"])


def prove_phone(*, by: Actor, user: User, phone: str) -> None:
    """The person typed the code sent to this number: it is theirs. Raises PhoneTaken when somebody was faster."""
    try:
        with transaction.atomic(), acting(by):
            locked = User.objects.select_for_update().get(pk=user.pk)
            if (str(locked.phone or ""), locked.phone_verified) != (phone, True):
                locked.phone, locked.phone_verified = phone, True
                locked.save(update_fields=["phone", "phone_verified"])
            rivals = User.objects.filter(phone=phone, phone_verified=False, email__isnull=False)
            for rival in rivals:
                rival.phone = None
                rival.save(update_fields=["phone"])
    except IntegrityError as fault:
        raise PhoneTaken(_("Another account has this phone number. Sign in with it instead.")) from fault
    user.phone, user.phone_verified = locked.phone, True


@transaction.atomic
def forget_phone(*, by: Actor, user: User) -> None:
    """Take the number off the account. Raises ValidationError when it is the only way in."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.email:
        raise ValidationError(_("Your phone is your only way to sign in. Add an e-mail address first."))
    with acting(by):
        locked.phone, locked.phone_verified = None, False
        locked.save(update_fields=["phone", "phone_verified"])


def back_with_sentence() -> ImmediateHttpResponse:
    """Ends django-allauth's flow where a number was taken while the code was under way."""
    return ImmediateHttpResponse(HttpResponseRedirect(reverse("account")))
