"""Plug for the ``alerts`` socket: what coordinators and managers should look at in the registry."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from komek.accounts.authority import Action, Standing, may, standing_of, visible
from komek.accounts.roles import MANAGERS
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from komek.records.models import Approval
from orgs.duplicates import waiting_pairs
from orgs.memberships import waiting_memberships
from orgs.models import Organisation
from orgs.policies import coordinates_everything
from orgs.staleness import Freshness, of_freshness


class OrganisationAlerts:
    key = "orgs.organisations"
    title = _("Organisations")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        found = [
            *_waiting_organisations(standing),
            *_waiting_people(standing),
            *_stale(standing),
            *_pairs(standing),
        ]
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _waiting_organisations(standing: Standing) -> list[Alert]:
    if not may(standing, Action.APPROVE, Organisation):
        return []
    rows = visible(Organisation.objects.filter(merged_into=None, approval=Approval.PENDING), standing)
    count, since = rows.count(), rows.aggregate(since=Min("entered_at"))["since"]
    if not count:
        return []
    title = ngettext("%(n)d organisation waits for approval", "%(n)d organisations wait for approval", count) % {
        "n": count
    }
    url = reverse("orgs:organisations") + f"?approval={Approval.PENDING}"
    return [Alert("orgs.waiting-organisations", title, "", url, _("Look at them"), 50, since)]


def _waiting_people(standing: Standing) -> list[Alert]:
    rows = waiting_memberships(standing)
    count, since = rows.count(), rows.aggregate(since=Min("created_at"))["since"]
    if not count:
        return []
    title = ngettext("%(n)d person asks for a role", "%(n)d people ask for a role", count) % {"n": count}
    return [Alert("orgs.waiting-memberships", title, "", reverse("orgs:requests"), _("Answer them"), 55, since)]


def _stale(standing: Standing) -> list[Alert]:
    """A coordinator gets one line for all; a manager one for each of their own."""
    current = visible(Organisation.objects.current(), standing)  # type: ignore[attr-defined]
    rows = of_freshness(current, Freshness.STALE)
    if coordinates_everything(standing) or standing.runs_installation:
        count, since = rows.count(), rows.aggregate(since=Min("confirmed_at"))["since"]
        if not count:
            return []
        title = ngettext("%(n)d entry is out of date", "%(n)d entries are out of date", count) % {"n": count}
        url = reverse("orgs:organisations") + f"?freshness={Freshness.STALE}"
        return [Alert("orgs.stale", title, "", url, _("Ask their owners"), 20, since)]
    own = rows.filter(pk__in=standing.organisation_ids(*MANAGERS, write=True)).order_by("confirmed_at")
    return [
        Alert(
            f"orgs.stale.{row.code}",
            str(_("Is the entry of %(name)s still right?") % {"name": row.name}),
            "",
            row.get_absolute_url(),
            _("Confirm or correct it"),
            35,
            row.confirmed_at,
        )
        for row in own[:10]
    ]


def _pairs(standing: Standing) -> list[Alert]:
    rows = waiting_pairs(standing)
    count = rows.count()
    if not count:
        return []
    since = rows.aggregate(since=Min("found_at"))["since"]
    title = ngettext(
        "%(n)d pair of organisations may be the same", "%(n)d pairs of organisations may be the same", count
    ) % {"n": count}
    return [Alert("orgs.duplicates", title, "", reverse("orgs:duplicates"), _("Compare them"), 15, since)]


PLUGS = [OrganisationAlerts()]
