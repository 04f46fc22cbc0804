"""Keeping robots and floods away from the public form, without pictures to solve: a field people do not see, a form that
was open for as long as it takes to fill in, and a limit per address and in all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.records.actor import Channel
from volunteers.models import Pledge

SALT = "volunteers.offer"
QUICKEST_S = 3
LONGEST = timedelta(hours=24)
MOST_AN_HOUR = 300
"""Offers without an account in an hour, in all. Above it something is wrong, or a telephone line is the better way."""


def stamp(opened_ago: timedelta = timedelta(0)) -> str:
    """A sealed note of when the form was opened."""
    return signing.dumps((timezone.now() - opened_ago).timestamp(), salt=SALT)


class RobotGuard(forms.Form):
    """Two fields that tell people from robots. The sentences are for people who were taken for one: nothing typed is lost."""

    website = forms.CharField(required=False, label="", max_length=200)
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.pop("website", ""):
            self.add_error(None, _("This looks as if a program filled in the form. Leave the field “website” empty."))
        fault = _fault_of(cleaned.pop("opened", ""))
        if fault:
            self.data = self.data.copy()
            self.data["opened"] = stamp()
            self.add_error(None, fault)
        return cleaned


def too_often(http: Any) -> str:
    """A sentence when this address, or everybody together, offered too often of late; else an empty text."""
    if not ratelimit.consume(http, action="offer_help"):
        return _("Many offers came from your network just now. Wait an hour, or call the coordinators.")
    lately = timezone.now() - timedelta(hours=1)
    rows = Pledge.objects.filter(entered_by=None, channel=Channel.BROWSER, entered_at__gt=lately)
    if rows[MOST_AN_HOUR : MOST_AN_HOUR + 1].exists():
        return _("Very many offers are coming in just now. Please try again in an hour.")
    return ""


def _fault_of(text: str) -> str:
    try:
        opened = float(signing.loads(text, salt=SALT, max_age=None))
    except (signing.BadSignature, TypeError, ValueError):
        return _("The form was not sent from this page. Look at what you wrote, and send it again.")
    age = timezone.now().timestamp() - opened
    if age < QUICKEST_S:
        return _("That was very quick. Look at what you wrote, and send it again.")
    if age > LONGEST.total_seconds():
        return _("This page was open for more than a day. Look at what you wrote, and send it again.")
    return ""
