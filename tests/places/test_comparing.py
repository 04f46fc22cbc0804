"""Two editions are compared area by area, and an old P-code leads to the areas of today."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from komek.accounts.authority import NotAllowed
from komek.places.boundary_files import BoundaryFault
from komek.places.boundary_loading import Edition, load_boundaries
from komek.places.comparing import compare_generations
from komek.places.models import Area, ChangeKind, Comparison, Generation, GenerationState, Succession
from komek.places.successors import old_areas_called, successors_of
from tests.conftest import Cast, actor, square
from tests.places.boundary_samples import Row, box, changed, country, districts, geopackage, own_code, regions

pytestmark = pytest.mark.django_db
Loader = Callable[..., Generation]


@pytest.fixture
def load(tmp_path: Path, cast: Cast) -> Loader:
    """Load a country from rows by level; what is not given is as in the samples."""

    def loaded(name: str, *, adm1: list[Row] | None = None, adm2: list[Row] | None = None) -> Generation:
        layers = {"adm0": country(), "adm1": adm1 or regions(), "adm2": districts() if adm2 is None else adm2}
        file = geopackage(tmp_path / f"{name}.gpkg", {key: rows for key, rows in layers.items() if rows})
        return load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=Edition("XX", name))

    return loaded


@pytest.fixture
def compare(cast: Cast) -> Callable[[Generation, Generation], Comparison]:
    return lambda before, after: compare_generations(
        by=actor(cast.aina), operation=cast.operation, before=before, after=after
    )


def without(rows: list[Row], *codes: str) -> list[Row]:
    return [row for row in rows if own_code(row) not in codes]


def district(pcode: str, name: str, shape: Any) -> Row:
    return {"ADM1_PCODE": pcode[:3], "ADM2_PCODE": pcode, "ADM2_EN": name, "ADM2ALT1EN": None, "shape": shape}


def split() -> list[Row]:
    """West Town is split: 70 % becomes North Town, 30 % becomes South Town."""
    return [
        *without(districts(), "XX11"),
        district("XX13", "North Town", box(58, 38.6, 1, 1.4)),
        district("XX14", "South Town", box(58, 38, 1, 0.6)),
    ]


def changes(comparison: Comparison) -> set[tuple[str, str, str]]:
    rows = comparison.changes.select_related("old", "new")
    return {(row.kind, row.old.pcode if row.old else "", row.new.pcode if row.new else "") for row in rows}


def test_two_equal_editions_do_not_differ(load: Loader, compare: Any) -> None:
    comparison = compare(load("1"), load("2"))
    assert changes(comparison) == set()
    assert comparison.counts == {}
    assert Succession.objects.filter(is_same=True).count() == 7


def test_a_split_area_is_gone_and_its_successors_cover_it_by_their_shares(load: Loader, compare: Any) -> None:
    before = load("1")
    comparison = compare(before, load("2", adm2=split()))
    assert changes(comparison) == {("gone", "XX11", ""), ("added", "", "XX13"), ("added", "", "XX14")}
    assert comparison.counts == {"gone": 1, "added": 2}
    rows = Succession.objects.filter(old=before.areas.get(pcode="XX11")).select_related("new")
    assert [(row.new.pcode, round(row.share, 2), row.is_same) for row in rows] == [
        ("XX13", 0.7, False),
        ("XX14", 0.3, False),
    ]


def test_a_new_code_for_the_same_ground_is_the_same_area(load: Loader, compare: Any) -> None:
    recoded = [*without(districts(), "XX11"), district("XX19", "Gala", box(58, 38, 1, 2))]
    before = load("1")
    comparison = compare(before, load("2", adm2=recoded))
    assert changes(comparison) == {("recoded", "XX11", "XX19"), ("renamed", "XX11", "XX19")}
    (row,) = Succession.objects.filter(old__pcode="XX11", old__generation=before)
    assert (row.new.pcode, row.is_same) == ("XX19", True)


def test_a_district_merged_into_another_is_within_it_but_not_the_same(load: Loader, compare: Any) -> None:
    merged = changed(without(districts(), "XX11"), "XX12", shape=box(58, 38, 2, 2))
    comparison = compare(load("1"), load("2", adm2=merged))
    assert changes(comparison) == {("gone", "XX11", ""), ("reshaped", "XX12", "XX12")}
    (row,) = Succession.objects.filter(old__pcode="XX11")
    assert (row.new.pcode, round(row.share, 2), round(row.share_of_new, 2), row.is_same) == ("XX12", 1, 0.5, False)


def test_a_new_name_is_told_with_its_language(load: Loader, compare: Any) -> None:
    comparison = compare(load("1"), load("2", adm1=changed(regions(), "XX1", ADM1_RU="Закат")))
    (row,) = comparison.changes.all()
    assert (row.kind, row.was, row.becomes) == (ChangeKind.RENAMED, "ru: Запад", "ru: Закат")


def test_a_district_moved_to_another_region_is_told(load: Loader, compare: Any) -> None:
    moved = changed(districts(), "XX12", ADM1_PCODE="XX2")
    grown = [{**regions()[0], "shape": box(58, 38, 1, 2)}, {**regions()[1], "shape": box(59, 38, 3, 2)}]
    comparison = compare(load("1"), load("2", adm1=grown, adm2=moved))
    assert changes(comparison) == {
        ("moved", "XX12", "XX12"),
        ("reshaped", "XX1", "XX1"),
        ("reshaped", "XX2", "XX2"),
    }
    row = comparison.changes.get(kind=ChangeKind.MOVED)
    assert row.was.startswith("West (XX1)")
    assert row.becomes.startswith("East (XX2)")


@pytest.mark.parametrize(("width", "is_told"), [(1.005, False), (1.03, True)])
def test_a_boundary_is_told_to_have_changed_from_one_percent_on(
    load: Loader, compare: Any, width: float, is_told: bool
) -> None:
    drawn = changed(districts(), "XX22", shape=shapely.box(61, 38, 61 + width, 40))
    comparison = compare(load("1"), load("2", adm2=drawn))
    assert changes(comparison) == ({("reshaped", "XX22", "XX22")} if is_told else set())
    if is_told:
        assert comparison.changes.get().share == pytest.approx(0.03, abs=0.002)


def test_a_code_that_now_names_another_place_is_not_the_same_area(load: Loader, compare: Any) -> None:
    swapped = changed(changed(districts(), "XX21", ADM2_PCODE="XX2X"), "XX22", ADM2_PCODE="XX21")
    comparison = compare(load("1"), load("2", adm2=swapped))
    assert ("reused", "XX21", "XX21") in changes(comparison)
    (row,) = Succession.objects.filter(old__pcode="XX21")
    assert row.new.pcode == "XX2X"


def test_a_level_that_the_new_edition_lacks_is_followed_to_the_level_above(load: Loader, compare: Any) -> None:
    before = load("1")
    comparison = compare(before, load("2", adm2=[]))
    assert comparison.counts == {"gone": 4}
    (row,) = Succession.objects.filter(old=before.areas.get(pcode="XX11"))
    assert (row.new.pcode, row.share, row.is_same) == ("XX1", pytest.approx(1), False)


def test_neighbours_that_share_a_border_do_not_succeed_each_other(load: Loader, compare: Any) -> None:
    compare(load("1"), load("2"))
    assert set(Succession.objects.values_list("old__pcode", "new__pcode")) == {
        (code, code) for code in ("XX", "XX1", "XX2", "XX11", "XX12", "XX21", "XX22")
    }


def test_an_old_boundary_that_crosses_itself_does_not_stop_the_comparison(
    load: Loader, compare: Any, areas: dict[str, Area]
) -> None:
    bow = square(58, 38, 2)
    ring = ((58, 38), (60, 40), (60, 38), (58, 40), (58, 38))
    areas["XX1"].geometry = type(bow)(type(bow[0])(ring, srid=4326), srid=4326)
    areas["XX1"].save()
    compare(areas["XX"].generation, load("2"))
    assert Succession.objects.filter(old=areas["XX1"]).exists()


def test_comparing_again_replaces_the_result(load: Loader, compare: Any) -> None:
    before, after = load("1"), load("2", adm2=split())
    compare(before, after)
    assert compare(before, after).changes.count() == 3
    assert Comparison.objects.count() == 1


def test_editions_of_two_countries_are_not_compared(load: Loader, compare: Any) -> None:
    other = Generation.objects.create(country="YY", name="1")
    with pytest.raises(BoundaryFault):
        compare(load("1"), other)


def test_only_who_coordinates_may_compare(load: Loader, cast: Cast) -> None:
    before, after = load("1"), load("2")
    with pytest.raises(NotAllowed):
        compare_generations(by=actor(cast.murad), operation=cast.operation, before=before, after=after)


def test_an_old_code_leads_through_several_editions_to_the_areas_of_today(load: Loader, compare: Any) -> None:
    first, second = load("1"), load("2", adm2=split())
    merged = [*without(districts(), "XX11"), district("XX15", "Town", box(58, 38, 1, 2))]
    third = load("3", adm2=merged)
    compare(first, second)
    compare(second, third)
    Generation.objects.filter(pk__in=(first.pk, second.pk)).update(state=GenerationState.RETIRED)
    Generation.objects.filter(pk=third.pk).update(state=GenerationState.ACTIVE)
    old = old_areas_called(["xx11", "XX14", "nothing"])
    assert set(old) == {"XX11", "XX14"}
    found = successors_of(area.pk for area in old.values())
    (of_town,) = found[old["XX11"].pk]
    assert (of_town.area.pcode, round(of_town.share, 2), of_town.is_same) == ("XX15", 1, False)
    (of_south,) = found[old["XX14"].pk]
    assert (of_south.area.pcode, round(of_south.share, 2)) == ("XX15", 1)


def test_going_back_to_an_earlier_edition_does_not_walk_in_circles(load: Loader, compare: Any) -> None:
    first, second = load("1"), load("2")
    compare(first, second)
    compare(second, first)
    Generation.objects.update(state=GenerationState.RETIRED)
    pk = first.areas.get(pcode="XX11").pk
    assert successors_of([pk]) == {pk: []}
