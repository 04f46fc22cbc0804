"""How long the names and numbers of donors are kept."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from komek.records.retention import Retention, register_retention
from volunteers.models import (
    ENDED,
    Assignment,
    NotifyBy,
    Pledge,
    PledgeNotice,
    PledgeState,
    Volunteer,
    VolunteerCheck,
    VolunteerSkill,
    VolunteerState,
)

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
    _register_volunteers()


def _register_volunteers() -> None:
    over = (VolunteerState.LEFT, VolunteerState.DECLINED)
    register_retention(
        Retention(
            key="volunteers.people",
            model=Volunteer,
            after=AFTER,
            since="state_since",
            fields={
                "name": "", "phone": "", "email": "", "landmark": "", "location": None, "emergency_name": "",
                "emergency_phone": "", "kin_name": "", "kin_phone": "", "health_limits": "", "search_key": "",
                "reported_by": "", "state_reason": "",
            },
            when=Q(state__in=over),
            why=_("Who helped is known for a year after they left, for certificates and insurance; the hours stay."),
        )
    )  # fmt: skip
    for key, model, fields in (
        ("volunteers.evidence", VolunteerSkill, {"evidence": ""}), ("volunteers.checks", VolunteerCheck, {"note": ""}),
        ("volunteers.work", Assignment, {"note": "", "feedback": "", "reported_by": ""}),
    ):  # fmt: skip
        register_retention(
            Retention(
                key=key, model=model, after=AFTER, since="volunteer__state_since", fields=fields,
                when=Q(volunteer__state__in=over),
                why=_("What was written about a volunteer goes with their name."),
            )
        )  # fmt: skip
