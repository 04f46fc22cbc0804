"""How long the names and numbers of donors are kept."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from komek.records.retention import Retention, register_retention
from volunteers.models import ENDED, NotifyBy, Pledge, PledgeNotice, PledgeState

AFTER = timedelta(days=365)
OVER = (*ENDED, PledgeState.RECEIVED)


def register() -> None:
    """Called once, when the app is ready."""
    register_retention(
        Retention(
            key="volunteers.donors",
            model=Pledge,
            after=AFTER,
            since="state_since",
            fields={"donor_name": "", "phone": "", "email": "", "reported_by": "", "notify_by": NotifyBy.NOBODY},
            when=Q(state__in=OVER, is_public=False),
            why=_("Who gave is known for the report to the donor and the accounts of the year; published names stay."),
        )
    )
    register_retention(
        Retention(
            key="volunteers.donors_reached",
            model=Pledge,
            after=AFTER,
            since="state_since",
            fields={"phone": "", "email": "", "reported_by": "", "notify_by": NotifyBy.NOBODY},
            when=Q(state__in=OVER, is_public=True),
            why=_("How to reach a donor is kept as long as somebody may ask back about an ended pledge."),
        )
    )
    register_retention(
        Retention(
            key="volunteers.notices",
            model=PledgeNotice,
            after=AFTER,
            since="pledge__state_since",
            fields={"to": "", "body": ""},
            when=Q(pledge__state__in=OVER),
            why=_("Messages to a donor are kept as long as who gave is known."),
        )
    )
