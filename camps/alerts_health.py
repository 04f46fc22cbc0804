"""Plug for the ``alerts`` socket: signs of an outbreak at a site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from camps.health_standing import standing_alerts
from camps.models import Camp, SyndromeCount
from camps.policies import works_at
from komek.accounts.authority import Action, may, standing_of, visible
from komek.accounts.roles import MANAGERS, Role
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from orgs.policies import coordinates_everything


class HealthAlerts:
    """For coordinators of the whole operation, and for those who run or register at the site."""

    key = "camps.health"
    title = _("Health watch")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not may(standing, Action.VIEW, SyndromeCount):
            return []
        sees_all = coordinates_everything(standing) or standing.runs_installation
        roles = (*MANAGERS, Role.CAMP_MANAGER, Role.REGISTRAR)
        if not sees_all and not standing.holds_anywhere(*roles):
            return []
        camps = visible(Camp.objects.all(), standing)
        found = []
        for one in standing_alerts(camps):
            if not sees_all and not works_at(standing, one.camp, *roles):
                continue
            found.append(
                Alert(
                    key=f"camps.health.{one.camp.code}.{one.syndrome.key}",
                    title=f"{one.camp}: {one.syndrome}",
                    detail=" ".join([f"{one.summary()}.", *one.reasons()]),
                    url=reverse("camps:health", args=[one.camp.code]),
                    action=_("Look into it and tell the health authorities"),
                    urgency=one.urgency,
                    since=timezone.make_aware(datetime.combine(one.alert.since, time())),
                )
            )
            if len(found) == limit:
                break
        return found


PLUGS = [HealthAlerts()]
