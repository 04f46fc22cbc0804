"""What the tables of indicators show, in words: on the page of a site, in its profile, in the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from camps.asking import words_for
from camps.assessing import SiteIndicator
from camps.charts import Chart, line_chart
from camps.indicator_words import (
    indicator_gap_words,
    measured_words,
    number,
    standard_words,
    step_words,
    value_words,
)
from camps.indicators import Figure, Kind, Step, assess
from camps.models import Headcount, Measurement, Standard

BAR_WIDTH = 100


@dataclass(frozen=True)
class Row:
    """One indicator as a line of a table. bar: 0 … 100, the part of the standard that is there; ``None`` when not known."""

    found: SiteIndicator
    name: str
    value: str
    standard: str
    step: str
    gap: str
    bar: int | None
    measured: str
    source: str
    message: str

    @property
    def key(self) -> str:
        return self.found.standard.key

    @property
    def has_gap(self) -> bool:
        return bool(self.found.indicator.gap)

    @property
    def at(self) -> Any:
        """When it was measured."""
        return self.found.indicator.measured.at if self.found.indicator.measured else None

    @property
    def people_at(self) -> Any:
        """When the people were counted, where their number matters."""
        indicator = self.found.indicator
        return indicator.people.at if indicator.rule.counts_people and indicator.people else None


def row_of(found: SiteIndicator) -> Row:
    """An indicator in the reader's language."""
    standard, indicator = found.standard, found.indicator
    measured = indicator.measured
    reached = indicator.reached
    return Row(
        found=found,
        name=str(standard),
        value=value_words(standard, indicator),
        standard=standard_words(standard, indicator.step),
        step=step_words(indicator.step),
        gap=indicator_gap_words(standard, indicator),
        bar=None if reached is None else int(reached * BAR_WIDTH),
        measured=measured_words(standard, measured.value) if measured else "",
        source=measured.source if measured else "",
        message=words_for(found) if indicator.gap else "",
    )


def grouped(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows under the names of their sectors, in the standards' order."""
    ordered = list(rows)
    first = {}
    for place, row in enumerate(ordered):
        first.setdefault(row.found.standard.sector_id, place)
    ordered.sort(key=lambda row: first[row.found.standard.sector_id])
    return [
        (str(own[0].found.standard.sector or _("other")), own)
        for _sector, group in groupby(ordered, key=lambda row: row.found.standard.sector_id)
        if (own := list(group))
    ]


@dataclass(frozen=True)
class Past:
    """One measurement of the past: what it was in the terms of the standard, with the headcount of then."""

    measurement: Measurement
    measured: str
    value: str
    people: int | None


def past_of(found: SiteIndicator, measurements: Sequence[Measurement], headcounts: Sequence[Headcount]) -> list[Past]:
    """Measurements (any order kept) beside the headcount in force at the time: the last before, else the first after."""
    return [
        Past(
            one,
            measured_words(found.standard, one.value),
            "" if one.is_withdrawn else value_words(found.standard, _then(found, one, count)),
            count.people if count is not None else None,
        )
        for one in measurements
        for count in [headcount_at(headcounts, one.occurred_at)]
    ]


def headcount_at(headcounts: Sequence[Headcount], at: Any) -> Headcount | None:
    """The headcount in force at a moment. headcounts: those that count, oldest first."""
    before = [count for count in headcounts if count.occurred_at <= at]
    return before[-1] if before else (headcounts[0] if headcounts else None)


def chart_of(
    found: SiteIndicator, measurements: Sequence[Measurement], headcounts: Sequence[Headcount]
) -> Chart | None:
    """The indicator over time in the terms of the standard, with the figure that applies now as a line across.

    ``None`` for what is in place or not, and with fewer than two points.
    """
    if found.standard.comparison == Kind.IN_PLACE:
        return None
    points = []
    for one in sorted((row for row in measurements if not row.is_withdrawn), key=lambda row: row.occurred_at):
        then = _then(found, one, headcount_at(headcounts, one.occurred_at))
        amount = one.value if found.standard.share is not None else then.value
        if amount is not None:
            label = f"{_day(one.occurred_at)}: {measured_words(found.standard, one.value)}"
            points.append((one.occurred_at, float(amount), label, False))
    level = found.indicator.needed if found.standard.share is not None else found.indicator.wanted
    return line_chart(
        points,
        day_label=_day,
        number_label=lambda amount: number(Decimal(amount)),
        level=None if level is None else float(level),
    )


def _then(found: SiteIndicator, one: Measurement, count: Headcount | None) -> Any:
    people = Figure(Decimal(count.people), count.occurred_at) if count is not None else None
    return assess(found.indicator.rule, people=people, measured=Figure(one.value, one.occurred_at))


def figures_of(standard: Standard) -> list[tuple[str, str]]:
    """Every figure of a standard with the case it is for."""
    rows = []
    if standard.first is not None:
        name = _("the least")
        if standard.first_days:
            name = _("in the first %(days)d days") % {"days": standard.first_days}
        rows.append((name, standard_words(standard, Step.FIRST)))
    rows.append((_("in full"), standard_words(standard, Step.FULL)))
    if standard.target_cold is not None:
        rows.append((_("in the cold or in a town"), standard_words(standard, Step.COLD)))
    return rows


def _day(at: Any) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")
