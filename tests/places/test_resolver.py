"""What people say leads to a place: code, plus code, coordinates, names in any spelling. Never guessed silently."""

from __future__ import annotations

import pytest

from komek.operations.models import Operation
from komek.places.finding import UnknownPcode, area_for_pcode, areas_at
from komek.places.models import Area, Generation, GenerationState, Settlement
from komek.places.notations import NotOnEarth, read_coordinates
from komek.places.reference_data import Places, store_names
from komek.places.resolver import resolve
from tests.conftest import point, square


@pytest.fixture(scope="module")
def gazetteer(django_db_setup: None, django_db_blocker: object) -> object:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        Places().load(lambda line: None)
        yield
        Settlement.objects.all().delete()
        Generation.objects.all().delete()


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gazetteer")]


@pytest.mark.parametrize("text", ["Aşgabat", "Ашхабад", "ashkhabad", "ASHGABAT", "Ашгабат", "Ashgabad"])
def test_a_city_is_found_in_any_spelling(text: str) -> None:
    assert resolve(text).candidates[0].name == "Ashgabat"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Toshkent", "Tashkent"), ("Ташкент", "Tashkent"), ("Тошкент", "Tashkent"), ("Bakı", "Baku"), ("Баку", "Baku"),
        ("Buxoro", "Bukhara"), ("Бухоро", "Bukhara"), ("Turkmenabat", "Türkmenabat"), ("Туркменабад", "Türkmenabat"),
        ("Gence", "Ganja"), ("Гянджа", "Ganja"), ("Samarqand", "Samarkand"), ("Дашогуз", "Daşoguz"), ("Tejen", "Tejen"),
        ("Теджен", "Tejen"), ("Самарканд", "Samarkand"),
    ],
)  # fmt: skip
def test_names_that_differ_by_more_than_spelling_are_found_through_the_gazetteer(text: str, name: str) -> None:
    assert resolve(text).candidates[0].name == name


@pytest.mark.parametrize("text", ["Ахалский велаят", "Ahal welaýaty", "ahal region", "TM-A", "tm-a"])
def test_a_region_is_found_by_name_and_by_code(text: str) -> None:
    assert resolve(text, settlements=False).candidates[0].area.pcode == "TM-A"  # type: ignore[union-attr]


def test_a_code_is_certain() -> None:
    found = resolve("TM-M")
    assert found.is_certain
    assert found.candidates[0].how == "code"


def test_nothing_alike_is_no_candidate() -> None:
    assert resolve("Xyzzyqwerty").candidates == []


@pytest.mark.parametrize("text", ["37.95, 58.38", "37,95; 58,38", "37°57'N 58°22'48\"E", "37.95 С 58.38 В"])
def test_coordinates_are_read_in_several_notations(text: str) -> None:
    found = resolve(text)
    place = found.candidates[0]
    assert place.how == "coordinates"
    assert place.point is not None
    assert (round(place.point.y, 2), round(place.point.x, 2)) == (37.95, 58.38)
    assert place.area is not None
    assert place.area.pcode == "TM-A"


def test_swapped_coordinates_are_said_to_be_swapped() -> None:
    assert "swapped" in resolve("158.38, 37.95").problem
    with pytest.raises(NotOnEarth):
        read_coordinates("200.5, 300.5")


def test_two_whole_numbers_are_not_coordinates() -> None:
    assert read_coordinates("58 412") is None


def test_a_plus_code_is_read_in_full_and_completed_from_a_name_or_a_position() -> None:
    full = resolve("8J28XW7J+22").candidates[0]
    assert full.how == "plus code"
    near_asker = resolve("XW7J+22", near=full.point).candidates[0]
    assert near_asker.point is not None
    assert full.point is not None
    assert near_asker.point.distance(full.point) < 0.001


def test_namesakes_are_offered_both_and_the_nearer_comes_first(db: None) -> None:
    for country, lon in (("TM", 54.0), ("UZ", 66.0)):
        settlement = Settlement.objects.create(country=country, name="Uzboyduz Obasy", location=point(lon, 39.0))
        from komek.places.keys import plain, search_key
        from komek.places.models import PlaceName

        PlaceName.objects.create(
            settlement=settlement, name=settlement.name, key=search_key(settlement.name), plain=plain(settlement.name)
        )
    everywhere = resolve("Uzboyduz Obasy")
    assert len(everywhere.candidates) == 2
    assert not everywhere.is_certain
    nearby = resolve("Uzboyduz Obasy", near=point(66.1, 39.0))
    assert nearby.candidates[0].settlement.country == "UZ"  # type: ignore[union-attr]
    assert nearby.is_certain


def test_the_areas_holding_a_point_are_the_same_by_pieces_as_by_whole_boundaries() -> None:
    for lon, lat in ((58.38, 37.95), (64.42, 39.77), (69.24, 41.31), (49.89, 40.37), (61.8, 37.6)):
        here = point(lon, lat)
        whole = Area.objects.filter(geometry__intersects=here).order_by("level").values_list("pk", flat=True)
        assert [area.pk for area in areas_at(here)] == list(whole)
        assert len(whole) == 2


def test_areas_invented_for_an_exercise_are_seen_only_there(
    operation: Operation, exercise_operation: Operation
) -> None:
    region = Area.objects.get(pcode="TM-A")
    invented = Area.objects.create(
        generation=region.generation, operation=exercise_operation, parent=region, level=2, pcode="TM-A-X01",
        name="Sarahs (exercise)", geometry=square(58, 37, 1), centre=point(58.5, 37.5),
    )  # fmt: skip
    store_names([invented])
    assert resolve("TM-A-X01", operation=exercise_operation).is_certain
    assert not resolve("TM-A-X01", operation=operation).is_certain
    with pytest.raises(UnknownPcode):
        area_for_pcode("TM-A-X01", operation=operation)


def test_a_pcode_of_another_edition_is_refused_and_the_edition_named() -> None:
    old = Generation.objects.create(country="TM", name="2015", state=GenerationState.RETIRED)
    Area.objects.create(generation=old, level=1, pcode="TM99", name="Old")
    with pytest.raises(UnknownPcode, match="2015"):
        area_for_pcode("TM99")


def test_loading_again_changes_nothing() -> None:
    before = (Area.objects.count(), Settlement.objects.count())
    Places().load(lambda line: None)
    assert (Area.objects.count(), Settlement.objects.count()) == before
