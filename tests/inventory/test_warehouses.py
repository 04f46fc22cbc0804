"""Warehouses: registered, adopted, laid out in zones and bins, with keepers, levels and temperatures; and their pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from inventory.models import Bin, Condition, StockLevel, TemperatureReading, Warehouse, Zone, ZoneKind
from inventory.refusals import Refused
from inventory.warehouses import adopt_warehouse, change_warehouse, set_level
from inventory.zones import add_bins, change_bin, change_zone, is_breach, labels_in, report_temperature
from komek.accounts.roles import Role
from komek.operations.models import Operation
from orgs.models import Site, SiteKind
from tests.conftest import Cast, SignIn, actor, member, person, point
from tests.inventory.conftest import Stores, batch, stocked
from tests.inventory.test_stock_pages import rows


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("A-01", ["A-01"]),
        ("A-01\n B 2 , C", ["A-01", "B 2", "C"]),
        ("A-08..A-10", ["A-08", "A-09", "A-10"]),
        ("R1..3", ["R1", "R2", "R3"]),
        ("A-01..B-03", ["A-01..B-03"]),
        ("", []),
    ],
)
def test_racks_are_numbered_through(text: str, labels: list[str]) -> None:
    assert labels_in(text) == labels


@pytest.mark.parametrize("text", ["A-09..A-01", "A-1..A-999999"])
def test_a_row_of_bins_that_goes_backwards_or_has_no_end_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no row of bins"):
        labels_in(text)


def test_bins_are_made_all_or_none_and_not_taken_out_of_use_while_goods_lie_there(stores: Stores) -> None:
    by = {"by": actor(stores.kerim), "operation": stores.warehouse.operation}
    with pytest.raises(Refused, match="“a-02” already"):
        add_bins(**by, zone=stores.zone, labels=["B-01", "a-02"])
    assert Bin.objects.count() == 2
    first, second = add_bins(**by, zone=stores.zone, labels=["B-01", "B-02"])
    assert stores.second_shelf.pick_order < first.pick_order < second.pick_order
    stocked(stores, batch(stores), 5, bin=first)
    with pytest.raises(Refused, match="Move them first"):
        change_bin(**by, bin=first, is_active=False)
    with pytest.raises(Refused, match="Move them first"):
        change_zone(**by, zone=stores.zone, is_active=False)
    with pytest.raises(PermissionDenied):
        add_bins(by=actor(stores.nur), operation=stores.warehouse.operation, zone=stores.zone, labels=["C-1"])


def test_a_site_becomes_a_warehouse_once_keeps_its_code_and_only_by_its_own_people(stores: Stores, cast: Cast) -> None:
    clinic = Site.objects.create(
        operation=cast.operation,
        organisation=cast.relief,
        name="Clinic 4",
        kind=SiteKind.CLINIC,
        location=point(58, 38),
    )
    with pytest.raises(PermissionDenied):
        adopt_warehouse(by=actor(stores.nur), operation=cast.operation, site=clinic)
    # The site is its organisation's coordinator's to change; a keeper may not turn it into something else.
    made = adopt_warehouse(by=actor(cast.murad), operation=cast.operation, site=clinic)
    assert (made.code, made.name, made.kind) == (clinic.code, "Clinic 4", SiteKind.CLINIC)
    with pytest.raises(Refused, match="already"):
        adopt_warehouse(by=actor(cast.murad), operation=cast.operation, site=clinic)
    assert Site.objects.filter(code=clinic.code).count() == 1


def test_a_cold_range_the_wrong_way_round_and_a_warehouse_given_away_are_refused(stores: Stores, cast: Cast) -> None:
    by = {"by": actor(stores.kerim), "operation": cast.operation, "warehouse": stores.warehouse}
    with pytest.raises(Refused, match="colder"):
        change_warehouse(**by, coldest_c=Decimal(8), warmest_c=Decimal(2))
    with pytest.raises(PermissionDenied):
        change_warehouse(**by, organisation=cast.water)
    assert Warehouse.objects.get(pk=stores.warehouse.pk).organisation == cast.relief


def test_a_reading_outside_the_range_breaks_the_cold_chain(stores: Stores, sign_in: SignIn) -> None:
    cold = Zone.objects.create(
        warehouse=stores.warehouse, name="Cold", kind=ZoneKind.COLD, coldest_c=Decimal(2), warmest_c=Decimal(8)
    )
    by = {"by": actor(stores.kerim), "operation": stores.warehouse.operation, "warehouse": stores.warehouse}
    assert is_breach(report_temperature(**by, zone=cold, celsius=Decimal("8.1")))
    assert not is_breach(report_temperature(**by, zone=cold, celsius=Decimal(8)))
    assert not is_breach(report_temperature(**by, celsius=Decimal(30)))  # the hall keeps no range
    for wrong in (Decimal("NaN"), Decimal(300)):
        with pytest.raises(Refused, match="cannot be true"):
            report_temperature(**by, zone=cold, celsius=wrong)
    assert TemperatureReading.objects.count() == 3
    # Several rooms with readings, two of them of one room: the desk, the list and the page open all the same.
    keeper = sign_in(stores.kerim)
    home = f"/warehouses/{stores.warehouse.code}"
    assert {keeper.get(page).status_code for page in ("/", "/warehouses/", f"{home}/temperatures/")} == {200}
    assert "cold chain broken" in keeper.get(f"{home}/temperatures/").content.decode()


def test_a_warehouse_is_registered_laid_out_and_read_in_the_browser(
    stores: Stores, cast: Cast, sign_in: SignIn
) -> None:
    keeper = sign_in(stores.kerim)
    told = {
        "name": "Tent 2", "organisation": cast.relief.pk, "location": "38.1, 58.2", "opening": "open",
        "lorry_access": "t10", "silent_after_days": "7", "volume_m3": "300", "_once": "a",
    }  # fmt: skip
    wrong = keeper.post("/warehouses/add/", {**told, "location": "95, 200"})
    assert wrong.status_code == 422 and 'value="Tent 2"' in wrong.content.decode()
    made = keeper.post("/warehouses/add/", told)
    house = Warehouse.objects.get(name="Tent 2")
    assert made["Location"] == f"/warehouses/{house.code}/" and house.code.startswith("W")
    home = f"/warehouses/{house.code}"
    keeper.post(f"{home}/zones/add/", {"name": "Hall", "kind": "general", "is_active": "on", "_once": "b"})
    zone = house.zones.get()
    keeper.post(f"{home}/zones/{zone.pk}/bins/", {"labels": "A-1..A-3", "_once": "c"})
    assert list(house.bins.values_list("label", flat=True)) == ["A-1", "A-2", "A-3"]
    once_more = keeper.post(f"{home}/zones/{zone.pk}/bins/", {"labels": "A-3", "_once": "d"})
    assert once_more.status_code == 422 and "already" in once_more.content.decode()
    keepers = rows({"user": stores.kerim.pk, "phone": "+99312345678"}, {"name": "Night guard"}, prefix="keepers")
    assert keeper.post(f"{home}/keepers/", {**keepers, "_once": "e"}).status_code == 302
    levels = rows({"item": stores.rice.pk, "minimum": "500", "target": "800"}, prefix="levels")
    assert keeper.post(f"{home}/levels/change/", {**levels, "_once": "f"}).status_code == 302
    assert StockLevel.objects.get(warehouse=house).target == 800
    upside_down = rows({"item": stores.rice.pk, "minimum": "500", "target": "8"}, prefix="levels")
    assert keeper.post(f"{home}/levels/change/", {**upside_down, "_once": "g"}).status_code == 422
    page = sign_in(cast.oraz).get(f"{home}/").content.decode()
    assert "Night guard" in page and "1 item is below its minimum" in page and "/receive/" not in page
    assert "800" in sign_in(cast.oraz).get(f"{home}/levels/").content.decode()
    for door in ("change", "keepers", "levels/change", "zones/add", "temperatures/add"):
        assert sign_in(stores.nur).get(f"{home}/{door}/").status_code == 403


def test_the_list_says_what_expires_what_lacks_and_what_is_silent_in_a_constant_number_of_queries(
    stores: Stores, cast: Cast, sign_in: SignIn, django_assert_max_num_queries: object
) -> None:
    stocked(stores, batch(stores, days=10), 100, bin=stores.shelf)
    stocked(stores, batch(stores, days=-1), 7, condition=Condition.QUARANTINE)
    set_level(
        by=actor(stores.kerim), operation=cast.operation, warehouse=stores.warehouse, item=stores.rice,
        minimum=Decimal(101),
    )  # fmt: skip
    client = sign_in(cast.oraz)
    page = client.get("/warehouses/").content.decode()
    assert "1 expired" in page and 'class="badge badge-danger">1</span>' in page
    found = {
        query: [name for name in ("Central store", "East store") if name in client.get(f"/warehouses/?{query}").content.decode()]
        for query in ("has_stock=true", "has_expiring=true", "is_below=true", "is_below=false", f"text={stores.other.code}")
    }  # fmt: skip
    assert found == {
        "has_stock=true": ["Central store"], "has_expiring=true": ["Central store"], "is_below=true": ["Central store"],
        "is_below=false": ["East store"], f"text={stores.other.code}": ["East store"],
    }  # fmt: skip
    for place in range(5):
        Warehouse.objects.create(
            operation=cast.operation, organisation=cast.relief, name=f"Tent {place}", kind=SiteKind.WAREHOUSE,
            location=point(58, 38),
        )  # fmt: skip
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get("/warehouses/")
    assert len(client.get("/warehouses.geojson").json()["features"]) == 7


def test_an_exercise_sees_no_real_warehouse(stores: Stores, exercise_operation: object, sign_in: SignIn) -> None:
    trainee = person("Trainee", current_operation=exercise_operation)
    member(trainee, stores.warehouse.organisation, Role.WAREHOUSE_KEEPER)
    client = sign_in(trainee)
    assert client.get(f"/warehouses/{stores.warehouse.code}/").status_code == 404
    assert "Central store" not in client.get("/warehouses/").content.decode()
    assert client.get("/warehouses.geojson").json()["features"] == []


def test_a_warehouse_of_the_standing_register_shows_each_operation_its_own_goods(
    stores: Stores, sign_in: SignIn
) -> None:
    Site.objects.filter(pk=stores.warehouse.pk).update(operation=None)
    stocked(stores, batch(stores, number="FLOOD-1"), 5)
    other = Operation.objects.create(slug="flood", name="Flood")
    onlooker = person("Onlooker", current_operation=other)
    member(onlooker, stores.warehouse.organisation, Role.VIEWER)
    client = sign_in(onlooker)
    pages = (f"/stock/items/{stores.rice.code}/", f"/warehouses/{stores.warehouse.code}/places/", "/stock/movements/")
    assert {client.get(page).status_code for page in pages} == {200}
    assert not any("FLOOD-1" in client.get(page).content.decode() for page in pages)
    assert "FLOOD-1" in sign_in(stores.kerim).get(pages[0]).content.decode()
