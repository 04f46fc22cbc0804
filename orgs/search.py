"""Plug for the ``search`` socket: organisations, sites and activities by code and name, in any script."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import may, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.search import Hit
from orgs.filters import matching_text, matching_title
from orgs.finding import best_matches, by_code
from orgs.merging import kept_of
from orgs.models import Activity, Organisation, Site


class OrganisationSearch:
    key = "orgs.organisations"
    title = _("Organisations")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        """A merged organisation's code leads to the one that was kept, and the hit says so."""
        standing = standing_of(viewer.user, viewer.operation)
        named = by_code(text, standing)
        if named is not None:
            kept = kept_of(named)
            if not may(standing, "view", kept):
                return []
            said = "" if kept.pk == named.pk else str(_("%(code)s was merged into this entry") % {"code": named.code})
            return [Hit(str(kept), kept.get_absolute_url(), self.title, said or _detail(kept), named.code, 1.0)]
        return [
            Hit(
                str(organisation),
                organisation.get_absolute_url(),
                self.title,
                _detail(organisation),
                organisation.code,
                min(0.98, round(organisation.near, 3)),  # type: ignore[attr-defined]
            )
            for organisation in best_matches(text, standing, limit)
        ]


def _detail(organisation: Organisation) -> str:
    return f"{organisation.get_kind_display()}, {organisation.code}"


class SiteSearch:
    key = "orgs.sites"
    title = _("Sites")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        rows = visible(Site.objects.all(), standing_of(viewer.user, viewer.operation))
        return [
            Hit(site.name, site.get_absolute_url(), self.title, site.get_kind_display(), site.code, 0.8)
            for site in matching_text(rows, text).order_by("name", "pk")[:limit]
        ]


class ActivitySearch:
    key = "orgs.activities"
    title = _("Who does what where")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        rows = visible(Activity.objects.all(), standing_of(viewer.user, viewer.operation))
        found = matching_title(rows, text).select_related("organisation").order_by("-updated_at")[:limit]
        return [
            Hit(activity.title, activity.get_absolute_url(), self.title, str(activity.organisation), activity.code, 0.6)
            for activity in found
        ]


PLUGS = [OrganisationSearch(), SiteSearch(), ActivitySearch()]
