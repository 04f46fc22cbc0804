"""What a site's profile tells (after the site profiles of camp coordination, CCCM): every figure with its source and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from camps.assessing import indicators_of
from camps.models import (
    AGE_BANDS,
    NEEDS,
    Camp,
    CampType,
    Headcount,
    HospitalReport,
    RegistrationLevel,
    Syndrome,
    SyndromeCount,
)
from camps.overview import accepted_headcounts, registered_by_group
from camps.pyramids import Pyramid, pyramid
from camps.sites import area_m2_of
from camps.sketches import Sketch, sketch
from camps.standard_rows import Row, grouped, row_of
from komek.accounts.authority import Standing, visible
from orgs.models import Contact

HEALTH_DAYS = 7
SKETCH_DETAIL = 400  # a corner finer than this part of the site's width is not drawn


@dataclass(frozen=True)
class Told:
    """Who told a figure, how, and when it was so."""

    source: str
    at: datetime | date


@dataclass(frozen=True)
class Ages:
    """People by age and sex as a pyramid, with where it comes from."""

    shape: Pyramid
    rows: list[tuple[str, int | None, int | None]]
    told: Told


@dataclass(frozen=True)
class Cases:
    """Cases of one syndrome in the last days, and the newest day that was reported."""

    name: str
    cases: int
    deaths: int
    day: date


@dataclass(frozen=True)
class Profile:
    camp: Camp
    made_at: datetime
    headcount: Headcount | None
    people: Told | None
    occupancy: int | None
    needs: list[tuple[str, int]]
    ages: Ages | None
    area_m2: int | None
    sketch: Sketch | None
    supporting: list[Any]
    hazards: list[Any]
    state: Any
    shelters: list[Any]
    groups: list[tuple[str, list[Row]]]
    sources: list[str]
    hospital: HospitalReport | None
    beds: list[Any]
    cases: list[Cases]
    contacts: list[Any]


def profile_of(camp: Camp, whose: Standing, now: datetime | None = None) -> Profile:
    """Everything the profile shows to this reader. A constant number of queries."""
    now = now or timezone.now()
    headcount = accepted_headcounts().filter(camp=camp).first()
    rows = [row_of(found) for found in indicators_of([camp], now=now)[camp.pk]]
    hospital = None
    if camp.camp_type == CampType.HOSPITAL:
        hospital = visible(camp.hospital_reports.prefetch_related("beds"), whose).first()
    return Profile(
        camp=camp,
        made_at=now,
        headcount=headcount,
        people=_told(headcount) if headcount else None,
        occupancy=round(headcount.people * 100 / camp.capacity) if headcount and camp.capacity else None,
        needs=_needs(headcount),
        ages=_ages(camp, headcount, now),
        area_m2=area_m2_of(camp),
        sketch=_sketch(camp),
        supporting=list(camp.supporting.order_by("name")),
        hazards=list(camp.hazards.all()),
        state=camp.states.first(),
        shelters=list(camp.shelters.all()),
        groups=grouped(rows),
        sources=list(dict.fromkeys(row.found.standard.source for row in rows)),
        hospital=hospital,
        beds=list(hospital.beds.all()) if hospital else [],
        cases=_cases(camp, whose, now),
        contacts=list(visible(Contact.objects.filter(site=camp), whose)),
    )


def _told(count: Headcount) -> Told:
    by = count.source or count.reported_by
    return Told(f"{count.get_method_display()}, {by}" if by else count.get_method_display(), count.occurred_at)


def _needs(count: Headcount | None) -> list[tuple[str, int]]:
    if count is None:
        return []
    return [
        (str(Headcount._meta.get_field(name).verbose_name), getattr(count, name))
        for name in NEEDS
        if getattr(count, name) is not None
    ]


def _ages(camp: Camp, headcount: Headcount | None, now: datetime) -> Ages | None:
    """By the newest headcount that tells ages; else by registration, where every person is registered."""
    count = headcount
    if count is None or not _has_ages(count):
        count = next((one for one in accepted_headcounts().filter(camp=camp)[:60] if _has_ages(one)), None)
    if count is not None:
        rows = [
            (_band(low, high), getattr(count, f"female_{band}"), getattr(count, f"male_{band}"))
            for band, low, high in AGE_BANDS
        ]
        told = _told(count)
    elif camp.registration == RegistrationLevel.PEOPLE:
        groups = registered_by_group(camp)
        rows = [(_band(low, high), groups[f"female_{band}"], groups[f"male_{band}"]) for band, low, high in AGE_BANDS]
        if not any(female or male for _label, female, male in rows):
            return None
        told = Told(_("registration at the site"), now)
    else:
        return None
    shape = pyramid(rows)
    return Ages(shape, rows, told) if shape else None


def _has_ages(count: Headcount) -> bool:
    return any(getattr(count, f"{sex}_{band}") is not None for sex in ("female", "male") for band, *_years in AGE_BANDS)


def _band(low: int, high: int) -> str:
    return f"{low}–{high}" if high < 100 else f"{low}+"


def _sketch(camp: Camp) -> Sketch | None:
    rings: list[list[tuple[float, float]]] = []
    if camp.perimeter is not None:
        west, south, east, north = camp.perimeter.extent
        shape = camp.perimeter.simplify(max(east - west, north - south) / SKETCH_DETAIL, preserve_topology=True)
        for polygon in shape if shape.geom_type == "MultiPolygon" else [shape]:
            rings += [[(x, y) for x, y, *_height in ring.coords] for ring in polygon]
    point = (camp.location.x, camp.location.y) if camp.location is not None else None
    return sketch(rings, point)


def _cases(camp: Camp, whose: Standing, now: datetime) -> list[Cases]:
    """Syndromes with cases or deaths in the last days; a day without a report adds nothing."""
    since = timezone.localdate(now) - timedelta(days=HEALTH_DAYS - 1)
    counts = visible(SyndromeCount.objects.filter(camp=camp, day__gte=since, day__lte=timezone.localdate(now)), whose)
    sums = {
        row["syndrome"]: row
        for row in counts.order_by()
        .values("syndrome")
        .annotate(n=Sum(F("under_five") + F("five_and_over")), died=Sum("deaths"), newest=Max("day"))
    }
    return [
        Cases(str(syndrome), sums[syndrome.pk]["n"], sums[syndrome.pk]["died"], sums[syndrome.pk]["newest"])
        for syndrome in Syndrome.objects.filter(pk__in=sums)
        if sums[syndrome.pk]["n"] or sums[syndrome.pk]["died"]
    ]
