"""A dry run writes nothing; loading makes an edition that is not in use, all of it or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from komek.accounts.authority import NotAllowed
from komek.places.boundary_columns import LEFT_OUT, LayerMapping
from komek.places.boundary_files import BoundaryFault
from komek.places.boundary_loading import Edition, dry_run, load_boundaries
from komek.places.finding import areas_at
from komek.places.models import Area, AreaPart, Generation, GenerationState, PlaceName
from tests.conftest import Cast, actor, point
from tests.places.boundary_samples import box, changed, country, districts, geojson, geopackage, regions

pytestmark = pytest.mark.django_db
NEW = Edition(country="XX", name="COD-AB 2025", source="OCHA, CC BY 3.0 IGO")


@pytest.fixture
def file(tmp_path: Path) -> tuple[str, Path]:
    rows = [{**row, "iso_3166_2": f"XX-{row['ADM1_EN'][0]}"} for row in regions()]
    return geopackage(tmp_path / "xx.gpkg", {"adm0": country(), "adm1": rows, "adm2": districts()})


def test_a_dry_run_counts_by_level_and_writes_nothing(file: Any, areas: dict[str, Area]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        planned = dry_run([file], edition=NEW)
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert planned.report.counts == {0: 1, 1: 2, 2: 4}
    assert planned.can_load
    assert Generation.objects.count() == 1


def test_loading_makes_an_edition_that_is_not_in_use(file: Any, areas: dict[str, Area], cast: Cast) -> None:
    steps: list[tuple[int, int]] = []
    made = load_boundaries(
        by=actor(cast.aina), operation=cast.operation, files=[file], edition=NEW,
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert made.state == GenerationState.LOADED
    west = made.areas.get(pcode="XX1")
    assert (west.parent and west.parent.pcode, west.names, west.level) == ("XX", {"en": "West", "ru": "Запад"}, 1)
    assert west.geometry is not None
    assert west.geometry.contains(west.centre)
    assert [(code.system, code.code) for code in west.codes.all()] == [("ISO 3166", "XX-W")]
    names = set(PlaceName.objects.filter(area__pcode="XX11").values_list("kind", "language", "name"))
    assert names == {("official", "", "West Town"), ("official", "en", "West Town"), ("alias", "", "Old West Town")}
    assert AreaPart.objects.filter(area__generation=made).exists()
    assert {area.generation_id for area in areas_at(point(58.5, 38.5))} <= {areas["XX"].generation_id}
    assert steps[-1] == (7, 7)


def test_history_says_who_loaded_an_edition(file: Any, cast: Cast) -> None:
    made = load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=NEW)
    event = made.areas.get(pcode="XX1").events.get()  # type: ignore[attr-defined]
    assert event.pgh_context["user"] == cast.aina.pk


def test_with_a_fault_nothing_is_loaded(tmp_path: Path, cast: Cast) -> None:
    file = geojson(tmp_path / "adm1.geojson", changed(regions(), "XX2", shape=None))
    with pytest.raises(BoundaryFault, match="a fault has to be"):
        load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=NEW)
    assert not Generation.objects.exists()


def test_areas_with_faults_can_be_left_out_on_purpose(tmp_path: Path, cast: Cast) -> None:
    files = [
        geojson(tmp_path / "adm1.geojson", changed(regions(), "XX2", shape=None)),
        geojson(tmp_path / "adm2.geojson", districts()),
    ]
    made = load_boundaries(
        by=actor(cast.aina), operation=cast.operation, files=files, edition=NEW, leave_out_faulty=True
    )
    assert sorted(made.areas.values_list("pcode", flat=True)) == ["XX", "XX1", "XX11", "XX12"]


def test_an_outline_made_from_the_regions_keeps_the_country_s_name(
    tmp_path: Path, areas: dict[str, Area], cast: Cast
) -> None:
    file = geojson(tmp_path / "adm1.geojson", regions())
    made = load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=NEW)
    assert made.areas.get(level=0).name == "Testland"


def test_two_editions_of_one_name_are_refused(file: Any, cast: Cast) -> None:
    load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=NEW)
    with pytest.raises(BoundaryFault, match="another name"):
        load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=NEW)
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(("country_code", "name"), [("Turkmenistan", "a"), ("tm", "a"), ("", "a"), ("TM", " ")])
def test_an_edition_needs_a_country_and_a_name(file: Any, cast: Cast, country_code: str, name: str) -> None:
    with pytest.raises(BoundaryFault, match="Give"):
        load_boundaries(
            by=actor(cast.aina), operation=cast.operation, files=[file], edition=Edition(country_code, name)
        )


@pytest.mark.parametrize("who", ["murad", "oraz", "pending", "outsider"])
def test_only_who_coordinates_the_operation_may_load(file: Any, cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        load_boundaries(by=actor(getattr(cast, who)), operation=cast.operation, files=[file], edition=NEW)
    assert not Generation.objects.exists()


def test_a_layer_can_be_left_out(file: Any) -> None:
    planned = dry_run([file], edition=NEW, mappings={"xx.gpkg › adm2": LayerMapping(level=LEFT_OUT)})
    assert planned.report.counts == {0: 1, 1: 2}
    assert any("adm2" in note for note in planned.notes)


def test_files_of_which_no_layer_has_a_level_load_nothing(tmp_path: Path, cast: Cast) -> None:
    file = geojson(tmp_path / "a.geojson", [{"kod": "1", "shape": box(58, 38)}])
    with pytest.raises(BoundaryFault, match="no area"):
        load_boundaries(by=actor(cast.aina), operation=cast.operation, files=[file], edition=NEW)


def test_swapped_coordinates_are_told_by_the_country_in_use(tmp_path: Path, areas: dict[str, Area]) -> None:
    rows = [{**row, "shape": box(38, 58 + 2 * n, 2)} for n, row in enumerate(regions())]
    planned = dry_run([geojson(tmp_path / "a.geojson", rows)], edition=NEW)
    assert [finding.kind for finding in planned.report.faults] == ["swapped", "swapped"]


def test_a_parent_of_the_edition_in_use_does_not_count_for_a_new_one(tmp_path: Path, areas: dict[str, Area]) -> None:
    planned = dry_run([geojson(tmp_path / "adm2.geojson", districts())], edition=NEW)
    assert {finding.kind for finding in planned.report.faults} == {"parent_elsewhere"}
    assert "“test”" in planned.report.faults[0].sentence
