"""Alerts about helpers who should have left a site and have not been heard of."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, may, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from volunteers.check_ins import overdue
from volunteers.models import CheckIn


class OverdueAlerts:
    """For those who may ask after helpers."""

    key = "volunteers.check_ins"
    title = gettext_lazy("Helpers at sites")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not may(standing, Action.CHANGE, CheckIn):
            return []
        late = overdue(visible(CheckIn.objects.select_related("user", "site"), standing))[:limit]
        return [
            Alert(
                f"volunteers.overdue.{one.pk}",
                _("%(who)s has not checked out of %(site)s") % {"who": one.user, "site": one.site},
                _("Party of %(party)d") % {"party": one.party},
                reverse("volunteers:presence"),
                gettext_lazy("Call them"),
                85,
                one.due_at,
            )
            for one in late
        ]
