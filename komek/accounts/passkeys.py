"""Passkey forms that refuse a broken answer with a sentence.

django-allauth parses the browser's JSON as it comes; what is no answer of a key (a part missing, wrong base64) would be our fault.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.sign_in_forms import OurWords

BROKEN = (KeyError, TypeError, AttributeError, ValueError, IndexError)


def refusal() -> ValidationError:
    return ValidationError(_("The answer of the passkey could not be read. Please try again."))


class AddForm(OurWords, AddWebAuthnForm):  # type: ignore[misc]
    words = {"name": gettext_lazy("Name, such as: my phone")}
    passwordless = forms.BooleanField(
        label=gettext_lazy("Sign in with it alone"),
        required=False,
        help_text=gettext_lazy("No password is then needed; the device asks for your finger, your face or its PIN."),
    )

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except BROKEN as fault:
            raise refusal() from fault
        return cleaned


class AnswerMixin:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except BROKEN as fault:
            raise refusal() from fault


class AuthenticateForm(AnswerMixin, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step after the password."""


class LoginForm(AnswerMixin, LoginWebAuthnForm):  # type: ignore[misc]
    """Signing in with nothing but the passkey."""


class ReauthenticateForm(AnswerMixin, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Proving again that it is still the same person."""
