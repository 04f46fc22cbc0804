"""Plug for the ``alerts`` socket: offers that wait for an answer, lapse soon, came and were not thanked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from volunteers.alerts_check_ins import OverdueAlerts
from volunteers.filters import lapsing, needing_answer
from volunteers.models import WAITING, Pledge, PledgeKind
from volunteers.notices import in_words
from volunteers.people.plugs import VolunteerAlerts
from volunteers.policies import decides
from volunteers.work.plugs import TaskAlerts

TOO_LONG = timedelta(days=1)


class PledgeAlerts:
    """For those who answer offers: volunteer managers and coordinators of everything."""

    key = "volunteers.pledges"
    title = gettext_lazy("Pledges")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work or not decides(standing):
            return []
        rows = visible(Pledge.objects.select_related("item"), standing)
        waiting = needing_answer(rows).order_by("occurred_at", "pk")[:limit]
        soon = lapsing(rows).order_by("valid_to", "pk")[:limit]
        found = [_waiting(row) for row in waiting] + [_lapsing(row) for row in soon]
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _waiting(row: Pledge) -> Alert:
    is_late = row.occurred_at < timezone.now() - TOO_LONG
    urgency = (58 if is_late else 40) + (4 if row.kind in (PledgeKind.PEOPLE, PledgeKind.TRANSPORT) else 0)
    return Alert(
        f"volunteers.waiting.{row.code}",
        _("An offer waits for an answer: %(what)s") % {"what": row.what},
        ", ".join(filter(None, (in_words(row, row.quantity), row.landmark, row.code))),
        row.get_absolute_url(),
        gettext_lazy("Accept, keep or decline it"),
        urgency,
        row.occurred_at,
    )


def _lapsing(row: Pledge) -> Alert:
    assert row.valid_to is not None and row.state in WAITING
    days = (row.valid_to - timezone.localdate()).days
    return Alert(
        f"volunteers.lapsing.{row.code}",
        _("A pledge lapses on %(day)s: %(what)s")
        % {"day": date_format(row.valid_to, "SHORT_DATE_FORMAT"), "what": row.what},
        ", ".join(filter(None, (in_words(row, row.quantity - row.received), row.landmark, row.code))),
        row.get_absolute_url(),
        gettext_lazy("Promise it to a need, or ask the donor"),
        60 - 3 * min(days, 7),
        row.state_since,
    )


PLUGS = [PledgeAlerts(), OverdueAlerts(), VolunteerAlerts(), TaskAlerts()]
