"""The standards that come with Komek: complete, cited, loaded once, and never stronger than what an installation set."""

from __future__ import annotations

from decimal import Decimal
from string import Formatter

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from camps.models import Comparison, Standard
from camps.reference_data_standards import Standards, shipped

LANGUAGES = {"tk", "uz", "uz-cyrl", "az", "ru"}


def figure(standards: dict[str, Standard], key: str) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return standards[key].target, standards[key].first, standards[key].target_cold


def test_the_figures_are_those_of_sphere_2018(standards: dict[str, Standard]) -> None:
    assert figure(standards, "water") == (15, Decimal("7.5"), None)
    assert figure(standards, "water_taps") == (250, None, None)
    assert figure(standards, "water_distance") == (500, None, None)
    assert figure(standards, "toilets") == (20, 50, None)
    assert figure(standards, "toilets_distance") == (50, None, None)
    assert figure(standards, "covered_area") == (Decimal("3.5"), None, Decimal("4.5"))
    assert standards["covered_area"].upper_cold == Decimal("5.5")
    assert figure(standards, "site_area") == (45, 30, None)
    assert figure(standards, "fire_break") == (30, None, None)
    assert figure(standards, "food_energy") == (2100, None, None)
    assert standards["toilets_women"].share == 3 * standards["toilets_men"].share  # type: ignore[operator]
    for key in ("health_post", "education", "protection", "complaints"):
        assert standards[key].comparison == Comparison.IN_PLACE


def test_every_standard_is_cited_sorted_by_sector_and_named_in_every_language() -> None:
    for row in shipped():
        assert "standard" in row["source"].lower() or "commitment" in row["source"] or "Principle" in row["source"]
        assert row["sector"]
        for original in ("name", "gap_text", "note"):
            assert row[original]
            assert set(row[f"{original}s"]) == LANGUAGES, row["key"]
            assert all(row[f"{original}s"].values())
        assert set(row["units"]) == (LANGUAGES if row["unit"] else set())


def test_every_gap_has_the_number_once_in_every_language_unless_it_is_a_thing_in_place_or_not() -> None:
    for row in shipped():
        wanted = [] if row["comparison"] == Comparison.IN_PLACE else ["n"]
        for text in (row["gap_text"], *row["gap_texts"].values()):
            for part in text.split("|"):
                assert [name for _text, name, _spec, _how in Formatter().parse(part) if name is not None] == wanted


def test_items_and_sectors_named_in_the_data_exist(standards: dict[str, Standard]) -> None:
    for row in shipped():
        assert standards[row["key"]].sector is not None
        assert (standards[row["key"]].item is not None) == ("item" in row)
        assert (standards[row["key"]].part_of is not None) == ("part_of" in row)


def test_loading_again_changes_nothing_and_keeps_what_an_installation_set(standards: dict[str, Standard]) -> None:
    water = standards["water"]
    water.target, water.name, water.names, water.is_active = (
        Decimal(20),
        "Drinking water",
        {"ru": "Питьевая вода"},
        False,
    )
    water.units = {**water.units, "tk": ""}
    water.save()
    Standard.objects.create(key="light", name="Lamps", comparison="people_per_unit", target=10, source="Our own")
    lines: list[str] = []
    Standards().load(lines.append)
    water.refresh_from_db()
    assert lines == []
    assert (water.target, water.name, water.names, water.is_active) == (
        20,
        "Drinking water",
        {"ru": "Питьевая вода"},
        False,
    )
    assert water.units["tk"] == ""
    assert Standard.objects.filter(key="light").exists()


def test_a_language_that_is_missing_is_added_and_said(standards: dict[str, Standard]) -> None:
    toilets = standards["toilets"]
    toilets.names = {"ru": "Уборные"}
    toilets.save()
    lines: list[str] = []
    Standards().load(lines.append)
    toilets.refresh_from_db()
    assert lines == ["Standards: 0 added, 1 extended"]
    assert (toilets.names["ru"], toilets.names["tk"]) == ("Уборные", "Hajathanalar")


def test_a_standard_is_read_in_the_readers_language(standards: dict[str, Standard]) -> None:
    with override("ru"):
        assert (str(standards["water"]), standards["water"].text("unit")) == ("Вода", "л в день")
    with override("en"):
        assert str(standards["water"]) == "Water"
    standards["water"].names["ru"] = ""
    with override("ru"):
        assert str(standards["water"]) == "Water"


@pytest.mark.parametrize(
    "wrong",
    [{"target": None}, {"target": 0}, {"target": 5, "share": Decimal("1.5")}, {"target": 5, "item_covers": 0}],
)
def test_the_database_refuses_figures_that_mean_nothing(db: None, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Standard.objects.create(**{"key": "x", "name": "X", "comparison": "per_person", "source": "S", **wrong})
