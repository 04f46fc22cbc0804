"""Bringing an edition into use: all or nothing, records follow where that is certain, and the rest is counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from komek.accounts.authority import NotAllowed, standing_of
from komek.exchange.planning import Context
from komek.places.activating import Activation, activate_generation, preview_activation
from komek.places.boundary_files import BoundaryFault
from komek.places.boundary_loading import Edition, load_boundaries
from komek.places.finding import UnknownPcode, area_for_pcode, areas_at, areas_in_use
from komek.places.models import Area, AreaCode, Generation, GenerationState, NameKind, PlaceName, Settlement
from komek.places.reference_data import store_names
from komek.places.resolver import resolve
from orgs.exchange_finders import areas_called
from orgs.models import Activity, PeopleInNeed, Sector, Site
from tests.conftest import Cast, actor, point
from tests.places.boundary_samples import Row, box, changed, country, districts, geopackage, own_code, regions

pytestmark = pytest.mark.django_db
Load = Callable[..., Generation]
Activate = Callable[..., Activation]


def without(rows: list[Row], *codes: str) -> list[Row]:
    return [row for row in rows if own_code(row) not in codes]


def district(pcode: str, name: str, shape: Any) -> Row:
    return {"ADM1_PCODE": pcode[:3], "ADM2_PCODE": pcode, "ADM2_EN": name, "ADM2ALT1EN": None, "shape": shape}


SPLIT = [
    *without(districts(), "XX11"),
    district("XX13", "North Town", box(58, 38.6, 1, 1.4)),
    district("XX14", "South Town", box(58, 38, 1, 0.6)),
]
MERGED = changed(without(districts(), "XX11"), "XX12", shape=box(58, 38, 2, 2))


@pytest.fixture
def load(tmp_path: Path, cast: Cast) -> Load:
    def loaded(name: str, adm2: list[Row] | None = None, adm1: list[Row] | None = None) -> Generation:
        layers = {"adm0": country(), "adm1": adm1 or regions(), "adm2": adm2 or districts()}
        file = geopackage(tmp_path / f"{name}.gpkg", layers)
        return load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=Edition("XX", name))

    return loaded


@pytest.fixture
def activate(cast: Cast) -> Activate:
    return lambda generation: activate_generation(by=actor(cast.aina), operation=cast.operation, generation=generation)


@pytest.fixture
def first(load: Load, activate: Activate) -> Generation:
    generation = load("2020")
    activate(generation)
    return Generation.objects.get(pk=generation.pk)


def area(generation: Generation, pcode: str) -> Area:
    found: Area = generation.areas.get(pcode=pcode)
    return found


def site(cast: Cast, at: Area, location: Any = None) -> Site:
    made = Site(operation=cast.operation, organisation=cast.relief, name="Camp", area=at, location=location)
    made.stamp(actor(cast.murad))
    made.save()
    return made


def activity(cast: Cast, at: Area) -> Activity:
    made = Activity(
        operation=cast.operation, organisation=cast.relief, sector=sector(), title="Water", area=at,
        starts_on=timezone.localdate(),
    )  # fmt: skip
    made.stamp(actor(cast.murad))
    made.save()
    return made


def sector() -> Sector:
    return Sector.objects.get_or_create(key="wash", defaults={"name": "Water"})[0]


def place_of(record: Any) -> str:
    record.refresh_from_db()
    return f"{record.area.generation.name} {record.area.pcode}"


def test_an_activated_edition_is_the_one_that_is_asked(first: Generation, load: Load, activate: Activate) -> None:
    second = load("2025", SPLIT)
    done = activate(second)
    assert done.replaced == first
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (GenerationState.RETIRED, GenerationState.ACTIVE)
    assert [found.pcode for found in areas_at(point(58.5, 39.5))] == ["XX", "XX1", "XX13"]
    assert areas_in_use(None, 2).count() == 5


def test_an_edition_without_areas_is_not_brought_into_use(first: Generation, activate: Activate) -> None:
    empty = Generation.objects.create(country="XX", name="empty")
    with pytest.raises(BoundaryFault, match="no areas"):
        activate(empty)
    first.refresh_from_db()
    assert first.state == GenerationState.ACTIVE


def test_an_edition_in_use_cannot_be_brought_into_use_again(first: Generation, activate: Activate) -> None:
    with pytest.raises(BoundaryFault, match="already"):
        activate(first)


def test_records_move_with_an_area_that_goes_on(first: Generation, load: Load, activate: Activate, cast: Cast) -> None:
    records = [site(cast, area(first, "XX12")), activity(cast, area(first, "XX12"))]
    done = activate(load("2025", SPLIT))
    assert [place_of(record) for record in records] == ["2025 XX12", "2025 XX12"]
    assert (done.follow, done.undecided, done.stranded) == (2, 0, 0)


def test_what_a_record_says_stays_as_old_as_it_was_and_history_shows_who_moved_it(
    first: Generation, load: Load, activate: Activate, cast: Cast
) -> None:
    moved = site(cast, area(first, "XX12"))
    Site.objects.filter(pk=moved.pk).update(updated_at=timezone.now() - timedelta(days=9))
    moved.refresh_from_db()
    before = moved.updated_at
    activate(load("2025"))
    moved.refresh_from_db()
    assert moved.updated_at == before
    event = moved.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]
    assert event.pgh_context["user"] == cast.aina.pk
    assert "2025" in event.pgh_context["reason"]


def test_in_a_split_area_records_with_a_location_follow_it_and_the_others_wait_for_a_person(
    first: Generation, load: Load, activate: Activate, cast: Cast
) -> None:
    town = area(first, "XX11")
    north, south, unlocated = site(cast, town, point(58.5, 39.5)), site(cast, town, point(58.5, 38.2)), site(cast, town)
    work = activity(cast, town)
    second = load("2025", SPLIT)
    expected = preview_activation(by=actor(cast.aina), operation=cast.operation, generation=second)
    assert place_of(north) == "2020 XX11"
    done = activate(second)
    assert (place_of(north), place_of(south)) == ("2025 XX13", "2025 XX14")
    assert (place_of(unlocated), place_of(work)) == ("2020 XX11", "2020 XX11")
    assert [(row.follow, row.undecided, row.stranded) for row in done.records] == [(2, 1, 0), (0, 1, 0)]
    assert expected.records == done.records


def test_activities_move_into_the_area_that_swallowed_theirs_but_figures_for_the_whole_area_do_not(
    first: Generation, load: Load, activate: Activate, cast: Cast
) -> None:
    town = area(first, "XX11")
    work = activity(cast, town)
    figure = PeopleInNeed(operation=cast.operation, area=town, people=500)
    figure.stamp(actor(cast.aina))
    figure.save()
    done = activate(load("2025", MERGED))
    assert place_of(work) == "2025 XX12"
    assert place_of(figure) == "2020 XX11"
    assert (done.follow, done.undecided) == (1, 1)


def test_records_in_an_area_with_no_successor_are_counted_and_stay(
    first: Generation, load: Load, activate: Activate, cast: Cast
) -> None:
    lost = Area.objects.create(generation=first, parent=area(first, "XX1"), level=2, pcode="XX1Z", name="Island")
    work = activity(cast, lost)
    second = load("2025")
    expected = preview_activation(by=actor(cast.aina), operation=cast.operation, generation=second)
    assert expected.stranded == 1
    assert activate(second).stranded == 1
    assert place_of(work) == "2020 XX1Z"


def test_the_affected_areas_of_an_operation_become_all_that_cover_them_each_once(
    first: Generation, load: Load, activate: Activate, cast: Cast
) -> None:
    cast.operation.affected_areas.set([area(first, "XX11"), area(first, "XX12")])
    second = load("2025", SPLIT)
    activate(second)
    assert sorted(found.pcode for found in cast.operation.affected_areas.all()) == ["XX12", "XX13", "XX14"]
    activate(load("2026", MERGED))
    assert [found.pcode for found in cast.operation.affected_areas.all()] == ["XX12"]


def test_settlements_are_placed_in_the_new_areas(first: Generation, load: Load, activate: Activate) -> None:
    inside = Settlement.objects.create(country="XX", name="Obasy", location=point(58.5, 39.5), area=area(first, "XX11"))
    outside = Settlement.objects.create(
        country="XX", name="Kenar", location=point(57.99, 38.5), area=area(first, "XX12")
    )
    activate(load("2025", SPLIT))
    assert (place_of(inside), place_of(outside)) == ("2025 XX13", "2025 XX12")


def test_areas_invented_for_an_exercise_come_along(
    first: Generation, load: Load, activate: Activate, exercise_operation: Any
) -> None:
    invented = Area.objects.create(
        generation=first,
        operation=exercise_operation,
        parent=area(first, "XX1"),
        level=2,
        pcode="XX1-X01",
        name="Drill",
    )
    second = load("2025", SPLIT)
    activate(second)
    invented.refresh_from_db()
    assert invented.generation == second
    assert invented.parent == area(second, "XX1")
    assert invented in areas_in_use(exercise_operation)
    assert invented not in areas_in_use(None)


def test_translations_and_codes_the_new_edition_lacks_are_handed_on_and_an_old_name_still_finds(
    first: Generation, load: Load, activate: Activate
) -> None:
    west, east = area(first, "XX1"), area(first, "XX2")
    west.names["tk"] = "Günbatar"
    west.save()
    PlaceName.objects.filter(area=west).delete()
    store_names([west])
    AreaCode.objects.create(area=west, system="ISO 3166", code="XX-W")
    second = load("2025", adm1=changed(changed(regions(), "XX2", ADM1_EN="Orient"), "XX2", ADM1_RU="Ориент"))
    activate(second)
    new_west, new_east = area(second, "XX1"), area(second, "XX2")
    assert new_west.names == {"en": "West", "ru": "Запад", "tk": "Günbatar"}
    assert [code.code for code in new_west.codes.all()] == ["XX-W"]
    assert new_west.place_names.get(name="Günbatar").kind == NameKind.OFFICIAL
    assert new_east.place_names.get(name="East", language="").kind == NameKind.FORMER
    assert resolve("East", settlements=False).candidates[0].area == new_east
    assert east.names["en"] == "East"


def test_a_code_of_the_old_edition_is_answered_with_its_successors(
    first: Generation, load: Load, activate: Activate
) -> None:
    activate(load("2025", SPLIT))
    with pytest.raises(UnknownPcode, match="2020") as raised:
        area_for_pcode("xx11")
    assert [successor.area.pcode for successor in raised.value.successors] == ["XX13", "XX14"]
    assert "North Town (XX13), 70 %" in str(raised.value)
    found = resolve("XX11")
    assert [(c.how, c.area.pcode if c.area else "") for c in found.candidates] == [
        ("former code", "XX13"),
        ("former code", "XX14"),
    ]
    assert not found.is_certain


def test_an_old_code_whose_area_goes_on_is_certain(first: Generation, load: Load, activate: Activate) -> None:
    recoded = [*without(districts(), "XX11"), district("XX19", "Gala", box(58, 38, 1, 2))]
    activate(load("2025", recoded))
    found = resolve("XX11")
    assert found.is_certain
    assert found.candidates[0].area is not None
    assert found.candidates[0].area.pcode == "XX19"


def test_a_table_with_codes_of_the_old_edition_is_placed_where_that_is_certain_and_else_asked_about(
    first: Generation, load: Load, activate: Activate, cast: Cast
) -> None:
    recoded = [*without(SPLIT, "XX12"), district("XX18", "Dag", box(59, 38, 1, 2))]
    activate(load("2025", recoded))
    by = actor(cast.aina)
    context = Context(by, standing_of(cast.aina, cast.operation), cast.operation, create_missing=False)
    found = areas_called(["XX11", "XX12", "XX21", "Nowhere"], context)
    assert {text: [area.pcode for area in rows] for text, rows in found.items()} == {
        "XX11": ["XX13", "XX14"], "XX12": ["XX18"], "XX21": ["XX21"], "Nowhere": [],
    }  # fmt: skip


def test_an_earlier_edition_can_be_brought_back(first: Generation, load: Load, activate: Activate, cast: Cast) -> None:
    work = activity(cast, area(first, "XX12"))
    activate(load("2025", SPLIT))
    activate(Generation.objects.get(pk=first.pk))
    assert place_of(work) == "2020 XX12"
    assert Generation.objects.get(state=GenerationState.ACTIVE) == first


@pytest.mark.parametrize("who", ["murad", "oraz", "pending", "outsider"])
def test_only_who_coordinates_may_activate(load: Load, cast: Cast, who: str) -> None:
    generation = load("2025")
    with pytest.raises(NotAllowed):
        activate_generation(by=actor(getattr(cast, who)), operation=cast.operation, generation=generation)


def test_nobody_changes_real_boundaries_from_an_exercise(
    load: Load, cast: Cast, exercise_operation: Any, administrator: Any
) -> None:
    generation = load("2025")
    with pytest.raises(NotAllowed, match="exercise"):
        activate_generation(by=actor(cast.aina), operation=exercise_operation, generation=generation)
    activate_generation(by=actor(administrator), operation=exercise_operation, generation=generation)


def test_a_failure_on_the_way_leaves_everything_as_it_was(
    first: Generation, load: Load, activate: Activate, cast: Cast, exercise_operation: Any
) -> None:
    Area.objects.create(
        generation=first, operation=exercise_operation, parent=area(first, "XX1"), level=2, pcode="XX13", name="Drill"
    )
    work = activity(cast, area(first, "XX12"))
    with pytest.raises(BoundaryFault, match="XX13"):
        activate(load("2025", SPLIT))
    assert place_of(work) == "2020 XX12"
    assert Generation.objects.get(state=GenerationState.ACTIVE) == first


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_activate_at_once_one_is_told_that_it_is_done(load: Load, cast: Cast) -> None:
    generation = load("2025")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait(10)
        try:
            activate_generation(by=actor(cast.aina), operation=cast.operation, generation=generation)
            outcomes.append("done")
        except BoundaryFault:
            outcomes.append("already")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["already", "done"]
    connection.close()
