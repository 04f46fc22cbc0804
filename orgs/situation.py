"""Plug for the ``situation`` socket: organisations at work, people reached, and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.situation import Figure
from orgs.models import Activity, ActivityStatus, Site


class OrganisationsAtWork:
    key = "orgs"
    title = gettext_lazy("Organisations and their work")

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """Organisations with work going on, people they reached, and sites, as entered by the end of ``day``."""
        if viewer.operation is None:
            return []
        ends = timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
        standing = standing_of(viewer.user, viewer.operation)
        activities = visible(Activity.objects.filter(occurred_at__lt=ends), standing)
        sites = visible(Site.objects.filter(occurred_at__lt=ends), standing)
        if area_ids is None:
            return _figures(None, activities, sites)
        return [
            figure
            for area_id in area_ids
            for figure in _figures(area_id, activities.filter(area_id=area_id), sites.filter(area_id=area_id))
        ]


def _figures(area_id: int | None, activities, sites) -> list[Figure]:  # type: ignore[no-untyped-def]
    work = activities.exclude(status=ActivityStatus.CANCELLED).aggregate(
        organisations=Count("organisation", filter=Q(status=ActivityStatus.ONGOING), distinct=True),
        reached=Sum("reached"),
        as_of=Max("updated_at"),
    )
    places = sites.aggregate(number=Count("pk"), as_of=Max("updated_at"))
    source = _("3W register")
    return [
        Figure(
            "organisations_working", _("Organisations at work"), Decimal(work["organisations"]),
            ngettext("organisation", "organisations", work["organisations"]), area_id, work["as_of"], source,
        ),
        Figure(
            "people_reached", _("People reached"), Decimal(work["reached"] or 0),
            _("people"), area_id, work["as_of"], source,
        ),
        Figure("sites", _("Sites"), Decimal(places["number"]), _("sites"), area_id, places["as_of"], _("Site register")),
    ]  # fmt: skip


PLUGS = [OrganisationsAtWork()]
