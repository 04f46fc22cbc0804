"""Signing up, and changing one's own account."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from komek.accounts.models import User


class KomekSignupForm(SignupForm):  # type: ignore[misc]
    """Name, reason, e-mail, password. The account then waits for approval."""

    name = forms.CharField(label=_("Your name"), max_length=150)
    why = forms.CharField(
        label=_("Your organisation, and why you need an account"),
        max_length=300,
        help_text=_("A coordinator reads this before approving."),
    )
    field_order = ("name", "email", "why", "password1", "password2")

    def save(self, request: Any) -> Any:
        user = super().save(request)
        user.name, user.why = self.cleaned_data["name"], self.cleaned_data["why"]
        user.language = get_language() or "en"
        user.save(update_fields=["name", "why", "language"])
        return user


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person changes about themself without anybody's approval."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "language")
