"""Each thing that can be wrong with a boundary is found and said in a sentence; what is sound passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import shapely

from komek.places.boundaries import BoundaryFeature
from komek.places.boundary_checks import Known, Report, check
from tests.places.boundary_samples import box

COUNTRY = BoundaryFeature("adm0", 1, 0, "XX", "", "Testland", geometry=box(58, 38, 4, 2))
WEST = BoundaryFeature("adm1", 1, 1, "XX1", "XX", "West", geometry=box(58, 38, 2))
EAST = BoundaryFeature("adm1", 2, 1, "XX2", "XX", "East", geometry=box(60, 38, 2))
TOWN = BoundaryFeature("adm2", 1, 2, "XX11", "XX1", "West Town", geometry=box(58, 38, 1, 2))
TREE = [COUNTRY, WEST, EAST, TOWN]
KNOWN = Known(outline=box(58, 38, 4, 2))
BOW_TIE = shapely.Polygon([(58, 38), (60, 40), (60, 38), (58, 40), (58, 38)])


def with_loop(size: float) -> Any:
    """A square of 2 degrees whose boundary crosses itself in a loop of ``size`` degrees at its north-east corner."""
    tip = 60 + size
    return shapely.Polygon(
        [(58, 38), (60, 38), (60, 40), (tip, 40 + size), (60, 40 + size), (tip, 40), (58, 40), (58, 38)]
    )


def checked(*features: BoundaryFeature, known: Known = KNOWN, **options: Any) -> Report:
    return check(features, known=known, **options)


def only(report: Report) -> Any:
    (finding,) = report.findings
    return finding


def codes(report: Report) -> list[str]:
    return [feature.pcode for feature in report.good]


def test_sound_areas_pass_parents_first() -> None:
    report = checked(TOWN, EAST, WEST, COUNTRY)
    assert report.findings == []
    assert sorted(codes(report)) == ["XX", "XX1", "XX11", "XX2"]
    assert codes(report).index("XX") < codes(report).index("XX1") < codes(report).index("XX11")
    assert report.counts == {0: 1, 1: 2, 2: 1}
    assert {feature.geometry.geom_type for feature in report.good} == {"MultiPolygon"}


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"pcode": ""}, "no_code", "no P-code"),
        ({"pcode": "X" * 41}, "long_code", "right column"),
        ({"parent_pcode": ""}, "no_parent_code", "part of"),
        ({"parent_pcode": "YY"}, "no_parent", "“YY”, which is not in the files"),
        ({"parent_pcode": "XX11"}, "parent_below", "not at a level above"),
        ({"name": "N" * 151}, "long_name", "longer than 150"),
        ({"geometry": None}, "no_shape", "no boundary"),
        ({"geometry": shapely.Polygon()}, "no_shape", "no boundary"),
        ({"geometry": shapely.LineString([(58, 38), (59, 39)])}, "not_area", "not an area"),
        ({"geometry": box(500_000, 4_200_000, 10_000)}, "not_degrees", "EPSG:4326"),
        ({"geometry": box(38, 60, 2)}, "swapped", "swapped"),
        ({"geometry": BOW_TIE}, "collapsed", "crosses itself"),
        ({"geometry": box(57, 38, 0.4)}, "wrong_parent", "100.0 % of it"),
    ],
)
def test_a_fault_keeps_the_area_out_and_says_why(changes: dict[str, Any], kind: str, words: str) -> None:
    report = checked(COUNTRY, WEST, TOWN, replace(EAST, **changes))
    finding = only(report)
    assert (finding.kind, finding.is_fault, finding.layer, finding.number) == (kind, True, "adm1", 2)
    assert words in finding.sentence
    assert sorted(codes(report)) == ["XX", "XX1", "XX11"]


def test_of_two_areas_with_one_code_neither_is_taken_because_nobody_knows_which_is_meant() -> None:
    report = checked(COUNTRY, WEST, replace(EAST, pcode="XX1"), TOWN)
    assert [(finding.kind, finding.number) for finding in report.findings] == [("twice", 1), ("twice", 2)]
    assert "row 2 of “adm1”" in report.findings[0].sentence
    assert codes(report) == ["XX"]


def test_everything_inside_a_faulty_area_stays_out_with_it() -> None:
    report = checked(COUNTRY, replace(WEST, geometry=None), EAST, TOWN)
    assert codes(report) == ["XX", "XX2"]


def test_a_small_self_crossing_is_mended_and_the_change_is_said() -> None:
    report = checked(COUNTRY, replace(WEST, geometry=with_loop(0.1)), EAST)
    finding = only(report)
    assert (finding.kind, finding.is_fault) == ("repaired", False)
    assert "%" in finding.sentence
    mended = next(feature.geometry for feature in report.good if feature.pcode == "XX1")
    assert mended.is_valid
    assert mended.area == pytest.approx(4, rel=0.01)


def test_a_self_crossing_whose_mending_changes_more_than_one_percent_is_refused() -> None:
    report = checked(COUNTRY, replace(WEST, geometry=with_loop(0.9)), EAST)
    assert only(report).kind == "collapsed"
    assert "XX1" not in codes(report)


def test_a_boundary_that_collapses_to_a_line_is_refused() -> None:
    flat = shapely.Polygon([(58, 38), (60, 38), (58, 38), (58, 38)])
    assert only(checked(COUNTRY, replace(WEST, geometry=flat), EAST)).kind == "collapsed"


def test_swapped_coordinates_are_told_even_where_both_numbers_could_be_degrees() -> None:
    assert only(checked(COUNTRY, WEST, replace(EAST, geometry=box(38, 60, 2)))).kind == "swapped"


def test_swapped_coordinates_are_told_by_their_range_in_a_country_never_seen() -> None:
    far_east = replace(COUNTRY, geometry=box(40, 100, 3))
    assert only(checked(far_east, known=Known())).kind == "swapped"


def test_a_place_far_from_the_country_is_a_warning_because_the_known_outline_may_be_wrong() -> None:
    report = checked(replace(COUNTRY, geometry=box(10, 10, 4)))
    assert (only(report).kind, codes(report)) == ("far_away", ["XX"])


@pytest.mark.parametrize(("lon", "kind"), [(57.96, None), (57.8, "outside_parent"), (57.4, "wrong_parent")])
def test_an_area_outside_its_parent_is_a_warning_and_when_it_is_mostly_outside_a_fault(
    lon: float, kind: str | None
) -> None:
    report = checked(COUNTRY, WEST, EAST, replace(TOWN, geometry=box(lon, 38, 1, 2)))
    assert [finding.kind for finding in report.findings] == ([kind] if kind else [])


def test_a_parent_that_only_another_edition_has_is_named_with_that_edition() -> None:
    known = Known(in_use=frozenset({"XX3"}), elsewhere={"XX3": "Edition 2019"})
    finding = only(checked(COUNTRY, WEST, replace(EAST, parent_pcode="XX3"), known=known))
    assert finding.kind == "parent_elsewhere"
    assert "Edition 2019" in finding.sentence


def test_a_code_that_only_an_older_edition_had_is_a_warning() -> None:
    known = Known(in_use=frozenset({"XX", "XX1"}), elsewhere={"XX": "2024", "XX1": "2024", "XX2": "2012"})
    finding = only(checked(COUNTRY, WEST, EAST, known=known))
    assert (finding.kind, finding.is_fault, finding.pcode) == ("revived", False, "XX2")
    assert "2012" in finding.sentence


def test_a_country_outline_left_out_of_the_files_is_made_from_its_regions() -> None:
    report = checked(WEST, EAST)
    assert only(report).kind == "outline_made"
    top = report.good[0]
    assert (top.pcode, top.level) == ("XX", 0)
    assert top.geometry.equals(COUNTRY.geometry)


def test_without_the_regions_between_districts_have_no_parent() -> None:
    report = checked(COUNTRY, TOWN)
    assert only(report).kind == "no_parent"


def test_a_coordinate_system_without_a_number_is_a_fault_of_each_area() -> None:
    report = checked(COUNTRY, WEST, EAST, unknown_systems={"adm1": "My grid"})
    assert [finding.kind for finding in report.findings] == ["unknown_system"] * 2
    assert "My grid" in report.findings[0].sentence


def test_a_layer_without_a_stated_system_is_a_warning() -> None:
    assert only(checked(COUNTRY, assumed=["adm0"])).kind == "assumed_degrees"


def test_an_area_without_a_name_is_a_warning() -> None:
    assert only(checked(COUNTRY, WEST, replace(EAST, name=""))).kind == "no_name"
