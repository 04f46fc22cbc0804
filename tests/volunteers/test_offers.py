"""Accepted pledges are offered for needs, and nothing is promised twice, also by two at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from komek.extensions import Viewer
from komek.extensions.offers import Need, offers
from komek.extensions.pledged import pledged
from tests.camps.test_health_and_hospital_races import at_once
from tests.conftest import actor, point
from tests.volunteers.conftest import Give, Giving
from volunteers.life_cycle import send
from volunteers.models import Pledge, PledgeState, PledgeUse

PLUG: Any = offers.get("volunteers.pledges")


def need(giving: Giving, wanted_by: date | None = None, **fields: Any) -> Need:
    asked: dict[str, Any] = {
        "item_id": giving.blanket.pk, "skill": None, "quantity": Decimal(50), "longitude": 58.4, "latitude": 38.2,
        "wanted_by": wanted_by, **fields,
    }  # fmt: skip
    return Need(**asked)


def soon() -> Any:
    return timezone.now() + timedelta(days=1)


@pytest.mark.django_db
def test_what_is_free_is_offered_nearest_first_and_only_while_it_can_be_had(giving: Giving, give: Give) -> None:
    today = timezone.localdate()
    far = give(location=point(60.0, 38.2))
    near = give(location=point(58.5, 38.2), is_public=True)
    give(accepted=False, location=point(58.4, 38.2))
    give(location=point(58.4, 38.2), valid_from=today + timedelta(days=20))
    viewer = Viewer(user=giving.cast.lale, operation=giving.operation)
    found = PLUG.find(need(giving), viewer, 10)
    assert [one.reference for one in found] == [near.code, far.code]
    assert (found[0].longitude, found[0].latitude) == (58.5, 38.2)
    assert "Maral" in found[0].title and "anonymous donor" in found[1].title
    assert 8_000 < found[0].distance_m < 10_000
    assert len(PLUG.find(need(giving, today + timedelta(days=30)), viewer, 10)) == 3
    everywhere = PLUG.of_items([giving.blanket.pk], viewer, 10)
    assert [one.reference for one in everywhere[giving.blanket.pk]] == [far.code, near.code]
    assert [len(some) for some in PLUG.of_items([giving.blanket.pk], viewer, 1).values()] == [1]
    doctors = give(kind="people", description="surgeons", quantity=2)
    skilled = PLUG.find(need(giving, item_id=None, skill="Surgeons"), viewer, 10)
    assert [(one.reference, one.quantity) for one in skilled] == [(doctors.code, 2)]
    assert list(PLUG.find(need(giving), Viewer(user=None, operation=giving.operation), 10)) == []


@pytest.mark.django_db
def test_reserved_released_and_brought_through_the_socket(giving: Giving, give: Give) -> None:
    pledge = give()
    viewer = Viewer(user=giving.aina, operation=giving.operation)
    by = actor(giving.cast.lale).because("R1234")
    assert dict(next(iter(pledged)).by_item(viewer)) == {giving.blanket.pk: 100}
    held = PLUG.reserve(pledge.code, Decimal(70), soon(), by)
    assert PLUG.find(need(giving), viewer, 10)[0].quantity == 30
    with pytest.raises(ValueError, match="Only 30 pc"):
        PLUG.reserve(pledge.code, Decimal(31), soon(), by)
    first = PLUG.start_delivery(held, site_id=giving.camp.pk, wanted_by=None, request_reference="R1234", by=by)
    again = PLUG.start_delivery(held, site_id=giving.camp.pk, wanted_by=None, request_reference="R1234", by=by)
    assert first == again and first.code == pledge.code
    assert pledge.notices.filter(body__contains="Stadium camp").count() == 1
    other = PLUG.reserve(pledge.code, Decimal(30), soon(), by)
    for _twice in range(2):
        PLUG.release(other, by)
    use = PledgeUse.objects.get(pk=held)
    send(by=actor(giving.aina), operation=giving.operation, pledge=pledge, use=use)
    assert dict(next(iter(pledged)).by_item(viewer)) == {giving.blanket.pk: 30}


@pytest.mark.django_db(transaction=True)
def test_two_who_promise_the_same_blankets_at_once_do_not_both_get_them(giving: Giving, give: Give) -> None:
    pledge = give(notify_by="none")
    refused: list[str] = []

    def work(user: Any) -> Any:
        def run() -> Any:
            try:
                return PLUG.reserve(pledge.code, Decimal(70), soon(), actor(user).because("R1234"))
            except (ValueError, ValidationError) as fault:
                refused.append(str(fault))
                return None

        return run

    at_once(work(giving.aina), work(giving.cast.lale), work(giving.cast.murad))
    assert len(refused) == 2 and "Only 30 pc" in refused[0]
    assert PledgeUse.objects.get().quantity == 70
    assert Pledge.objects.get().state == PledgeState.COMMITTED
