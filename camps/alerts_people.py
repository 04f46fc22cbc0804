"""Plug for the ``alerts`` socket: people who may be registered twice, for those who can answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from camps.double_answers import waiting
from camps.models import DuplicateFlag
from komek.accounts.authority import Action, may, standing_of
from komek.extensions import Viewer
from komek.extensions.alerts import Alert

URGENCY = 40


class DoubleAlerts:
    """One line, however many there are: the page lists them."""

    key = "camps.doubles"
    title = _("People registered twice")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if limit < 1 or not may(standing, Action.CHANGE, DuplicateFlag):
            return []
        pairs = waiting(standing)
        count, oldest = pairs.count(), pairs.order_by("found_at").first()
        if oldest is None:
            return []
        said = ngettext("%(n)d person may be registered twice", "%(n)d people may be registered twice", count)
        return [
            Alert(
                key="camps.doubles",
                title=said % {"n": count},
                detail=_("They are counted at two sites. Somebody has to ask."),
                url=reverse("camps:doubles"),
                action=_("Look at both registrations"),
                urgency=URGENCY,
                since=oldest.found_at,
            )
        ]


PLUGS = [DoubleAlerts()]
