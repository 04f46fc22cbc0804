"""What donors are asked before their name is published with what they give. A changed text gets a new version."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts import consents
from komek.accounts.consents import ConsentPurpose, register_purpose
from komek.records.actor import Actor
from volunteers.models import Pledge

PURPOSE = ConsentPurpose(
    key="volunteers.name",
    title=gettext_lazy("Publishing a donor's name"),
    text=gettext_lazy(
        "May your name be shown to everybody with what you offer and give? Without it only those who work with your offer "
        "know it. You may change your mind at any time."
    ),
    version="1",
)


def register() -> None:
    """Called once, when the app is ready."""
    register_purpose(PURPOSE)


def follow_choice(pledge: Pledge, *, by: Actor) -> None:
    """Write down that the donor agreed to be named, or took it back, as the pledge now says. Within the caller's transaction."""
    consents.follow_choice(
        by=by, about=pledge, purpose=PURPOSE.key, is_agreed=pledge.is_public, given_by_name=_("the donor"),
        language=pledge.language,
    )  # fmt: skip
