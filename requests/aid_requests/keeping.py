"""How long the names and numbers of those who ask are kept."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aid_requests.models import AidRequest, Commitment, Notice, NotifyBy
from aid_requests.steps import ENDED
from komek.records.retention import Retention, register_retention

AFTER = timedelta(days=180)


def register() -> None:
    """Called once, when the app is ready."""
    register_retention(
        Retention(
            key="requests.askers",
            model=AidRequest,
            after=AFTER,
            since="state_since",
            fields={
                "reporter_name": "", "reporter_phone": "", "reporter_email": "", "reported_by": "",
                "notify_by": NotifyBy.NOBODY,
            },
            when=Q(state__in=ENDED),
            why=_("Who asked is known as long as somebody may ask back about an ended request."),
        )
    )  # fmt: skip
    register_retention(
        Retention(
            key="requests.promisers",
            model=Commitment,
            after=AFTER,
            since="ended_at",
            fields={"contact_phone": "", "contact_email": ""},
            when=~Q(ended_at=None),
            why=_("Who promised is told what became of it, and may be asked back for half a year."),
        )
    )
    register_retention(
        Retention(
            key="requests.notices",
            model=Notice,
            after=AFTER,
            since="request__state_since",
            fields={"to": "", "to_whom": "", "body": ""},
            when=Q(request__state__in=ENDED),
            why=_("Messages about a request are kept as long as who asked is known."),
        )
    )
