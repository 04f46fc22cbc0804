"""The matrix shows who works where, rolls small areas up into large ones, and names the gaps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import orgs.coverage
from komek.places.models import Area
from orgs.activities import record_activity, record_people_in_need
from orgs.coverage import CellState, Coverage, coverage
from orgs.models import Activity, ActivityStatus, Sector
from tests.conftest import Cast, actor

Areas = dict[str, Area]


@pytest.fixture
def wash(db: None) -> Sector:
    return Sector.objects.get_or_create(key="wash", defaults={"name": "Water"})[0]


@pytest.fixture
def health(db: None) -> Sector:
    return Sector.objects.get_or_create(key="health", defaults={"name": "Health"})[0]


def matrix(cast: Cast, areas: Areas, sectors: list[Sector], *pcodes: str) -> Coverage:
    return coverage(operation=cast.operation, areas=[areas[pcode] for pcode in pcodes], sectors=sectors)


def work(cast: Cast, organisation: Any, sector: Sector, area: Area, **fields: Any) -> None:
    record_activity(
        by=actor(cast.aina), operation=cast.operation, organisation=organisation, sector=sector, area=area,
        title="Work", **fields,
    )  # fmt: skip


def need(cast: Cast, area: Area, people: int, sector: Sector | None = None, days_ago: int = 0) -> None:
    record_people_in_need(
        by=actor(cast.aina), operation=cast.operation, area=area, people=people, sector=sector,
        occurred_at=timezone.now() - timedelta(days=days_ago),
    )  # fmt: skip


def test_people_in_need_and_nobody_working_is_a_gap(cast: Cast, areas: Areas, wash: Sector) -> None:
    need(cast, areas["XX11"], 900)
    need(cast, areas["XX12"], 4000)
    found = matrix(cast, areas, [wash], "XX11", "XX12", "XX21")
    assert [cell.area_id for cell in found.gaps()] == [areas["XX12"].pk, areas["XX11"].pk]
    assert found.cell(areas["XX21"].pk, wash.pk).state == CellState.QUIET


def test_work_planned_only_is_not_coverage(cast: Cast, areas: Areas, wash: Sector) -> None:
    need(cast, areas["XX11"], 900)
    work(cast, cast.relief, wash, areas["XX11"], status=ActivityStatus.PLANNED)
    assert matrix(cast, areas, [wash], "XX11").cell(areas["XX11"].pk, wash.pk).state == CellState.PLANNED


@pytest.mark.parametrize("status", [ActivityStatus.COMPLETED, ActivityStatus.CANCELLED])
def test_work_that_is_over_leaves_the_gap_open(cast: Cast, areas: Areas, wash: Sector, status: str) -> None:
    need(cast, areas["XX11"], 900)
    work(cast, cast.relief, wash, areas["XX11"], status=status)
    assert matrix(cast, areas, [wash], "XX11").cell(areas["XX11"].pk, wash.pk).state == CellState.GAP


def test_districts_add_up_to_their_region_and_organisations_count_once(cast: Cast, areas: Areas, wash: Sector) -> None:
    work(cast, cast.relief, wash, areas["XX11"], reached=100)
    work(cast, cast.relief, wash, areas["XX12"], reached=50)
    work(cast, cast.water, wash, areas["XX12"], reached=25)
    cell = matrix(cast, areas, [wash], "XX1", "XX2").cell(areas["XX1"].pk, wash.pk)
    assert (cell.organisations, cell.working, cell.reached) == (2, 3, 175)


def test_work_recorded_for_a_whole_region_is_said_when_districts_are_shown(
    cast: Cast, areas: Areas, wash: Sector
) -> None:
    work(cast, cast.relief, wash, areas["XX1"])
    found = matrix(cast, areas, [wash], "XX11", "XX12")
    assert found.unplaced == 1
    assert found.cell(areas["XX11"].pk, wash.pk).working == 0


def test_the_newest_figure_by_event_time_counts_even_when_an_older_one_arrives_late(
    cast: Cast, areas: Areas, wash: Sector
) -> None:
    need(cast, areas["XX11"], 900, days_ago=1)
    need(cast, areas["XX11"], 5000, days_ago=9)
    assert matrix(cast, areas, [wash], "XX11").cell(areas["XX11"].pk, wash.pk).in_need == 900


def test_a_figure_for_the_sector_beats_the_general_one_and_a_regions_own_beats_the_sum_of_its_districts(
    cast: Cast, areas: Areas, wash: Sector, health: Sector
) -> None:
    need(cast, areas["XX11"], 100)
    need(cast, areas["XX12"], 200)
    need(cast, areas["XX11"], 30, wash)
    found = matrix(cast, areas, [wash, health], "XX1", "XX11")
    assert found.cell(areas["XX11"].pk, wash.pk).in_need == 30
    assert found.cell(areas["XX11"].pk, health.pk).in_need == 100
    assert found.cell(areas["XX1"].pk, health.pk).in_need == 300
    need(cast, areas["XX1"], 250)
    assert matrix(cast, areas, [health], "XX1").cell(areas["XX1"].pk, health.pk).in_need == 250


def test_reached_percent_is_of_those_in_need_and_never_above_100(cast: Cast, areas: Areas, wash: Sector) -> None:
    work(cast, cast.relief, wash, areas["XX11"], reached=300)
    assert matrix(cast, areas, [wash], "XX11").cell(areas["XX11"].pk, wash.pk).reached_percent is None
    need(cast, areas["XX11"], 200)
    assert matrix(cast, areas, [wash], "XX11").cell(areas["XX11"].pk, wash.pk).reached_percent == 100


def test_the_matrix_costs_the_same_queries_whatever_the_number_of_activities(
    cast: Cast, areas: Areas, wash: Sector, health: Sector
) -> None:
    costs = []
    for _round in range(2):
        for pcode in ("XX11", "XX12", "XX21", "XX22"):
            work(cast, cast.relief, wash, areas[pcode])
            need(cast, areas[pcode], 10)
        with CaptureQueriesContext(connection) as queries:
            matrix(cast, areas, [wash, health], "XX11", "XX12", "XX21", "XX22")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 5


@pytest.mark.parametrize("is_quiet", [True, False])
def test_the_sums_are_kept_until_history_goes_on_and_only_when_nobody_was_writing(
    cast: Cast, areas: Areas, wash: Sector, monkeypatch: pytest.MonkeyPatch, is_quiet: bool
) -> None:
    stamp = orgs.coverage._stamp
    monkeypatch.setattr(orgs.coverage, "_stamp", lambda: [*stamp()[:-1], is_quiet])
    work(cast, cast.relief, wash, areas["XX11"], reached=7)
    first = matrix(cast, areas, [wash], "XX11")
    with CaptureQueriesContext(connection) as queries:
        assert matrix(cast, areas, [wash], "XX11") == first
    assert is_quiet is not any("FROM orgs_activity " in query["sql"] for query in queries)
    Activity.objects.update(reached=9)
    need(cast, areas["XX11"], 10)
    cell = matrix(cast, areas, [wash], "XX11").cell(areas["XX11"].pk, wash.pk)
    assert (cell.reached, cell.in_need) == (9, 10)
    Activity.objects.all().delete()
    assert matrix(cast, areas, [wash], "XX11").cell(areas["XX11"].pk, wash.pk).reached == 0


def test_a_transaction_that_has_written_counts_as_writing(cast: Cast) -> None:
    assert orgs.coverage._stamp()[-1] is False


def test_a_general_figure_is_no_need_of_sectors_that_serve_the_responders(cast: Cast, areas: Areas) -> None:
    logistics = Sector.objects.create(key="lorries", name="Lorries", serves_people=False)
    need(cast, areas["XX11"], 900)
    assert matrix(cast, areas, [logistics], "XX11").gaps() == []
    need(cast, areas["XX11"], 20, logistics)
    assert len(matrix(cast, areas, [logistics], "XX11").gaps()) == 1


def test_each_level_of_areas_is_offered_once(cast: Cast, areas: dict[str, Area], client: Client) -> None:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/coverage/").context["levels"] == [1, 2]
