"""Signing up, signing in, and changing one's own account. Nothing here tells who has an account and who has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePhoneForm, LoginForm, RequestLoginCodeForm, SignupForm
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.consent_texts import ACCOUNT
from komek.accounts.consents import ConsentField, give_consent
from komek.accounts.locking import folded, refuse_if_too_often
from komek.accounts.models import User
from komek.accounts.phones import owner_of
from komek.accounts.sign_in_forms import AGAIN, PASSWORD, PHONE, OurWords
from komek.extensions.texts import can_send_texts
from komek.records.middleware import actor_of


class KomekSignupForm(OurWords, SignupForm):  # type: ignore[misc]
    """Name, e-mail or phone, reason, password. The account then waits for approval.

    Who gives an e-mail is not signed in but asked to wait, known or not. Who gives only a phone proves it first.
    """

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=150)
    why = forms.CharField(
        label=gettext_lazy("Your organisation, and why you need an account"),
        max_length=300,
        help_text=gettext_lazy("A coordinator reads this before approving."),
    )
    consent = ConsentField(ACCOUNT)
    words = {"phone": PHONE, "password1": PASSWORD, "password2": AGAIN}
    field_order = ("name", "email", "phone", "why", "password1", "password2", "consent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        if can_send_texts():
            self.fields["email"].required = False
            self.fields["phone"].help_text = _("One of the two is enough.")
        else:
            del self.fields["phone"]
            self._has_phone_field = False

    def validate_unique_email(self, value: str) -> str:
        self.account_already_exists = bool(filter_users_by_email(value))
        return value

    def _clean_phone(self) -> None:
        """A number given beside an e-mail is only noted: it needs no proof now, and blocks nobody."""
        phone = self.cleaned_data.get("phone")
        if not phone or self.cleaned_data.get("email"):
            return
        try:
            refuse_if_too_often(phone)
        except ValidationError as refusal:
            self.add_error("phone", refusal)
        if owner_of(phone):
            self.account_already_exists = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        nothing_given = not cleaned.get("email") and not cleaned.get("phone")
        if nothing_given and "email" not in self.errors and "phone" not in self.errors:
            self.add_error("email", _("Give your e-mail or your phone: you need one of them to sign in."))
        return cleaned

    def save(self, request: Any) -> Any:
        user = super().save(request)
        by = replace(actor_of(request), user=user, name=str(user))
        give_consent(by=by, about=user, purpose=ACCOUNT, version=self.cleaned_data["consent"])
        return user

    def try_save(self, request: Any) -> tuple[Any, HttpResponse | None]:
        email = self.cleaned_data.get("email")
        if not email:
            return super().try_save(request)  # type: ignore[no-any-return]
        if self.account_already_exists:
            # As slow as making an account, so that the time tells nothing either.
            User().set_password(self.cleaned_data["password1"])
            if ratelimit.consume(request, action="confirm_email", key=email):
                get_adapter().send_account_already_exists_mail(email)
            return None, redirect("account_asked")
        user, response = super().try_save(request)
        if user is not None:
            EmailAddress.objects.get(user=user, email=email).send_confirmation(request, signup=True)
        return user, response or redirect("account_asked")


class KomekLoginForm(OurWords, LoginForm):  # type: ignore[misc]
    """E-mail or phone, in whatever way of writing, and the password."""

    words = {"password": PASSWORD, "remember": gettext_lazy("Keep me signed in on this device")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("E-mail or phone") if can_send_texts() else _("E-mail")
        login.widget.attrs["autocomplete"] = "username"

    def clean_login(self) -> str:
        return folded(self.cleaned_data["login"])


class KomekRequestCodeForm(OurWords, RequestLoginCodeForm):  # type: ignore[misc]
    """Where to send a code. The same answer for every address and number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user: User | None = None
        self.fields["email"].label = _("E-mail")
        if can_send_texts():
            self.fields["phone"].label = _("or phone")
        else:
            del self.fields["phone"]
            self.fields["email"].required = True

    def clean_phone(self) -> str:
        phone: str = super().clean_phone()
        if self._user is not None and not self._user.is_active:
            self._user = None
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.errors and not cleaned.get("email") and not cleaned.get("phone"):
            raise ValidationError(_("Give your e-mail or your phone, so that the code can reach you."))
        return cleaned


class KomekPhoneForm(OurWords, ChangePhoneForm):  # type: ignore[misc]
    """The number to sign in with; proven by a code before it counts."""

    words = {"phone": PHONE}

    def clean_phone(self) -> str:
        if not can_send_texts():
            raise ValidationError(_("This installation sends no texts, so a phone cannot be proven. Use your e-mail."))
        refuse_if_too_often(self.cleaned_data["phone"])
        phone: str = super().clean_phone()
        return phone


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person changes about themself without anybody's approval."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "language")
