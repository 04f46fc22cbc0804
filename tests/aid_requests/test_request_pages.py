"""Pages of requests: forms that keep what was typed, lists that cost the same, and nothing for whom it is not."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from aid_requests.asking import save_draft
from aid_requests.lines import LineDraft
from aid_requests.list_page import RequestList
from aid_requests.models import (
    AidRequest,
    Attachment,
    DuplicatePair,
    PairState,
    RequestState,
    RoutingRule,
    StepDeadline,
)
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import Cast, SignIn, actor

pytestmark = pytest.mark.django_db


def typed(asking: Asking, **changes: Any) -> dict[str, Any]:
    """What a camp manager types for 200 blankets."""
    return {
        "site": asking.camp.pk, "purpose": "the nights are cold", "notify_by": "none",
        "lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0, "lines-0-item": asking.blanket.pk, "lines-0-quantity": "200",
        "lines-0-kind": "goods", "lines-0-priority": "high", "lines-0-item_text": "?", **changes,
    }  # fmt: skip


def post(client: Client, address: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(address, data or {}, follow=True)


def test_a_camp_manager_asks_and_a_coordinator_verifies_accepts_and_forwards(asking: Asking, sign_in: SignIn) -> None:
    data = typed(asking)
    data["lines-0-item_text"] = str(asking.blanket)
    page = post(sign_in(asking.bahar), "/requests/add/", data).content.decode()
    request = AidRequest.objects.get()
    assert request.state == RequestState.SUBMITTED and request.lines.get().item == asking.blanket
    assert request.code in page and "the nights are cold" in page
    aina = sign_in(asking.aina)
    for step in ("verify", "accept"):
        post(aina, f"/requests/{request.code}/step/{step}/")
    page = post(aina, f"/requests/{request.code}/step/forward/", {"to": asking.cast.water.pk, "reason": "yours"})
    request.refresh_from_db()
    assert request.state == RequestState.FORWARDED and request.responsible == asking.cast.water
    refused = aina.post(f"/requests/{request.code}/step/refuse/", {"reason": ""})
    assert refused.status_code == 422 and "Give the reason" in refused.content.decode()


def test_words_the_catalogue_does_not_know_are_kept_and_wait_to_be_named(asking: Asking, sign_in: SignIn) -> None:
    data = typed(asking, **{"lines-0-item": "", "lines-0-item_text": "warm felt rugs"})
    post(sign_in(asking.bahar), "/requests/add/", data)
    line = AidRequest.objects.get().lines.get()
    assert line.description == "warm felt rugs"
    page = sign_in(asking.aina).get("/requests/not-in-the-catalogue/").content.decode()
    assert "warm felt rugs" in page and f"/lines/{line.pk}/item/" in page


def test_an_unlikely_quantity_is_asked_back_and_nothing_typed_is_lost(asking: Asking, sign_in: SignIn) -> None:
    data = typed(asking, **{"lines-0-item_text": str(asking.blanket), "lines-0-quantity": "20000", "people": "100"})
    client = sign_in(asking.bahar)
    answer = client.post("/requests/add/", data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "is this right" in page and 'value="20000"' in page
    assert "the nights are cold" in page and 'name="confirmed"' in page
    post(client, "/requests/add/", {**data, "confirmed": "on"})
    assert AidRequest.objects.get().lines.get().quantity == 20000


def test_a_wrong_row_says_what_is_wrong_at_its_place(asking: Asking, sign_in: SignIn) -> None:
    data = typed(asking, **{"lines-0-item_text": str(asking.blanket), "lines-0-unit": "barrel"})
    answer = sign_in(asking.bahar).post("/requests/add/", data)
    assert answer.status_code == 422 and "use one of" in answer.content.decode()
    assert not AidRequest.objects.exists()


def test_a_draft_is_seen_by_its_writer_only_and_submitted_later(asking: Asking, sign_in: SignIn) -> None:
    data = typed(asking, **{"lines-0-item_text": str(asking.blanket), "keep": "draft"})
    client = sign_in(asking.bahar)
    post(client, "/requests/add/", data)
    draft = AidRequest.objects.get()
    assert draft.state == RequestState.DRAFT
    assert sign_in(asking.cast.murad).get(draft.get_absolute_url()).status_code == 404
    assert sign_in(asking.aina).get(draft.get_absolute_url()).status_code == 404
    data.pop("keep")
    data |= {"lines-0-pk": draft.lines.get().pk, "lines-INITIAL_FORMS": 1}
    post(client, f"/requests/{draft.code}/change/", data)
    draft.refresh_from_db()
    assert draft.state == RequestState.SUBMITTED


def test_names_numbers_and_files_are_for_those_who_handle_the_request(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    request = ask(reporter_name="Maral", reporter_phone="+99365123456", reported_by="Maral")
    for user in (asking.aina, asking.bahar, asking.cast.lale):
        assert "+99365123456" in sign_in(user).get(request.get_absolute_url()).content.decode()
    onlooker = sign_in(asking.cast.oraz)
    page = onlooker.get(request.get_absolute_url()).content.decode()
    assert request.title in page and "Maral" not in page and "99365123456" not in page
    assert request.follow_key not in page
    history = onlooker.get(f"/history/requests/aidrequest/{request.pk}/").content.decode()
    assert "Maral" not in history and "99365123456" not in history and request.follow_key not in history
    assert onlooker.get(f"/requests/{request.code}/change/").status_code == 403
    assert onlooker.post(f"/requests/{request.code}/step/verify/").status_code == 403
    assert Client().get(request.get_absolute_url()).status_code == 302


def test_photos_lose_their_hidden_data_and_what_is_not_what_it_says_is_refused(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    request, client = ask(), sign_in(asking.bahar)
    address = f"/requests/{request.code}/files/add/"
    picture = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    Image.new("RGB", (40, 30), "red").save(picture, "JPEG", exif=exif)
    post(client, address, {"file": SimpleUploadedFile("a.jpg", picture.getvalue())})
    kept = Attachment.objects.get()
    assert kept.kind == "jpg" and b"SecretCamera" not in kept.file.read()
    assert client.get(f"/requests/{request.code}/files/{kept.pk}/").status_code == 200
    assert sign_in(asking.cast.oraz).get(f"/requests/{request.code}/files/{kept.pk}/").status_code == 403
    for name, content, sentence in (
        ("a.pdf", b"MZ\x90 not a pdf", "called a PDF but is none"),
        ("a.jpg", b"<script>alert(1)</script>", "neither a photo nor a PDF"),
        ("a.pdf", b"%PDF-1.4 /JavaScript (x) %%EOF", "holds programs"),
        ("a.pdf", b"%PDF-1.4 cut off", "not whole"),
    ):
        answer = client.post(address, {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422 and sentence in answer.content.decode()
        by_api = client.post(f"/api/v1/requests/{request.code}/files/", {"file": SimpleUploadedFile(name, content)})
        assert by_api.status_code == 400 and sentence in by_api.content.decode()

    def send(by: Any) -> Any:
        whole = SimpleUploadedFile("b.pdf", b"%PDF-1.4 whole %%EOF")
        return sign_in(by).post(f"/api/v1/requests/{request.code}/files/", {"file": whole, "caption": "list"})

    sent = send(asking.bahar)
    assert sent.status_code == 201 and (sent.json()["kind"], sent.json()["caption"]) == ("pdf", "list")
    assert send(asking.cast.outsider).status_code == send(asking.cast.oraz).status_code == 403
    Attachment.objects.exclude(pk=kept.pk).delete()
    assert Attachment.objects.count() == 1


def test_the_list_costs_the_same_for_few_and_many(asking: Asking, ask: Ask, sign_in: SignIn) -> None:
    client = sign_in(asking.aina)
    ask()
    client.get("/requests/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/requests/").status_code == 200
        return len(captured)

    before = queries()
    for number in range(1, 9):
        ask(quantity=number, reporter_phone=f"+9936512345{number}")
    assert queries() == before


FILTERS = (
    "text=blanket", "state=submitted", "is_open=true", "priority=normal", "kind=goods", "is_unrouted=false",
    "is_overdue=false", "is_late=false", "is_claimed=false", "is_mine=false", "is_double=true", "is_false=false",
    "is_released=false", "is_unknown_item=false", "site=Stadium", "item=blanket",
)  # fmt: skip
NONE = (
    "text=lorry", "state=met", "is_open=false", "priority=life", "kind=rescue", "is_unrouted=true", "is_overdue=true",
    "is_late=true", "is_claimed=true", "is_mine=true", "is_false=true", "is_released=true", "is_unknown_item=true",
    "responsible=Nobody", "site=Elsewhere", "item=tarpaulin",
)  # fmt: skip


def test_each_filter_lets_the_right_ones_through(asking: Asking, ask: Ask, sign_in: SignIn) -> None:
    request, _twin = ask(), ask()
    client = sign_in(asking.aina)
    for query in (*FILTERS, f"responsible={asking.cast.water.code}", f"asked_by={asking.cast.relief.code}"):
        assert request.code in client.get(f"/requests/?{query}").content.decode(), query
    for query in NONE:
        assert request.code not in client.get(f"/requests/?{query}").content.decode(), query


def test_a_bulk_step_that_needs_a_reason_asks_for_it_and_does_all_ticked(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    one, other, third = ask(quantity=1), ask(quantity=20), ask(quantity=300)
    client = sign_in(asking.aina)
    answer = client.post("/requests/", {"action": "refuse", "pk": [one.pk, other.pk]})
    assert answer.status_code == 302
    assert client.post(answer.url, {"reason": ""}).status_code == 422
    page = post(client, answer.url, {"reason": "none left"}).content.decode()
    assert "2 requests are refused" in page
    assert set(AidRequest.objects.filter(state=RequestState.REFUSED)) == {one, other}
    post(client, "/requests/", {"action": "claim", "pk": [third.pk]})
    third.refresh_from_db()
    assert third.claimed_by == asking.aina


def test_two_alike_are_shown_side_by_side_merged_and_the_merge_undone(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    one, other = ask(), ask(quantity=190)
    client = sign_in(asking.aina)
    page = client.get("/requests/duplicates/").content.decode()
    assert one.code in page and other.code in page and "same place" in page
    data = {"one": one.code, "other": other.code}
    post(client, "/requests/duplicates/decide/", {**data, "answer": one.code})
    other.refresh_from_db()
    assert other.merged_into == one
    assert "goes on as" in client.get(other.get_absolute_url()).content.decode()
    post(client, "/requests/duplicates/decide/", {**data, "answer": "undo"})
    assert DuplicatePair.objects.get().state == PairState.OPEN
    assert sign_in(asking.cast.lale).get("/requests/duplicates/").status_code == 403


def test_rules_and_deadlines_are_kept_by_coordinators_of_all(asking: Asking, sign_in: SignIn) -> None:
    client = sign_in(asking.aina)
    post(client, "/requests/rules/add/", {"organisation": asking.cast.water.pk, "kind": "rescue", "order": "5"})
    page = client.get("/requests/rules/").content.decode()
    assert "Water Now" in page and "rescue" in page
    rule = RoutingRule.objects.get()
    assert f"/history/requests/routingrule/{rule.pk}/" in client.get(f"/requests/rules/{rule.pk}/").content.decode()
    assert client.get(f"/history/requests/routingrule/{rule.pk}/").status_code == 200
    post(client, "/requests/rules/deadlines/", {"submitted-life": "2"})
    assert StepDeadline.objects.get().hours == 2
    assert client.post("/requests/rules/deadlines/", {"submitted-life": "0"}).status_code == 422
    barred = sign_in(asking.cast.murad)
    assert barred.get("/requests/rules/add/").status_code == 403
    assert barred.post("/requests/rules/deadlines/", {"submitted-life": "9"}).status_code == 403


def test_every_page_opens_in_an_empty_operation_and_leads_on(asking: Asking, sign_in: SignIn) -> None:
    client = sign_in(asking.aina)
    for address in ("", "ageing/", "duplicates/", "not-in-the-catalogue/", "rules/", "add/"):
        assert client.get(f"/requests/{address}").status_code == 200, address
    assert sign_in(asking.cast.outsider).get("/requests/").status_code == 200
    assert client.get("/requests/R9999/").status_code == 404


def test_a_draft_can_be_thrown_away_by_its_writer(asking: Asking, sign_in: SignIn) -> None:
    draft = save_draft(
        by=actor(asking.bahar), operation=asking.operation, lines=[LineDraft(Decimal(5), description="x")]
    )
    post(sign_in(asking.bahar), f"/requests/{draft.code}/discard/")
    assert not AidRequest.objects.exists()


def test_an_empty_list_offers_an_import_if_somebody_plugs_its_table_in(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = sign_in(cast.aina), reverse("exchange:upload", args=["requests.requestline"])
    page = client.get("/requests/").content.decode()
    assert "Nothing here yet" in page and address in page
    monkeypatch.setattr(RequestList, "exchange_key", "requests.nobody")
    page = client.get("/requests/").content.decode()
    assert "Nothing here yet" in page and "/exchange/requests" not in page


def test_whole_requests_are_taken_out_as_the_list_is_filtered(asking: Asking, ask: Ask, sign_in: SignIn) -> None:
    client, request = sign_in(asking.aina), ask()
    address = reverse("exchange:export", args=["requests.requestline"]) + "?format=hxl"
    page = client.get("/requests/?text=" + request.code).content.decode()
    assert address.split("?")[0] in page
    assert request.code in client.get(f"{address}&text={request.code}").getvalue().decode()
    assert request.code not in client.get(f"{address}&text=nothing+like+it").getvalue().decode()
