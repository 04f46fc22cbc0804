"""From offers to a promise, a consignment and what came of it; and from goods to who needs them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from aid_requests.arrivals import RequestsArrivals
from aid_requests.committing import commit_offer, release
from aid_requests.demands import RequestDemands
from aid_requests.matching import matches_for
from aid_requests.models import AidRequest, Commitment, CommitmentState, NotifyBy, RequestState
from aid_requests.needed import still_needed
from aid_requests.refusals import Refused
from komek.extensions import Viewer
from komek.extensions.arrivals import Arrival, Event
from komek.extensions.offers import Address, Delivery, Need, Offer, offers
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import SignIn, actor

pytestmark = pytest.mark.django_db


@dataclass
class Shelf:
    """Offers of 150 pieces nearby and 500 far away, and what is held of them."""

    key = "inventory.test"
    title = "Shelf"

    def __post_init__(self) -> None:
        self.stock = {"near": Decimal(150), "far": Decimal(500)}
        self.held: dict[str, tuple[str, Decimal]] = {}

    def find(self, need: Need, viewer: Viewer, limit: int) -> list[Offer]:
        away = {"near": 2_500.0, "far": 80_000.0}
        return [Offer(name, name, self._free(name), away[name], date(2030, 1, 1)) for name in ("far", "near")]

    def of_items(self, item_ids: Collection[int], viewer: Viewer, limit: int) -> dict[int, list[Offer]]:
        anywhere = Need(None, None, Decimal(0), None, None, None)
        return {item: self.find(anywhere, viewer, limit) for item in item_ids}

    def reserve(self, reference: str, quantity: Decimal, until: datetime, by: Any) -> str:
        if quantity > self._free(reference):
            raise ValueError("Less is left.")
        name = f"held-{len(self.held) + 1}"
        self.held[name] = (reference, quantity)
        return name

    def release(self, reservation: str, by: Any) -> None:
        assert by.user is None  # whoever gives back need not hold a role where the goods are
        self.held.pop(reservation, None)

    def hold_longer(self, reservation: str, until: datetime, by: Any) -> None:
        assert reservation in self.held

    def lock(self, reservations: Sequence[str]) -> None:
        pass

    def people_behind(self, delivery: str) -> Sequence[Address]:
        return ()

    def start_delivery(
        self, reservation: str, *, site_id: int, wanted_by: date | None, request_reference: str, by: Any
    ) -> Delivery:
        return Delivery(f"K-{reservation}", "/consignments/K1/")

    def _free(self, reference: str) -> Decimal:
        return self.stock[reference] - sum((q for name, q in self.held.values() if name == reference), Decimal(0))


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    made = Shelf()
    monkeypatch.setattr(offers, "_plugs", {made.key: made})
    yield made


def told(asking: Asking, commitment: Commitment, event: Event, sent: int, received: int = 0, **fields: Any) -> None:
    arrival = Arrival(
        event=event, key=fields.pop("key", f"K1-{event}"), request_reference=commitment.line.request.code,
        reservation=commitment.reservation, plug=commitment.plug, item_id=asking.blanket.pk, sent=Decimal(sent),
        received=Decimal(received), explanation=fields.pop("explanation", ""), at=timezone.now(), delivery="K1",
        url="/consignments/K1/",
    )  # fmt: skip
    RequestsArrivals().told(arrival, by=actor(asking.bahar))
    commitment.refresh_from_db()


def test_from_a_request_over_an_offer_and_a_short_receipt_to_a_second_promise_and_all_received(
    asking: Asking, ask: Ask, shelf: Shelf, sign_in: SignIn
) -> None:
    mail = {"reporter_name": "Bahar", "reporter_email": "bahar@example.org", "notify_by": NotifyBy.EMAIL}
    request = ask(**mail)
    line = request.lines.get()
    aina = sign_in(asking.aina)
    address = f"/requests/{request.code}/lines/{line.pk}/offers/"
    matches = matches_for(line, Viewer(asking.aina, asking.operation))
    assert [(one.offer.title, one.takes, one.leaves, one.covers) for one in matches.found] == [
        ("near", 150, 0, False), ("far", 200, 300, True),
    ]  # fmt: skip
    page = aina.get(address).content.decode()
    assert page.index("near") < page.index("far") and "2.5 km" in page
    clicked = {"plug": shelf.key, "offer": "near", "quantity": "150", "title": "near", "days": "3"}
    assert aina.post(address, clicked, follow=True).status_code == 200
    first = Commitment.objects.get()
    assert (first.quantity, first.delivery, first.source) == (150, "K-held-1", "stock")
    again = aina.post(address, {**clicked, "quantity": "51"})
    assert again.status_code == 422 and "Only 50" in again.content.decode() and 'value="51"' in again.content.decode()
    told(asking, first, Event.DISPATCHED, 150)
    told(asking, first, Event.RECEIVED, 150, 120, explanation="a bale fell")
    told(asking, first, Event.RECEIVED, 150, 120, explanation="a bale fell")
    request.refresh_from_db()
    assert (first.state, first.received, first.short) == (CommitmentState.RECEIVED, 120, 30)
    assert request.state == RequestState.PARTLY_MET and still_needed(request.lines.get()) == 80
    aina.post(address, {**clicked, "offer": "far", "quantity": "80"})
    second = Commitment.objects.exclude(pk=first.pk).get()
    told(asking, second, Event.DISPATCHED, 80)
    told(asking, second, Event.RECEIVED, 50, 50, key="part one")
    assert second.state == CommitmentState.ON_THE_WAY and still_needed(request.lines.get()) == 0
    told(asking, second, Event.RECEIVED, 30, 30, key="part two")
    request.refresh_from_db()
    assert request.state == RequestState.MET
    page = sign_in(asking.bahar).get(request.get_absolute_url()).content.decode()
    for words in ("a bale fell", "are on the way", "Please confirm", "/consignments/K1/"):
        assert words in page
    assert request.notices.filter(commitment=first).count() >= 1


def test_what_a_plug_holds_is_given_back_with_the_promise_and_nothing_is_held_for_a_refused_one(
    asking: Asking, ask: Ask, shelf: Shelf
) -> None:
    request = ask()
    fields = {"by": actor(asking.aina), "operation": asking.operation, "line": request.lines.get(), "plug": shelf.key}
    made = commit_offer(**fields, offer="near", quantity=Decimal(100))
    with pytest.raises(Refused, match="Less is left"):
        commit_offer(**fields, offer="near", quantity=Decimal(60))
    with pytest.raises(Refused, match="not there any more"):
        commit_offer(**{**fields, "plug": "gone"}, offer="near", quantity=Decimal(1))
    assert list(shelf.held) == ["held-1"]
    release(by=actor(asking.bahar), operation=asking.operation, commitment=made, reason="found others")
    assert not shelf.held and still_needed(request.lines.get()) == 200


def test_a_cancelled_consignment_and_one_that_nobody_promised_count_too(asking: Asking, ask: Ask, shelf: Shelf) -> None:
    request = ask()
    made = commit_offer(
        by=actor(asking.aina), operation=asking.operation, line=request.lines.get(), plug=shelf.key, offer="near",
        quantity=Decimal(100),
    )  # fmt: skip
    told(asking, made, Event.CANCELLED, 100, explanation="the bridge is down")
    assert (made.state, made.reason) == (CommitmentState.RELEASED, "the bridge is down")
    made.reservation = ""
    told(asking, made, Event.DISPATCHED, 70, key="other")
    found = Commitment.objects.get(source="consignment")
    assert (found.quantity, found.state) == (70, CommitmentState.ON_THE_WAY)
    made.reservation = ""
    told(asking, made, Event.RECEIVED, 70, 70, key="other came")
    assert request.lines.get().received == 70 and still_needed(request.lines.get()) == 130


def test_needs_that_goods_fit_come_nearest_first_in_three_queries_and_from_this_operation_only(
    asking: Asking, ask: Ask, sign_in: SignIn, django_assert_num_queries: Any, exercise_operation: Any
) -> None:
    near = ask(quantity=10, confirmed=True)
    far = ask(quantity=20, site=None, landmark="Bridge", location=asking.camp.location.clone())
    AidRequest.objects.filter(pk=far.pk).update(location="SRID=4326;POINT(61 39)")
    other = ask(quantity=30, site=None, landmark="Pass")
    AidRequest.objects.filter(pk=other.pk).update(operation=exercise_operation)
    viewer = Viewer(asking.aina, asking.operation)
    plug = RequestDemands()
    plug.nearest([asking.blanket.pk], longitude=58.4, latitude=38.2, viewer=viewer, limit=5)
    with django_assert_num_queries(3):
        found = plug.nearest([asking.blanket.pk], longitude=58.4, latitude=38.2, viewer=viewer, limit=5)
    assert [one.reference for one in found[asking.blanket.pk]] == [near.code, far.code]
    assert plug.nearest([asking.blanket.pk], longitude=None, latitude=None, viewer=Viewer(None, None), limit=5) == {}
    page = sign_in(asking.aina).get(f"/requests/needs-for/?item={asking.blanket.pk}&longitude=58.4&latitude=38.2")
    assert near.code in page.content.decode() and "km" in page.content.decode()


def test_promising_by_word_and_writing_down_what_came_are_forms_that_keep_what_was_typed(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    request = ask()
    line = request.lines.get()
    bahar = sign_in(asking.bahar)
    base = f"/requests/{request.code}/lines/{line.pk}"
    typed = {"quantity": "500", "source": "purchase", "title": "Bazaar", "until": "2031-01-01T10:00"}
    assert bahar.get(f"{base}/promise/").status_code == 200
    refused = bahar.post(f"{base}/promise/", typed)
    assert refused.status_code == 422 and "Bazaar" in refused.content.decode()
    typed["until"] = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert bahar.post(f"{base}/promise/", {**typed, "quantity": "50"}).status_code == 302
    made = Commitment.objects.get()
    assert "Bazaar" in bahar.get(f"{base}/receive/").content.decode()
    came = {"quantity": "300", "commitment": made.pk, "is_last": "on", "confirmed_by": "Bahar"}
    asked = bahar.post(f"{base}/receive/", came)
    assert asked.status_code == 422 and "Yes, this is right" in asked.content.decode()
    assert bahar.post(f"{base}/receive/", {**came, "quantity": "40"}).status_code == 302
    receipt = line.receipts.get()
    page = bahar.get(request.get_absolute_url()).content.decode()
    assert "confirmed by Bahar" in page and "Bazaar" in page
    assert bahar.post(f"/requests/{request.code}/receipts/{receipt.pk}/take-back/", {"reason": "no"}).status_code == 302
    assert sign_in(asking.cast.outsider).get(f"{base}/promise/").status_code == 403


def test_a_proposal_shares_out_what_there_is_and_what_a_coordinator_accepts_is_promised_row_by_row(
    asking: Asking, ask: Ask, shelf: Shelf, sign_in: SignIn
) -> None:
    shelf.stock = {"near": Decimal(90), "far": Decimal(0)}
    first, second = ask(quantity=100), ask(quantity=80, confirmed=True)
    aina = sign_in(asking.aina)
    page = aina.get("/requests/plan/").content.decode()
    assert first.code in page and second.code in page and "near" in page
    typed: dict[str, Any] = {"row": ["0", "1"]}
    for place, (request, quantity) in enumerate(((first, "50"), (second, "60"))):
        typed |= {
            f"line-{place}": request.lines.get().pk, f"plug-{place}": shelf.key, f"offer-{place}": "near",
            f"title-{place}": "near", f"quantity-{place}": quantity,
        }  # fmt: skip
    answer = aina.post("/requests/plan/", typed)
    assert answer.status_code == 422 and "Less is left" in answer.content.decode()
    assert [(one.line.request, one.quantity) for one in Commitment.objects.all()] == [(first, 50)]
    assert aina.post("/requests/plan/", {**typed, "row": ["1"], "quantity-1": "40"}).status_code == 302
    assert Commitment.objects.count() == 2
    assert sign_in(asking.cast.oraz).get("/requests/plan/").status_code == 403
