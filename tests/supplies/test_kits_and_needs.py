"""What kits hold and what people need: changed as a whole, in any unit that converts, never in a circle."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from komek.accounts.authority import NotAllowed, standing_of
from komek.supplies.catalogue import save_item
from komek.supplies.kits import holds, set_kit_contents
from komek.supplies.models import CatalogueVersion, Category, Item, KitContent, Need, Unit
from komek.supplies.needs import Figure, set_needs
from tests.conftest import Cast, actor


@pytest.fixture
def catalogue(db: None) -> dict[str, Item]:
    units = {
        symbol: Unit.objects.create(symbol=symbol, name=symbol, dimension=dimension, factor=Decimal(factor))
        for symbol, dimension, factor in (
            ("pc", "count", "1"), ("kg", "mass", "1"), ("g", "mass", "0.001"), ("l", "volume", "1"),
        )
    }  # fmt: skip
    other = Category.objects.create(key="other", name="Other")
    rows = (("SOAP", "pc"), ("RICE", "kg"), ("WATER", "l"), ("BOX", "pc"), ("CRATE", "pc"))
    return {
        code: Item.objects.create(
            code=code, name=code.title(), unit=units[unit], category=other, search_key=code.lower()
        )
        for code, unit in rows
    }


def who(cast: Cast, name: str = "aina") -> dict[str, Any]:
    user = getattr(cast, name)
    return {"by": actor(user), "standing": standing_of(user, cast.operation)}


def version() -> int:
    return CatalogueVersion.objects.count()


def test_only_what_differs_is_written_and_nothing_raises_no_version(cast: Cast, catalogue: dict[str, Item]) -> None:
    box, soap, rice = catalogue["BOX"], catalogue["SOAP"], catalogue["RICE"]
    set_kit_contents(**who(cast), kit=box, contents={soap: Decimal(4), rice: Decimal(5)})
    kept = box.contents.get(item=soap).pk
    before = version()
    set_kit_contents(**who(cast), kit=box, contents={rice: Decimal(5), soap: Decimal(4)})
    assert version() == before
    set_kit_contents(**who(cast), kit=box, contents={soap: Decimal(6), catalogue["WATER"]: Decimal(1)})
    assert version() == before + 1
    assert box.contents.get(item=soap).pk == kept
    assert {content.item.code: content.quantity for content in box.contents.all()} == {"SOAP": 6, "WATER": 1}
    labels = KitContent.pgh_event_model.objects.filter(item=rice).order_by("pgh_id")  # type: ignore[attr-defined]
    assert [event.pgh_label for event in labels] == ["insert", "delete"]


@given(
    st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 8), max_size=4)), st.integers(0, 8), st.integers(0, 8)
)
def test_what_a_kit_holds_is_found_at_any_depth_also_in_circles(
    contents: dict[int, list[int]], kit: int, wanted: int
) -> None:
    reached, size = {kit}, 0
    while len(reached) > size:
        size = len(reached)
        reached |= {part for holder in reached for part in contents.get(holder, [])}
    assert holds(contents, kit, wanted) == (wanted in reached)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_never_close_a_circle_of_kits(cast: Cast, catalogue: dict[str, Item]) -> None:
    start, results = Barrier(2), []
    asking = who(cast)

    def put(inner: str, outer: str) -> None:
        start.wait(10)
        try:
            set_kit_contents(**asking, kit=catalogue[outer], contents={catalogue[inner]: Decimal(1)})
            results.append("put")
        except ValidationError:
            results.append("refused")
        finally:
            connection.close()

    workers = [Thread(target=put, args=pair) for pair in (("BOX", "CRATE"), ("CRATE", "BOX"))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sorted(results) == ["put", "refused"]


def test_the_base_unit_stays_once_anything_counts_in_it(cast: Cast, catalogue: dict[str, Item]) -> None:
    rice = catalogue["RICE"]
    rice.unit = Unit.objects.get(symbol="g")
    save_item(**who(cast), item=rice)
    figure = Figure(Decimal("12.6"), "Sphere Handbook 2018", date(2026, 1, 1), how_often="month")
    set_needs(**who(cast), item=rice, figures=[figure])
    rice.unit = Unit.objects.get(symbol="kg")
    with pytest.raises(ValidationError, match="base unit cannot change"):
        save_item(**who(cast), item=rice)


def test_figures_are_corrected_added_and_removed_as_a_whole(cast: Cast, catalogue: dict[str, Item]) -> None:
    water = catalogue["WATER"]
    total = Figure(Decimal(15), " Sphere  Handbook ", date(2026, 1, 1), how_often="day")
    drinking = Figure(Decimal("2.5"), "Sphere Handbook", date(2026, 1, 1), how_often="day", purpose="drinking")
    set_needs(**who(cast), item=water, figures=[total, drinking])
    first, second = water.needs.order_by("pk")
    assert (first.source, str(first), str(second)) == (
        "Sphere Handbook", "15 l per person a day", "2.5 l per person a day (drinking)"
    )  # fmt: skip
    before = version()
    swapped = [
        Figure(Decimal(15), "Sphere Handbook", date(2026, 1, 1), how_often="day", purpose="drinking", pk=first.pk),
        Figure(Decimal("2.5"), "Sphere Handbook", date(2026, 1, 1), how_often="day", pk=second.pk),
    ]
    set_needs(**who(cast), item=water, figures=swapped)
    connection.check_constraints()
    assert [need.purpose for need in water.needs.order_by("pk")] == ["drinking", ""]
    set_needs(**who(cast), item=water, figures=swapped)
    assert version() == before + 1
    set_needs(**who(cast), item=water, figures=[])
    assert not Need.objects.exists()


def test_a_figure_without_a_source_twice_or_of_nothing_is_refused(cast: Cast, catalogue: dict[str, Item]) -> None:
    day = date(2026, 1, 1)
    for figures, words in (
        ([Figure(Decimal(1), " ", day)], "where the figure comes from"),
        ([Figure(Decimal(0), "x", day)], "more than nothing"),
        ([Figure(Decimal(1), "x", day), Figure(Decimal(2), " x", day)], "Two rows say the same"),
        ([Figure(Decimal(1), "x", day, whom="horse")], "per household"),
    ):
        with pytest.raises(ValidationError, match=words):
            set_needs(**who(cast), item=catalogue["WATER"], figures=figures)
    other = Need.objects.create(item=catalogue["SOAP"], quantity=1, source="x", valid_from=day)
    set_needs(**who(cast), item=catalogue["WATER"], figures=[Figure(Decimal(1), "y", day, pk=other.pk)])
    other.refresh_from_db()
    assert (other.item.code, other.source) == ("SOAP", "x")


@pytest.mark.parametrize("name", ["murad", "oraz", "pending"])
def test_others_change_neither_kits_nor_needs_by_function_or_address(
    cast: Cast, catalogue: dict[str, Item], name: str
) -> None:
    with pytest.raises(NotAllowed):
        set_kit_contents(**who(cast, name), kit=catalogue["BOX"], contents={})
    with pytest.raises(NotAllowed):
        set_needs(**who(cast, name), item=catalogue["WATER"], figures=[])
    client = Client()
    client.force_login(getattr(cast, name), backend="django.contrib.auth.backends.ModelBackend")
    for address in ("/supplies/BOX/contents/", "/supplies/WATER/needs/"):
        assert client.get(address).status_code in (403, 404)
        assert client.post(address, {}).status_code in (403, 404)


@pytest.fixture
def coordinator(client: Client, cast: Cast) -> Client:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    return client


def rows(name: str, *given: dict[str, Any], **more: Any) -> dict[str, Any]:
    sent = {f"{name}-TOTAL_FORMS": str(len(given)), f"{name}-INITIAL_FORMS": "0", **more}
    return sent | {f"{name}-{place}-{key}": value for place, row in enumerate(given) for key, value in row.items()}


def test_contents_are_added_and_removed_on_the_page_and_units_convert(
    coordinator: Client, catalogue: dict[str, Item]
) -> None:
    gram, soap, rice = Unit.objects.get(symbol="g").pk, catalogue["SOAP"].pk, catalogue["RICE"].pk
    sent = rows(
        "contents", {"item": soap, "quantity": "4"}, {"item_text": "rice", "quantity": "2500", "unit": gram}, {}
    )
    assert coordinator.post("/supplies/BOX/contents/", sent)["Location"] == "/supplies/BOX/"
    assert {content.item_id: content.quantity for content in KitContent.objects.all()} == {
        soap: 4,
        rice: Decimal("2.5"),
    }
    page = coordinator.get("/supplies/BOX/contents/").content.decode()
    assert 'value="2.5"' in page
    assert 'value="Rice"' in page
    assert "2.5 kg" in coordinator.get("/supplies/BOX/").content.decode()
    emptied = rows("contents", {"item": "", "quantity": ""}, {"item": rice, "quantity": "2.5"})
    coordinator.post("/supplies/BOX/contents/", emptied)
    assert [content.item_id for content in KitContent.objects.all()] == [rice]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"item": "SOAP", "quantity": ""}, "Fill this in too"),
        ({"item": "", "quantity": "3"}, "Fill this in too"),
        ({"item": "SOAP", "quantity": "-1"}, "more than zero"),
        ({"item": "SOAP", "quantity": "many"}, "Enter a number"),
        ({"item": "SOAP", "quantity": "1", "unit": "l"}, "l cannot be counted in pc"),
        ({"item": "BOX", "quantity": "1"}, "The kit would hold itself"),
        ({"item": "CRATE", "quantity": "1"}, "The kit would hold itself"),
    ],
)
def test_a_wrong_row_is_said_and_stays_typed(
    coordinator: Client, cast: Cast, catalogue: dict[str, Item], row: dict[str, str], words: str
) -> None:
    set_kit_contents(**who(cast), kit=catalogue["CRATE"], contents={catalogue["BOX"]: Decimal(2)})
    sent = dict(row)
    if row["item"]:
        sent["item"] = str(catalogue[row["item"]].pk)
    if row.get("unit"):
        sent["unit"] = str(Unit.objects.get(symbol=row["unit"]).pk)
    response = coordinator.post("/supplies/BOX/contents/", rows("contents", sent))
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert f'value="{row["quantity"]}"' in page or not row["quantity"]
    assert not catalogue["BOX"].contents.exists()


def test_one_item_in_two_rows_is_refused_by_name(coordinator: Client, catalogue: dict[str, Item]) -> None:
    soap = {"item": catalogue["SOAP"].pk, "quantity": "1"}
    page = coordinator.post("/supplies/BOX/contents/", rows("contents", soap, soap)).content.decode()
    assert "Soap: in two rows" in page


def test_of_two_who_change_a_kit_the_second_sees_what_the_first_put_in(
    coordinator: Client, cast: Cast, catalogue: dict[str, Item]
) -> None:
    page = coordinator.get("/supplies/BOX/contents/").content.decode()
    seen = page.split('name="version" value="')[1].split('"')[0]
    set_kit_contents(**who(cast), kit=catalogue["BOX"], contents={catalogue["RICE"]: Decimal(3)})
    response = coordinator.post("/supplies/BOX/contents/", rows("contents", version=seen))
    assert response.status_code == 422
    assert "Rice 3 kg" in response.content.decode()
    assert catalogue["BOX"].contents.exists()


def test_needs_are_changed_on_the_page(coordinator: Client, catalogue: dict[str, Item]) -> None:
    figure = {"quantity": "400", "unit": Unit.objects.get(symbol="g").pk, "whom": "person", "how_often": "day",
              "source": "WFP", "valid_from": "2026-05-01", "purpose": "", "note": "per adult"}  # fmt: skip
    spare = {"whom": "person", "how_often": "once", "valid_from": "2026-11-25", "quantity": ""}
    assert coordinator.post("/supplies/RICE/needs/", rows("needs", figure, spare)).status_code == 302
    need = Need.objects.get()
    assert (need.quantity, need.source, need.valid_from) == (Decimal("0.4"), "WFP", date(2026, 5, 1))
    page = coordinator.get("/supplies/RICE/needs/").content.decode()
    assert 'value="0.4"' in page
    assert f'value="{Unit.objects.get(symbol="l").pk}">l' not in page
    wrong = {**figure, "pk": need.pk, "valid_from": "31.02.2026"}
    response = coordinator.post("/supplies/RICE/needs/", rows("needs", wrong))
    assert (response.status_code, "Enter a valid date" in response.content.decode()) == (422, True)
    without = {**figure, "pk": need.pk, "source": ""}
    assert "Fill this in too" in coordinator.post("/supplies/RICE/needs/", rows("needs", without)).content.decode()
    emptied = {
        "pk": need.pk,
        "quantity": "",
        "source": "",
        "whom": "person",
        "how_often": "day",
        "valid_from": "2026-05-01",
    }
    coordinator.post("/supplies/RICE/needs/", rows("needs", emptied))
    assert not Need.objects.exists()


def test_a_kit_of_many_things_costs_no_more_queries(
    coordinator: Client, cast: Cast, catalogue: dict[str, Item]
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get("/supplies/BOX/contents/").status_code == 200
        return len(queries)

    coordinator.get("/supplies/BOX/contents/")
    set_kit_contents(**who(cast), kit=catalogue["BOX"], contents={catalogue["SOAP"]: Decimal(1)})
    few = count()
    many = {catalogue[code]: Decimal(1) for code in ("SOAP", "RICE", "WATER", "CRATE")}
    set_kit_contents(**who(cast), kit=catalogue["BOX"], contents=many)
    assert count() == few
