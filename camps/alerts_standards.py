"""Alerts about services: open sites where people have less than the least that a standard names, such as water to survive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from camps.assessing import SiteIndicator, indicators_of, standards_in_use, worse_first
from camps.indicator_words import gap_words, value_words
from camps.models import Camp
from camps.policies import REPORTERS
from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from orgs.models import Opening

# Below the least figure lives are at risk; how much is missing makes it more or less urgent.
URGENCY, MORE_FOR_NOTHING = 70, 20
MOST_SITES = 5000


class StandardAlerts:
    """One alert for a site, about what is missing most. For who works there, and coordinators of the whole operation."""

    key = "camps.standards"
    title = gettext_lazy("Services far below the standards")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        # Only what names a least figure can be below it; the parts of a whole would say the same again.
        standards = [one for one in standards_in_use() if one.first is not None and one.part_of_id is None]
        critical = [
            (sorted(below, key=worse_first), len(below))
            for own in indicators_of(_sites(standing), standards=standards).values()
            if (below := [one for one in own if one.indicator.is_critical and one.indicator.gap])
        ]
        critical.sort(key=lambda site: worse_first(site[0][0]))
        return [_alert(below[0], number - 1) for below, number in critical[:limit]]


def _sites(standing: Standing) -> list[Camp]:
    """Open sites where the viewer can do something about it."""
    rows = visible(Camp.objects.filter(opening=Opening.OPEN), standing).defer("perimeter", "about", "search_key")
    if not standing.runs_installation and not standing.holds(*REPORTERS):
        mine = standing.organisation_ids(*REPORTERS, write=True)
        rows = rows.filter(Q(organisation_id__in=mine) | Q(supporting__in=mine)).distinct()
    return list(rows.order_by("pk")[:MOST_SITES])


def _alert(found: SiteIndicator, others: int) -> Alert:
    indicator, standard = found.indicator, found.standard
    missing = float(indicator.badness or 0)
    detail = _("%(what)s: %(value)s") % {"what": standard, "value": value_words(standard, indicator)}
    if others:
        more = ngettext("%(n)d more below the least", "%(n)d more below the least", others) % {"n": others}
        detail = f"{detail}; {more}"
    return Alert(
        f"camps.standards.{found.camp.code}",
        _("%(camp)s: %(gap)s") % {"camp": found.camp, "gap": gap_words(standard, indicator.gap or 0)},
        detail,
        reverse("camps:standards", args=[found.camp.code]),
        gettext_lazy("Look at it"),
        round(URGENCY + MORE_FOR_NOTHING * missing),
        _since(found),
    )


def _since(found: SiteIndicator) -> datetime | None:
    return found.indicator.measured.at if found.indicator.measured is not None else None


PLUGS = [StandardAlerts()]
