"""Consignments at the browser's and the API's door: every step, refused in sentences, barred to others."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from inventory.map_layers_consignments import ConsignmentsLayer
from inventory.models import Balance, Batch, Consignment, ConsignmentState, Movement
from inventory.receiving_consignments import Arrived, receive_consignment
from komek.extensions import Viewer
from komek.records.actor import SYSTEM
from komek.records.retention import anonymise
from tests.conftest import SignIn, actor
from tests.inventory.conftest import Stores, batch, stocked
from tests.inventory.test_consignments import asked, sent


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_keeper_asks_picks_loads_and_dispatches_by_the_pages(stores: Stores, sign_in: SignIn) -> None:
    stocked(stores, batch(stores), 100, bin=stores.shelf)
    client = sign_in(stores.kerim)
    rows = {"goods-TOTAL_FORMS": 1, "goods-INITIAL_FORMS": 0, "goods-0-item": stores.rice.pk, "goods-0-item_text": "Rice",
            "goods-0-measure": "sack of 25 kg"}  # fmt: skip
    form = {"origin": stores.warehouse.pk, "destination": stores.other.pk, "destination_text": "East store", **rows}
    answer = client.post("/consignments/ask/", {**form, "goods-0-quantity": "two"})
    assert answer.status_code == 422 and "“two” is not a number" in text_of(answer)
    client.post("/consignments/ask/", {**form, "goods-0-quantity": "2"})
    made = Consignment.objects.get()
    assert made.lines.get().quantity == 50
    page = f"/consignments/{made.code}/"
    answer = client.get(f"{page}pick/")
    what = answer.context["rows"][0][2]
    answer = client.post(f"{page}pick/", {"what-0": what, "quantity-0": "30"})
    assert answer.status_code == 422 and "20 kg are missing" in text_of(answer)
    client.post(f"{page}pick/", {"what-0": what, "quantity-0": "30", "allow_less": "on"})
    client.post(f"{page}step/", {"step": "load", "parcel": made.parcels.get().pk})
    answer = client.post(f"{page}dispatch/", {"occurred_at": "2020-01-01T10:00"})
    assert answer.status_code == 422 and "Say what carries the goods" in text_of(answer)
    made.refresh_from_db()
    assert made.state == ConsignmentState.LOADED


def test_receiving_short_keeps_what_was_typed_until_the_gap_is_explained(stores: Stores, sign_in: SignIn) -> None:
    stocked(stores, batch(stores), 100)
    made = sent(stores)
    client, parcel = sign_in(stores.nur), made.parcels.get()
    page = f"/consignments/{made.code}/receive/"
    form = {"key": "k-1", f"p{parcel.pk}-good": "90", f"p{parcel.pk}-damaged": "3", f"p{parcel.pk}-bin": ""}
    answer = client.post(page, form)
    assert answer.status_code == 422 and "7 kg are missing, 3 kg are damaged" in text_of(answer)
    assert 'value="90"' in text_of(answer) and not made.deliveries.exists()
    answer = client.post(page, {**form, f"p{parcel.pk}-bin": "Q-1"})
    assert "has no bin “Q-1”" in text_of(answer)
    client.post(page, {**form, f"p{parcel.pk}-explanation": "Torn"})
    count = Movement.objects.count()
    client.post(page, {**form, f"p{parcel.pk}-explanation": "Torn"})
    answer = client.post(page, {**form, "key": "k-2", f"p{parcel.pk}-explanation": "Torn"}, follow=True)
    assert "was received on" in text_of(answer) and Movement.objects.count() == count


def test_a_packing_list_is_read_looked_over_and_is_on_the_way(stores: Stores, sign_in: SignIn) -> None:
    book = openpyxl.Workbook()
    for row in (["Helping Hands"], ["Item", "Qty", "Unit", "Lot", "Expiry"], ["Rice", 4, "sack of 25 kg", "L1", "2031-05-01"],
                ["Tents, green", 5, "pc", "", ""], ["Total", 9]):  # fmt: skip
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    client = sign_in(stores.kerim)
    answer = client.post(
        "/consignments/from-outside/", {"upload": "1", "file": SimpleUploadedFile("list.xlsx", kept.getvalue())}
    )
    said = text_of(answer)
    assert (
        answer.status_code == 200 and "2 lines were read" in said and "“Tents, green” is not in the catalogue" in said
    )
    assert not Consignment.objects.exists()
    answer = client.post("/consignments/from-outside/", {"upload": "1", "file": SimpleUploadedFile("x.pdf", b"%PDF-1")})
    assert answer.status_code == 422 and "This is a PDF file" in text_of(answer)
    form = {
        "destination": stores.warehouse.pk, "sender": "Helping Hands", "occurred_at": "2026-01-01T10:00",
        "goods-TOTAL_FORMS": 1, "goods-INITIAL_FORMS": 0, "goods-0-item": stores.rice.pk, "goods-0-item_text": "Rice",
        "goods-0-quantity": "4", "goods-0-measure": "sack of 25 kg", "goods-0-number": "L1",
    }  # fmt: skip
    answer = client.post("/consignments/from-outside/", {**form, "goods-0-expires_on": "2020-05-01"})
    assert answer.status_code == 422 and "expired on 2020-05-01, before it comes" in text_of(answer)
    client.post("/consignments/from-outside/", {**form, "goods-0-expires_on": "2031-05-01"})
    made = Consignment.objects.get()
    assert made.state == ConsignmentState.DISPATCHED and Batch.objects.get().donor_name == "Helping Hands"
    assert not Balance.objects.filter(quantity__gt=0).exists()
    parcel = made.parcels.get()
    client.post(
        f"/consignments/{made.code}/receive/", {"key": "k", f"p{parcel.pk}-good": "100", f"p{parcel.pk}-bin": "a-01"}
    )
    assert Balance.objects.get(bin=stores.shelf).quantity == 100


def test_the_waybill_is_a_page_and_a_pdf_and_typed_words_are_text(stores: Stores, sign_in: SignIn) -> None:
    stocked(stores, batch(stores, number="<b>7</b>"), 100)
    made = sent(stores)
    client = sign_in(stores.kerim)
    page = text_of(client.get(f"/consignments/{made.code}/waybill/"))
    assert 'class="qr"' in page and "&lt;b&gt;7" in page and "AB 12" in page
    paper = client.get(f"/consignments/{made.code}/waybill.pdf")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")


def test_pages_are_closed_to_the_public_to_waiting_accounts_and_to_another_operation(
    stores: Stores, cast: Any, sign_in: SignIn, client: Any, exercise_operation: Any
) -> None:
    made = asked(stores)
    for part in ("", "waybill/", "waybill.pdf", "receive/", "way.geojson"):
        address = f"/consignments/{made.code}/{part}"
        assert client.get(address).status_code == 302
        assert sign_in(cast.pending).get(address).status_code in (302, 403, 404)
    stores.kerim.current_operation = exercise_operation
    stores.kerim.save()
    assert sign_in(stores.kerim).get(f"/consignments/{made.code}/").status_code == 404
    cast.oraz.current_operation = made.operation
    answer = sign_in(cast.oraz).post(f"/consignments/{made.code}/cancel/", {"reason": "No"})
    assert answer.status_code == 403


def test_the_list_costs_the_same_queries_however_long_it_is(
    stores: Stores, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for _n in range(6):
        asked(stores)
    client = sign_in(stores.kerim)
    with django_assert_max_num_queries(16):
        answer = client.get("/consignments/?state=requested&text=East")
    assert text_of(answer).count("asked for") >= 6
    assert "asked for</td>" not in text_of(client.get("/consignments/?is_late=true"))


def test_the_api_takes_every_step_once(stores: Stores, sign_in: SignIn) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100)
    client = sign_in(stores.kerim)

    def post(path: str, data: Any, **headers: str) -> Any:
        return client.post(f"/api/v1/consignments/{path}", json.dumps(data), "application/json", headers=headers)

    asking = {"origin": stores.warehouse.code, "destination": stores.other.code,
              "lines": [{"item": "FOOD-RICE", "quantity": "100"}]}  # fmt: skip
    first = post("", asking, **{"Idempotency-Key": "phone-00001"})
    assert first.status_code == 201, first.content
    code = first.json()["code"]
    assert post("", asking, **{"Idempotency-Key": "phone-00001"}).json()["code"] == code
    tag = first["ETag"]

    def act(name: str, data: Any, who: Any = client) -> Any:
        nonlocal tag
        tag = who.get(f"/api/v1/consignments/{code}/")["ETag"]
        return who.post(
            f"/api/v1/consignments/{code}/{name}/", json.dumps(data), "application/json", headers={"If-Match": tag}
        )

    picked = act("pick", {})
    assert picked.status_code == 200, picked.content
    parcel = picked.json()["parcels"][0]["id"]
    assert act("load", {"parcels": [parcel]}).json()["state"] == "loaded"
    assert act("depart", {"vehicle": "AB 12"}).json()["state"] == "dispatched"
    where = {"location": {"type": "Point", "coordinates": [59, 38]}}
    assert act("position", where).json()["state"] == "in_transit"
    viewer = Viewer(user=stores.kerim, operation=stores.warehouse.operation)
    row = ConsignmentsLayer().queryset(viewer).get()
    assert (row.place.x, row.place.y) == (59, 38) and ConsignmentsLayer().popup(row)["title"] == code
    line = {"parcel": parcel, "good": "90"}
    assert act("receive", {"lines": [line], "is_last": True}).status_code == 403
    nur = sign_in(stores.nur)
    refused = act("receive", {"lines": [line], "is_last": True}, nur)
    assert refused.status_code in (400, 422) and "10 kg are missing" in refused.content.decode()
    line["explanation"] = "Fell off"
    assert act("receive", {"lines": [line], "is_last": True}, nur).json()["state"] == "received"
    assert Balance.objects.get(warehouse=stores.other).quantity == Decimal(90)


@pytest.mark.parametrize("path", ["", "?state=received"])
def test_the_api_is_closed_without_an_account(client: Any, path: str, db: None) -> None:
    assert client.get(f"/api/v1/consignments/{path}").status_code in (401, 403)


def test_the_drivers_name_and_phone_are_for_those_at_both_ends(stores: Stores, cast: Any, sign_in: SignIn) -> None:
    stocked(stores, batch(stores), 100)
    made = sent(stores)
    Consignment.objects.filter(pk=made.pk).update(driver="Sapar", driver_phone="+99365123456")
    doors = [f"/consignments/{made.code}/", f"/consignments/{made.code}/waybill/", f"/api/v1/consignments/{made.code}/"]
    doors.append(f"/history/inventory/consignment/{made.pk}/")
    for user, is_told in ((stores.kerim, True), (stores.nur, True), (cast.oraz, False)):
        client = sign_in(user)
        for door in doors:
            said = client.get(door).content.decode()
            assert ("Sapar" in said) is is_told, (str(user), door)
            assert ("65123456" in said.replace(" ", "")) is is_told, (str(user), door)


def test_who_carries_it_changes_on_the_road_and_the_drivers_name_goes_half_a_year_after(
    stores: Stores, cast: Any, sign_in: SignIn
) -> None:
    stocked(stores, batch(stores), 100)
    made = sent(stores)
    client, door = sign_in(stores.kerim), f"/consignments/{made.code}/carrier/"
    assert door in client.get(f"/consignments/{made.code}/").content.decode()
    assert 'value="' + made.vehicle in client.get(door).content.decode()
    form = {
        "vehicle": "AG 77",
        "driver": "Maral",
        "driver_phone": "+99365123456",
        "carrier": "",
        "route": "",
        "seal": "S1",
    }
    early = client.post(door, {**form, "expected_at": "2001-01-01T10:00"})
    assert early.status_code == 422 and "arrive before it leaves" in early.content.decode()
    assert "Say what carries the goods" in client.post(door, {**form, "vehicle": " "}).content.decode()
    assert client.post(door, form).status_code == 302
    made.refresh_from_db()
    assert (made.vehicle, made.driver, made.seal, made.state) == ("AG 77", "Maral", "S1", "dispatched")
    assert sign_in(cast.oraz).post(door, form).status_code == 403

    receive_consignment(
        by=actor(stores.nur), consignment=made, is_last=True, lines=[Arrived(one, good=one.quantity) for one in made.parcels.all()]
    )  # fmt: skip
    assert "was received" in client.post(door, {**form, "vehicle": "XX 1"}).content.decode()
    for days, driver in ((170, "Maral"), (190, "")):
        anonymise(by=SYSTEM, now=timezone.now() + timedelta(days=days), keys=["inventory.drivers"])
        made.refresh_from_db()
        assert (made.driver, made.vehicle) == (driver, "AG 77")
    assert not made.events.filter(driver="Maral").exists()  # type: ignore[attr-defined]
