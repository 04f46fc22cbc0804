"""Volunteers in the search box, in forms that choose one, and on the coordinator's desk."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, may, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from komek.extensions.lookups import Choice
from komek.extensions.search import Hit
from orgs.filters import matching_text
from volunteers.models import Volunteer, VolunteerState
from volunteers.people.filters import expiring


class VolunteerSearch:
    key = "volunteers.people"
    title = gettext_lazy("Volunteers")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        rows = visible(Volunteer.objects.select_related("organisation"), standing_of(viewer.user, viewer.operation))
        code = text.upper().replace(" ", "")
        return [
            Hit(row.name, row.get_absolute_url(), self.title, _detail(row), row.code, 1.0 if row.code == code else 0.6)
            for row in matching_text(rows, text).order_by("name", "pk")[:limit]
        ]


class VolunteerLookup:
    key = "volunteers.volunteer"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = visible(Volunteer.objects.select_related("organisation"), standing_of(viewer.user, viewer.operation))
        found = matching_text(rows, text) if text else rows.filter(state=VolunteerState.ACCEPTED)
        return [_choice(row) for row in found.order_by("name", "pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit() or len(value) > 18:
            return None
        rows = visible(Volunteer.objects.select_related("organisation"), standing_of(viewer.user, viewer.operation))
        row = rows.filter(pk=int(value)).first()
        return _choice(row) if row else None


class VolunteerAlerts:
    """For those who answer for helpers: who applied and waits, whose checks end."""

    key = "volunteers.people"
    title = gettext_lazy("Volunteers")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not may(standing, Action.CHANGE, Volunteer):
            return []
        rows = visible(Volunteer.objects.all(), standing)
        if viewer.user is not None:
            rows = rows.exclude(user=viewer.user)
        applied = rows.filter(state=VolunteerState.APPLIED).order_by("state_since", "pk")[:limit]
        ending = expiring(rows).order_by("pk")[:limit]
        found = [
            Alert(
                f"volunteers.applied.{row.code}", _("%(who)s wants to help") % {"who": row.name}, row.landmark or row.code,
                row.get_absolute_url(), gettext_lazy("Look at it and answer"),
                50 if (timezone.now() - row.state_since).days >= 1 else 35, row.state_since,
            )
            for row in applied
        ] + [
            Alert(
                f"volunteers.expiring.{row.code}", _("A check or licence of %(who)s ends") % {"who": row.name}, row.code,
                row.get_absolute_url(), gettext_lazy("Renew it"), 38, None,
            )
            for row in ending
        ]  # fmt: skip
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _detail(row: Volunteer) -> str:
    return ", ".join(filter(None, (str(row.get_state_display()), str(row.organisation or ""), row.code)))


def _choice(row: Volunteer) -> Choice:
    return Choice(str(row.pk), f"{row.name} {row.code}", _detail(row))
