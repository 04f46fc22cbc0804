"""How long texts are kept."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from komek.messaging.models import Outbox, State
from komek.records.retention import Retention, register_retention


def register() -> None:
    """Called once, when the app is ready."""
    register_retention(
        Retention(
            key="messaging.outbox",
            model=Outbox,
            after=timedelta(days=30),
            since="queued_at",
            fields={"to": "", "body": "", "error": "", "provider_id": "", "dedupe_key": ""},
            when=~Q(state=State.QUEUED),
            why=_("Texts are kept as long as somebody may ask whether one arrived."),
        )
    )
