"""The page on which a text to many is written, counted and sent."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from komek.extensions import Viewer
from komek.extensions.audiences import audiences
from komek.messaging.broadcasting import PURPOSES, Estimate, Recipient, broadcast, estimate, recipients_among
from komek.messaging.inbox_pages import standing_in
from komek.messaging.models import Purpose
from komek.records.middleware import actor_of


class BroadcastForm(forms.Form):
    """To whom, how urgent, and the words in each language."""

    to = forms.ChoiceField(label=gettext_lazy("To whom"))
    purpose = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[(purpose.value, purpose.label) for purpose in PURPOSES],
        initial=Purpose.TASK,
        help_text=gettext_lazy(
            "An alert goes out at any hour, also to those who asked for quiet. Nothing goes to who said STOP."
        ),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": secrets.token_hex(8)}, **kwargs)
        self.viewer = viewer
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (str(plug.title), [(f"{plug.key}:{value}", label) for value, label in groups])
            for plug in audiences
            if (groups := plug.groups(viewer))
        ]
        for code, name in settings.LANGUAGES:
            self.fields[f"words_{code}"] = forms.CharField(
                label=name, required=False, max_length=700, widget=forms.Textarea(attrs={"rows": 2, "lang": code})
            )

    def recipients(self) -> list[Recipient]:
        key, _colon, value = self.cleaned_data["to"].partition(":")
        plug = audiences.get(key)
        return recipients_among(plug.people(value, self.viewer)) if plug is not None else []

    def words(self) -> dict[str, str]:
        return {code: self.cleaned_data.get(f"words_{code}", "") for code, _name in settings.LANGUAGES}


@login_required
def write(request: HttpRequest) -> HttpResponse:
    """Write, count, and send what was counted. Nothing leaves before it was counted."""
    standing = standing_in(request)
    viewer = Viewer(user=request.user, operation=standing.operation)
    form = BroadcastForm(request.POST or None, viewer=viewer)
    told: Estimate | None = None
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {
            "words": form.words(), "to": form.recipients(), "purpose": form.cleaned_data["purpose"],
            "operation": standing.operation,
        }  # fmt: skip
        try:
            told = estimate(**given)
            counted = f"{told.total}:{told.segments}"
            if "send" in request.POST and request.POST.get("counted") == counted:
                sent = broadcast(by=actor_of(request), key=form.cleaned_data["key"], **given)
                sentence = ngettext("%(n)d text is on its way.", "%(n)d texts are on their way.", sent)
                messages.success(request, sentence % {"n": sent})
                return redirect("messaging:outbox")
            if "send" in request.POST:
                messages.warning(request, _("The numbers have changed since they were counted. Look at them again."))
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {
        "form": form, "told": told, "has_groups": bool(form.fields["to"].choices),  # type: ignore[attr-defined]
        "counted": f"{told.total}:{told.segments}" if told else "",
    }  # fmt: skip
    return render(request, "messaging/broadcast.html", context, status=422 if form.errors else 200)
