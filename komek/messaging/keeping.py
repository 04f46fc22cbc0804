"""How long texts are kept."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from komek.messaging.models import Correspondent, Inbound, InboundLine, InboundState, Outbox, State
from komek.records.retention import DELETE, Retention, register_retention


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
    read = Q(state__in=(InboundState.DONE, InboundState.HANDLED))
    register_retention(
        Retention(
            key="messaging.inbound",
            model=Inbound,
            after=timedelta(days=180),
            since="received_at",
            fields={"sender": "", "number": "", "body": "", "outcome": ""},
            when=read,
            why=_("What people wrote is kept as long as somebody may ask what became of it; what still waits is kept."),
        )
    )
    register_retention(
        Retention(
            key="messaging.lines",
            model=InboundLine,
            after=timedelta(days=180),
            since="inbound__received_at",
            fields={"text": "", "reply": "", "undo": "", "memo": {}},
            when=Q(inbound__state__in=(InboundState.DONE, InboundState.HANDLED)),
            why=_("What was read in a text goes with the text."),
        )
    )
    register_retention(
        Retention(
            key="messaging.numbers",
            model=Correspondent,
            after=timedelta(days=365),
            since="last_heard_at",
            fields=DELETE,
            when=Q(stopped_at=None),
            why=_("A number's language and trust go when it was silent for a year; that it asked for no texts stays."),
        )
    )
