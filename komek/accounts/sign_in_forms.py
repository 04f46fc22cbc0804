"""django-allauth's forms about signing in, in our words: each field says what to type, and no box repeats its label inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PASSWORD = _("Password")
NEW_PASSWORD = _("New password")
AGAIN = _("The same password again")
CODE = _("Code")
EMAIL = _("E-mail")
PHONE = _("Phone")


class OurWords:
    """Mixin, first among a form's parents. ``words``: field → label."""

    words: ClassVar[Mapping[str, str | Promise]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields  # type: ignore[attr-defined]
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label = self.words[name]


class AddEmailForm(OurWords, account_forms.AddEmailForm):  # type: ignore[misc]
    words = {"email": EMAIL}


class ChangePasswordForm(OurWords, account_forms.ChangePasswordForm):  # type: ignore[misc]
    words = {"oldpassword": _("Your password until now"), "password1": NEW_PASSWORD, "password2": AGAIN}


class SetPasswordForm(OurWords, account_forms.SetPasswordForm):  # type: ignore[misc]
    words = {"password1": PASSWORD, "password2": AGAIN}


class ResetPasswordForm(OurWords, account_forms.ResetPasswordForm):  # type: ignore[misc]
    words = {"email": EMAIL}


class ResetPasswordKeyForm(OurWords, account_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    words = {"password1": NEW_PASSWORD, "password2": AGAIN}


class ReauthenticateForm(OurWords, account_forms.ReauthenticateForm):  # type: ignore[misc]
    words = {"password": PASSWORD}


class ConfirmLoginCodeForm(OurWords, account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]
    words = {"code": CODE}


class VerifyPhoneForm(OurWords, account_forms.VerifyPhoneForm):  # type: ignore[misc]
    words = {"code": CODE}


class SecondStepForm(OurWords, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    words = {"code": CODE}


class SecondStepAgainForm(OurWords, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    words = {"code": CODE}


class AppForm(OurWords, ActivateTOTPForm):  # type: ignore[misc]
    words = {"code": _("The code your app shows")}


class PasskeyNameForm(OurWords, EditWebAuthnForm):  # type: ignore[misc]
    words = {"name": _("Name, such as: my phone")}
