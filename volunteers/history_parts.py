"""What the history of a pledge tells, and to whom it does not tell who gives."""

from __future__ import annotations

from typing import Any

from komek.accounts.authority import Standing
from komek.records.parts import Guard, Part, register_guard, register_parts
from volunteers.models import Pledge, PledgeReceipt, PledgeUse, Volunteer, VolunteerCheck, VolunteerSkill
from volunteers.policies import handles

DONOR = frozenset({"donor", "donor_kind", "language", "notify_by"})


def register() -> None:
    """Called once, when the app is ready."""
    register_parts(
        Pledge,
        Part(PledgeUse, "pledge", named="reference", follows_record=True),
        Part(PledgeReceipt, "pledge", named="quantity", follows_record=True),
    )
    register_guard(Pledge, Guard(hidden=_hidden))
    register_parts(
        Volunteer,
        Part(VolunteerSkill, "volunteer", named="skill", follows_record=True),
        Part(VolunteerCheck, "volunteer", named="kind", follows_record=True),
    )


def _hidden(standing: Standing, pledge: Any) -> frozenset[str]:
    if handles(standing, pledge) or (pledge.is_public and not pledge.is_anonymous):
        return frozenset()
    return DONOR
