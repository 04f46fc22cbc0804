"""Alerts about requests: the next step overdue, wanted soon and not met, nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.deadlines import overdue
from aid_requests.models import ENDED_RANK, OPEN_STATES, AidRequest, Priority
from aid_requests.policies import ASKERS
from komek.accounts.authority import Standing, standing_of, visible
from komek.accounts.roles import MANAGERS
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from orgs.policies import coordinates_everything

SOON = timedelta(hours=24)
URGENCY = {Priority.LIFE: 95, Priority.HIGH: 75, Priority.NORMAL: 55, Priority.LOW: 35}


class RequestAlerts:
    key = "requests.steps"
    title = gettext_lazy("Requests")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        # In the order of triage, in which an index holds them; those that ended come last and are not looked at.
        waiting = AidRequest.objects.filter(rank__lt=ENDED_RANK).select_related("site")
        mine = _mine(visible(waiting, standing), standing)
        found = {alert.url: alert for alert in (*_wanted(mine, limit), *_unanswered(mine, limit), *_late(mine, limit))}
        return sorted(found.values(), key=lambda alert: -alert.urgency)[:limit]


def _mine(rows: QuerySet[AidRequest], standing: Standing) -> QuerySet[AidRequest]:
    """Those the viewer may do something about: all for coordinators of everything, else their organisations'."""
    if standing.runs_installation or coordinates_everything(standing):
        return rows
    own = standing.organisation_ids(*MANAGERS, write=True)
    asking = standing.organisation_ids(*ASKERS, write=True)
    return rows.filter(Q(responsible__in=own) | Q(asked_by__in=asking, state="met"))


def _late(rows: QuerySet[AidRequest], limit: int) -> list[Alert]:
    return [
        _alert("overdue", row, _("%(code)s: the next step is overdue") % {"code": row.code}, _state(row), row.due_at, 0)
        for row in overdue(rows).order_by("rank", "occurred_at", "pk")[:limit]
    ]


def _wanted(rows: QuerySet[AidRequest], limit: int) -> list[Alert]:
    soon = rows.filter(state__in=OPEN_STATES, wanted_by__lt=timezone.now() + SOON).order_by("rank", "occurred_at", "pk")
    return [
        _alert(
            "wanted", row, _("%(code)s is needed soon and not met") % {"code": row.code}, _state(row), row.wanted_by, 2
        )
        for row in soon[:limit]
    ]


def _unanswered(rows: QuerySet[AidRequest], limit: int) -> list[Alert]:
    nobody = rows.filter(state__in=OPEN_STATES, responsible=None).order_by("rank", "occurred_at", "pk")
    return [
        _alert(
            "unanswered", row, _("Nobody answers for %(code)s") % {"code": row.code}, _state(row), row.state_since, 1
        )
        for row in nobody[:limit]
    ]


def _alert(kind: str, row: AidRequest, title: str, detail: str, since: Any, more: int) -> Alert:
    urgency = URGENCY[Priority(row.priority)] + more
    key = f"requests.{kind}.{row.code}"
    return Alert(key, title, detail, row.get_absolute_url(), gettext_lazy("Look at it"), urgency, since)


def _state(row: AidRequest) -> str:
    where = str(row.site or row.landmark)
    return ", ".join(filter(None, (row.title, where, row.get_state_display())))


PLUGS = [RequestAlerts()]
