"""Alerts about sites: more people than places, nothing heard for too long, headcounts that wait to be confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import Camp, Headcount, HeadcountStanding
from camps.overview import silent, with_people
from camps.policies import REPORTERS
from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from orgs.models import Opening


class SiteAlerts:
    key = "camps.sites"
    title = gettext_lazy("Camps and hospitals")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        found = [*_crowded(standing, limit), *_silent(standing, limit), *_questioned(standing, limit)]
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _crowded(standing: Standing, limit: int) -> list[Alert]:
    rows = with_people(visible(Camp.objects.filter(opening=Opening.OPEN).defer("perimeter"), standing))
    return [
        Alert(
            f"camps.crowded.{camp.code}",
            _("%(camp)s is overcrowded") % {"camp": camp},
            _("%(people)d people, %(places)d places (%(share)d %%)")
            % {"people": camp.people_now, "places": camp.capacity, "share": round(camp.occupancy)},  # type: ignore[attr-defined]
            camp.get_absolute_url(),
            gettext_lazy("Look at it"),
            75 if camp.occupancy > 130 else 60,  # type: ignore[attr-defined]
            camp.counted_at,  # type: ignore[attr-defined]
        )
        for camp in rows.filter(occupancy__gt=100).order_by("-occupancy", "pk")[:limit]
    ]


def _silent(standing: Standing, limit: int) -> list[Alert]:
    rows = silent(visible(Camp.objects.defer("perimeter"), standing)).order_by("confirmed_at", "pk")
    return [
        Alert(
            f"camps.silent.{camp.code}",
            _("Nothing was heard from %(camp)s") % {"camp": camp},
            "",
            camp.get_absolute_url(),
            gettext_lazy("Call somebody there"),
            45,
            camp.confirmed_at,
        )
        for camp in rows[:limit]
    ]


def _questioned(standing: Standing, limit: int) -> list[Alert]:
    """For those who may confirm: the people of the sites' organisations and coordinators of everything."""
    rows = visible(Headcount.objects.filter(standing=HeadcountStanding.QUESTIONED), standing)
    if not standing.runs_installation and not standing.holds(*REPORTERS):
        rows = rows.filter(camp__organisation_id__in=standing.organisation_ids(*REPORTERS, write=True))
    return [
        Alert(
            f"camps.questioned.{count.pk}",
            _("A headcount of %(camp)s waits to be confirmed") % {"camp": count.camp},
            _("%(people)d people") % {"people": count.people},
            reverse("camps:headcounts", args=[count.camp.code]),
            gettext_lazy("Confirm or correct it"),
            55,
            count.occurred_at,
        )
        for count in rows.select_related("camp").order_by("-occurred_at")[:limit]
    ]


PLUGS = [SiteAlerts()]
