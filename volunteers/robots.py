"""Keeping robots and floods away from the public form, without pictures to solve: a field people do not see, a form that
was open for as long as it takes to fill in, and a limit per address and in all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.records.actor import Channel

SALT = "volunteers.offer"
QUICKEST_S = 3
LONGEST = timedelta(hours=24)
MOST_AN_HOUR = 300
"""Records of a kind made without an account in an hour, in all. Above it something is wrong, or a telephone line is the better way."""


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


def too_often(http: Any, made: QuerySet[Any], *, from_network: str, from_all: str) -> str:
    """A sentence when this address, or everybody together, used a public form too often of late; else an empty text.

    made: all records of the kind that the form makes. The two sentences: for an address, and for everybody together.
    """
    if not ratelimit.consume(http, action="offer_help"):
        return from_network
    lately = timezone.now() - timedelta(hours=1)
    rows = made.filter(entered_by=None, channel=Channel.BROWSER, entered_at__gt=lately)
    return from_all if rows[MOST_AN_HOUR : MOST_AN_HOUR + 1].exists() else ""


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
