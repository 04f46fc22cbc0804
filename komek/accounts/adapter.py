"""How django-allauth meets our accounts: phones, texts with codes, and the sentences for refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.models import User
from komek.accounts.phones import PhoneField, PhoneTaken, back_with_sentence, note_phone, owner_of, prove_phone
from komek.extensions.texts import send_text
from komek.records.actor import SYSTEM
from komek.records.middleware import actor_of

DOES_NOT_FIT = gettext_lazy("This e-mail or phone and this password do not belong together. Check both and try again.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {  # noqa: RUF012
        **DefaultAccountAdapter.error_messages,
        # One sentence for all, so that nobody learns who has an account.
        "email_password_mismatch": DOES_NOT_FIT,
        "phone_password_mismatch": DOES_NOT_FIT,
        "username_password_mismatch": DOES_NOT_FIT,
        "account_inactive": gettext_lazy(
            "A coordinator has stopped this account. Ask them if you think this is a mistake."
        ),
        "cannot_remove_primary_email": gettext_lazy("Messages go to this address. Let them go to another one first."),
        "duplicate_email": gettext_lazy("Your account has this address already."),
        "email_taken": gettext_lazy("Another account has this address. Sign in with it instead."),
        "enter_current_password": gettext_lazy("This is not your password until now."),
        "incorrect_code": gettext_lazy("This is not the code we sent. Type the newest one, or let us send another."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "invalid_or_expired_key": gettext_lazy("This link is too old, was used already, or is not whole."),
        "invalid_password_reset": gettext_lazy("This link is too old, was used already, or is not whole."),
        "invalid_login": DOES_NOT_FIT,
        "max_email_addresses": gettext_lazy("An account can have %d addresses. Take one off first."),
        "too_many_login_attempts": gettext_lazy("This was tried too often. Wait a few minutes and try again."),
        "rate_limited": gettext_lazy("This was tried too often. Wait a few minutes and try again."),
        "unverified_primary_email": gettext_lazy("Confirm this address first: open the link we sent to it."),
        "same_as_current": gettext_lazy("This is what you have already. Type another one, or cancel."),
        "select_only_one": gettext_lazy("Fill in either the e-mail or the phone, not both."),
        "phone_taken": gettext_lazy("Another account has this phone number. Sign in with it instead."),
    }

    def save_user(self, request: Any, user: User, form: Any, commit: bool = True) -> User:
        """A new account, whole from its first row on."""
        given = form.cleaned_data
        user.name, user.why = given.get("name", ""), given.get("why", "")
        user.phone, user.language = given.get("phone") or None, translation.get_language() or "en"
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Ways to show that it is still the same person, each with what its button says."""
        said = {
            "reauthenticate": _("With your password"),
            "mfa_reauthenticate": _("With the code of your app, or a recovery code"),
            "mfa_reauthenticate:webauthn": _("With a passkey"),
        }
        found = super().get_reauthentication_methods(user)
        return [{**method, "description": said.get(method["id"], method["description"])} for method in found]

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        return owner_of(phone)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """An unproven number counts only where it is the only way in: it is then asked to be proven at sign-in."""
        if not user.phone or (user.email and not user.phone_verified):
            return None
        return str(user.phone), user.phone_verified

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        if verified:
            self.set_phone_verified(user, phone)
        else:
            note_phone(by=actor_of(context.request), user=user, phone=phone)

    def set_phone_verified(self, user: User, phone: str) -> None:
        try:
            prove_phone(by=actor_of(context.request), user=user, phone=phone)
        except PhoneTaken as taken:
            messages.error(context.request, " ".join(taken.messages))
            raise back_with_sentence() from taken

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        minutes = settings.ACCOUNT_PHONE_VERIFICATION_TIMEOUT // 60
        with translation.override(user.language):
            body = _(
                "Komek: your code is %(code)s. It is good for %(minutes)d minutes. Never tell it to anybody, we will not ask."
            ) % {"code": code, "minutes": minutes}
        left = send_text(
            by=SYSTEM, to=phone, body=body, purpose="code", is_secret=True, expires_after=timedelta(minutes=minutes)
        )
        if not left:
            messages.error(
                context.request, _("Texts cannot be sent at the moment. Sign in another way, or ask a coordinator.")
            )

    def send_account_already_exists_sms(self, phone: str) -> None:
        """To the number's owner, who may have forgotten; once a day, so that nobody is pestered through us."""
        owner = owner_of(phone)
        if owner is None:
            return
        with translation.override(owner.language):
            body = _("Komek: you already have an account with this number. Sign in with a code sent to it.")
        key = f"account-exists:{owner.pk}:{timezone.localdate():%Y-%m-%d}"
        send_text(by=SYSTEM, to=phone, body=body, purpose="account", dedupe_key=key)
