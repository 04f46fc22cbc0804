"""Every site's indicators: its newest headcount and measurements beside the standards. A constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import Area
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from camps.indicators import Figure, Indicator, Kind, Rule, assess, items_for
from camps.measuring import latest_measurements
from camps.models import Camp, Headcount, HeadcountStanding, Measurement, Standard

# A site's area is also known from its entry: as measured on the ground, or as its perimeter was drawn.
AREA_KEY = "site_area"


@dataclass(frozen=True)
class SiteIndicator:
    """One indicator of one site. measurement: ``None`` when nothing was measured, or the figure is from the site's entry."""

    camp: Camp
    standard: Standard
    indicator: Indicator
    headcount: Headcount | None
    measurement: Measurement | None

    @property
    def items(self) -> int:
        """How many of the standard's items close the gap; 0 when there is no gap, no item, or nothing known."""
        if not self.indicator.gap or self.standard.item_id is None:
            return 0
        return items_for(self.indicator.gap, self.standard.item_covers)


def rule_of(standard: Standard) -> Rule:
    """The figures of a standard, for the pure functions."""
    return Rule(
        Kind(standard.comparison),
        target=standard.target,
        first=standard.first,
        first_days=standard.first_days,
        target_cold=standard.target_cold,
        share=standard.share,
    )


def standards_in_use() -> list[Standard]:
    """Standards that are compared with, in their order."""
    return list(Standard.objects.filter(is_active=True).select_related("sector", "item__unit", "part_of"))


def latest_headcounts(camps: Iterable[int]) -> dict[int, Headcount]:
    """Camp → its newest headcount that counts, by event time. One query. camps: primary keys."""
    rows = Headcount.objects.raw(
        "SELECT newest.* FROM unnest(%s::bigint[]) AS site(id) CROSS JOIN LATERAL (SELECT * FROM camps_headcount AS one"
        " WHERE one.camp_id = site.id AND one.standing = %s"
        " ORDER BY one.occurred_at DESC, one.id DESC LIMIT 1) AS newest",
        [list(camps), HeadcountStanding.ACCEPTED.value],
    )
    return {row.camp_id: row for row in rows}


def indicators_of(
    camps: Sequence[Camp], *, standards: Sequence[Standard] | None = None, now: datetime | None = None
) -> dict[int, list[SiteIndicator]]:
    """Camp's primary key → its indicators, in the standards' order. Four queries, however many sites."""
    now = now or timezone.now()
    asked = standards_in_use() if standards is None else standards
    keys = [camp.pk for camp in camps]
    headcounts, measured, areas = latest_headcounts(keys), latest_measurements(keys), _areas(camps)
    return {
        camp.pk: [
            _one(camp, standard, headcounts.get(camp.pk), measured.get(camp.pk, {}).get(standard.pk), areas, now)
            for standard in asked
        ]
        for camp in camps
    }


def worse_first(found: SiteIndicator) -> tuple[bool, Decimal]:
    """A key to sort by: worse than the least figure comes first, then what misses most, then what is not known."""
    return not found.indicator.is_critical, -(found.indicator.badness or Decimal(0))


def worst_gaps(camps: Sequence[Camp]) -> dict[int, float | None]:
    """Camp's primary key → 0 (nothing missing) … 1 (nothing there) of what misses most; ``None`` when nothing is known."""
    worst_of = {}
    for key, own in indicators_of(camps).items():
        known = [one.indicator.badness for one in own if one.indicator.badness is not None]
        worst_of[key] = float(max(known)) if known else None
    return worst_of


def days_open(camp: Camp, now: datetime) -> int | None:
    """Whole days since the site opened; ``None`` when nobody wrote down when."""
    if camp.opened_on is None:
        return None
    return max((timezone.localdate(now) - camp.opened_on).days, 0)


def _one(
    camp: Camp, standard: Standard, headcount: Headcount | None, measurement: Measurement | None,
    areas: dict[int, Figure], now: datetime,
) -> SiteIndicator:  # fmt: skip
    people = None
    if headcount is not None:
        people = Figure(Decimal(headcount.people), headcount.occurred_at, headcount.source or headcount.reported_by)
    measured = None
    if measurement is not None:
        source = measurement.source or measurement.reported_by
        measured = Figure(measurement.value, measurement.occurred_at, source)
    elif standard.key == AREA_KEY:
        measured = areas.get(camp.pk)
    indicator = assess(
        rule_of(standard), people=people, measured=measured, is_cold=camp.is_cold, days_open=days_open(camp, now)
    )
    return SiteIndicator(camp, standard, indicator, headcount, measurement)


def _areas(camps: Sequence[Camp]) -> dict[int, Figure]:
    """Areas that the sites' own entries tell, in m²; the perimeter's is measured on the spheroid."""
    drawn = [camp.pk for camp in camps if camp.site_area_m2 is None]
    found: dict[int, Any] = dict(
        Camp.objects.filter(pk__in=drawn, perimeter__isnull=False)
        .annotate(m2=Area(Cast("perimeter", GeometryField(geography=True, srid=4326))))
        .values_list("pk", "m2")
    )
    figures = {}
    for camp in camps:
        if camp.site_area_m2 is not None:
            figures[camp.pk] = Figure(Decimal(camp.site_area_m2), camp.updated_at, _("the site's entry"))
        elif camp.pk in found:
            metres = Decimal(round(found[camp.pk].sq_m))
            figures[camp.pk] = Figure(metres, camp.updated_at, _("the perimeter as drawn"))
    return figures
