"""The form that makes an access token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.api.scopes import ANY, EXPORT, OFFERED, READ, VERBS, WRITE
from komek.operations.models import Operation

DAYS = (("30", _("30 days")), ("90", _("90 days")), ("365", _("one year")), ("", _("until it is revoked")))


def scope_choices() -> list[tuple[str, Any]]:
    """Every scope a token can be given, from the resources that are plugged in."""
    from komek.api.urls import router

    resources = sorted({view.scope for _prefix, view, _name in router.registry if getattr(view, "scope", None)})
    changeable = {
        view.scope
        for _prefix, view, _name in router.registry
        if hasattr(view, "offers_changes") and view.offers_changes()
    }
    everything = _("everything: %(verb)s")
    choices: list[tuple[str, Any]] = [
        (f"{ANY}:{verb}", everything % {"verb": VERBS[verb]}) for verb in (READ, WRITE, EXPORT)
    ]
    for resource in resources:
        verbs = (READ, WRITE) if resource in changeable else (READ,)
        choices += [(f"{resource}:{verb}", f"{resource}: {VERBS[verb]}") for verb in verbs]
    choices += [(f"{resource}:{READ}", f"{resource}: {VERBS[READ]}") for resource in OFFERED]
    return choices


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What is it for?"), max_length=100, help_text=_("Such as the name of the program that will use it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=scope_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It never may more than you. Choose as little as the program needs."),
        error_messages={"required": _("Choose at least one thing the token may do.")},
    )
    operation = forms.ModelChoiceField(
        label=_("In which operation?"),
        queryset=Operation.objects.all(),
        required=False,
        empty_label=_("every operation I work in"),
        help_text=_("A program for one operation should be held to it, so that it never writes into another."),
    )
    days = forms.ChoiceField(label=_("Valid for how long?"), choices=DAYS, required=False, initial="365")

    def expires_at(self) -> datetime | None:
        """The end of its validity, from now."""
        days: str = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None
