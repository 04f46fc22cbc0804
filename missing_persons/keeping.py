"""How long the contacts of those who look for somebody are kept. Reports expire by themselves (``missing_persons.erasing``)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from komek.records.retention import Retention, register_retention
from komek.records.scrubbing import WithKey
from missing_persons.models import Dispute, PassedMessage, Report, Subscription

MONTH, YEAR = timedelta(days=30), timedelta(days=365)


def register() -> None:
    """Called once, when the app is ready."""
    gone = {
        "name": "", "relation": "", "phone": "", "email": WithKey("gone-{}@invalid.invalid"), "proven_how": "", "code_hash": "",
    }  # fmt: skip
    for rule in (
        Retention(
            "missing_persons.seekers", Subscription, MONTH, "ended_at", gone,
            _("Who stopped following is not written to; a month leaves time to ask what was sent."),
        ),
        Retention(
            "missing_persons.unconfirmed", Subscription, timedelta(days=2), "code_sent_at", gone,
            _("An address that nobody confirmed may be somebody else's."), when=Q(confirmed_at=None),
        ),
        Retention(
            "missing_persons.messages", PassedMessage, YEAR, "answered_at", {"text": "", "answer": ""},
            _("What two sides wrote to each other is theirs; that a message was passed is kept."),
        ),
        Retention(
            "missing_persons.objections", Dispute, YEAR, "decided_at",
            {"text": "", "phone": "", "email": "", "reported_by": ""},
            _("Whoever objected may ask back for a year."),
        ),
        Retention(
            "missing_persons.reporters", Report, 3 * YEAR, "updated_at",
            {"reporter_phone": "", "reporter_email": "", "original": {}},
            _("A reporter is asked as long as there is hope that the person is found."), when=Q(tombstoned_at=None),
        ),
    ):  # fmt: skip
        register_retention(rule)
