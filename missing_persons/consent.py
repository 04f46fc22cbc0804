"""What reporters are asked before the name of the person they report is published. A changed text gets a new version."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts import consents
from komek.accounts.consents import ConsentPurpose, give_many_consents, register_purpose
from komek.records.actor import Actor
from missing_persons.models import Report

PURPOSE = ConsentPurpose(
    key="missing_persons.publish",
    title=gettext_lazy("Publishing the name of a person reported"),
    text=gettext_lazy(
        "May the name, the age band and the status of this person be shown to everybody who searches for the name? Where they "
        "live or are, and how to reach you, is never shown. You may change your mind at any time."
    ),
    version="1",
)


def register() -> None:
    """Called once, when the app is ready."""
    register_purpose(PURPOSE)


def follow_choices(reports: Sequence[Report], *, by: Actor) -> None:
    """The same for new reports that came together, as a table brings them. Within the caller's transaction."""
    agreed = [report for report in reports if report.consents_to_publish]
    give_many_consents(by=by, about=agreed, purpose=PURPOSE.key, given_by_name=_("the reporter"))


def follow_choice(report: Report, *, by: Actor) -> None:
    """Write down that the reporter agreed, or took it back, as the report now says. Within the caller's transaction."""
    consents.follow_choice(
        by=by, about=report, purpose=PURPOSE.key, is_agreed=report.consents_to_publish, given_by_name=_("the reporter"),
        language=report.language,
    )  # fmt: skip
