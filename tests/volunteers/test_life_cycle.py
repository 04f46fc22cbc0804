"""What becomes of a pledge: the steps, what came of it, and what the donor is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from komek.extensions.arrivals import Arrival, Event, arrivals
from tests.conftest import actor
from tests.volunteers.conftest import Give, Giving
from volunteers import life_cycle
from volunteers.models import NotifyBy, Pledge, PledgeNotice, PledgeState, UseState
from volunteers.moving import free_of
from volunteers.offering import change_pledge, make_pledge
from volunteers.refusals import NeedsConfirmation, Refused
from volunteers.uses import ask_to_bring, commit_pledge, lapse_uses

pytestmark = pytest.mark.django_db


class Heard:
    """Stands in for the registry of requests."""

    key = "tests"

    def __init__(self) -> None:
        self.told_of: list[Arrival] = []

    def told(self, arrival: Arrival, *, by: Any) -> None:
        self.told_of.append(arrival)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    listener = Heard()
    monkeypatch.setattr(arrivals, "_plugs", {"tests": listener})
    return listener


def soon() -> Any:
    return timezone.now() + timedelta(days=1)


def bodies(pledge: Pledge) -> list[str]:
    return [notice.body for notice in pledge.notices.all()]


def test_from_offer_to_use_the_donor_is_told_and_the_asker_hears_what_came(
    giving: Giving, give: Give, heard: Heard
) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    pledge = give(quantity=100)
    use = commit_pledge(**by, pledge=pledge, quantity=Decimal(60), until=soon(), reference="R1234")
    ask_to_bring(**by, use=use, site=giving.camp)
    pledge.refresh_from_db()
    assert pledge.state == PledgeState.COMMITTED and free_of(pledge) == 40
    life_cycle.send(**by, pledge=pledge, use=use)
    life_cycle.receive(**by, pledge=pledge, use=use, quantity=Decimal(50), is_last=True, note="10 were wet")
    assert pledge.state == PledgeState.ACCEPTED and pledge.received == 50 and free_of(pledge) == 50
    life_cycle.receive(**by, pledge=pledge, quantity=Decimal(45), is_last=True)
    assert pledge.state == PledgeState.RECEIVED and pledge.received == 95
    life_cycle.note_use(**by, pledge=pledge, quantity=Decimal(95), words="given to 60 families in Stadium camp")
    assert pledge.state == PledgeState.USED
    life_cycle.thank(**by, pledge=pledge)
    said = [(one.event, one.sent, one.received, one.request_reference, one.reservation) for one in heard.told_of]
    assert said == [
        (Event.DISPATCHED, 60, 0, "R1234", str(use.pk)),
        (Event.RECEIVED, 60, 50, "R1234", str(use.pk)),
    ]
    told = " | ".join(bodies(pledge))
    words = (
        "Your offer has the code",
        "is welcome",
        "60 pc are planned",
        "Stadium camp",
        "60 pc are on the way",
        "50 pc",
        "was received",
        "Thank you for 95",
    )
    places = [told.find(word) for word in words]
    assert -1 not in places and places == sorted(places), told
    assert [step.after for step in pledge.steps.all()] == [
        "pledged", "accepted", "committed", "on_the_way", "accepted", "received", "used",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("receive", "Accept it first"),
        ("send", "Accept it first"),
        ("note_use", "Nothing of this pledge came"),
        ("thank", "Answer the offer"),
    ],
)
def test_a_step_that_the_state_does_not_allow_is_refused_with_a_sentence(
    giving: Giving, give: Give, step: str, sentence: str
) -> None:
    pledge = give(accepted=False)
    more = {"receive": {"quantity": Decimal(1)}, "note_use": {"quantity": Decimal(1), "words": "x"}}.get(step, {})
    with pytest.raises(Refused, match=sentence):
        getattr(life_cycle, step)(by=actor(giving.aina), operation=giving.operation, pledge=pledge, **more)


def test_declined_kindly_kept_for_later_and_withdrawn(giving: Giving, give: Give, heard: Heard) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    pledge = give(accepted=False)
    with pytest.raises(Refused, match="kind words"):
        life_cycle.decline(**by, pledge=pledge, reason=" ")
    life_cycle.keep_for_later(**by, pledge=pledge)
    assert pledge.is_kept and "keep it for later" in bodies(pledge)[-1]
    life_cycle.decline(**by, pledge=pledge, reason="we have enough blankets")
    assert pledge.state == PledgeState.DECLINED and "we have enough blankets" in bodies(pledge)[-1]
    other = give()
    use = commit_pledge(**by, pledge=other, quantity=Decimal(100), until=soon(), reference="R1234")
    life_cycle.withdraw(**by, pledge=other, reason="sold")
    use.refresh_from_db()
    assert (other.state, use.state) == (PledgeState.WITHDRAWN, UseState.RELEASED)
    assert [(one.event, one.explanation) for one in heard.told_of] == [(Event.CANCELLED, "sold")]


def test_an_offer_whose_day_has_passed_lapses_and_what_is_held_too_long_is_free_again(
    giving: Giving, give: Give, heard: Heard
) -> None:
    today = timezone.localdate()
    late, held = give(valid_to=today), give()
    use = commit_pledge(
        by=actor(giving.aina),
        operation=giving.operation,
        pledge=held,
        quantity=Decimal(10),
        until=soon(),
        reference="R1234",
    )
    assert life_cycle.lapse_due() == 0 and lapse_uses() == 0
    after = timezone.now() + timedelta(days=2)
    assert life_cycle.lapse_due(after) == 1 and lapse_uses(after) == 1 and lapse_uses(after) == 0
    for row in (late, held, use):
        row.refresh_from_db()
    assert late.state == PledgeState.LAPSED and "offer it again" in bodies(late)[-1]
    assert held.state == PledgeState.ACCEPTED and free_of(held) == 100 and "Your offer stands" in bodies(held)[-1]
    assert [one.event for one in heard.told_of] == [Event.CANCELLED]


def test_quantities_that_cannot_be_are_refused_and_unlikely_ones_asked_about(giving: Giving) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}

    def faults(**fields: Any) -> dict[str, list[str]]:
        with pytest.raises(Refused) as refused:
            make_pledge(**by, **{"item": giving.blanket, "quantity": Decimal(1), **fields})
        return refused.value.message_dict

    assert "more than 0" in faults(quantity=Decimal(0))["quantity"][0]
    assert "too much to be true" in faults(quantity=Decimal(10) ** 12)["quantity"][0]
    assert "not whole" in faults(quantity=Decimal("1.5"))["quantity"][0]
    assert "three letters" in faults(kind="money", item=None, unit="manat", quantity=Decimal(5))["unit"][0]
    assert "Say what is offered" in faults(item=None)["item"][0]
    assert (
        "lies before"
        in faults(valid_from=timezone.localdate() + timedelta(9), valid_to=timezone.localdate())["valid_to"][0]
    )
    assert "Choose one" in faults(is_public=True, is_anonymous=True)["is_public"][0]
    assert Pledge.objects.count() == 0
    with pytest.raises(NeedsConfirmation, match="very much"):
        make_pledge(**by, item=giving.blanket, quantity=Decimal(200_000))
    lorries = make_pledge(**by, kind="transport", description="lorries", quantity=Decimal(3), reference="a")
    assert make_pledge(**by, kind="transport", description="lorries", quantity=Decimal(3), reference="a") == lorries


def test_more_than_was_pledged_is_asked_about_and_less_than_came_cannot_be_offered(giving: Giving, give: Give) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    pledge = give(quantity=10)
    with pytest.raises(NeedsConfirmation, match="12 pc came of 10 pledged"):
        life_cycle.receive(**by, pledge=pledge, quantity=Decimal(12))
    life_cycle.receive(**by, pledge=pledge, quantity=Decimal(8))
    with pytest.raises(Refused, match="8 of it came"):
        change_pledge(**by, pledge=pledge, quantity=Decimal(5))
    changed = change_pledge(**by, pledge=pledge, quantity=Decimal(8))
    assert changed.state == PledgeState.RECEIVED


def test_only_who_handles_a_pledge_takes_steps_and_who_may_not_is_not_told_who_gives(
    giving: Giving, give: Give
) -> None:
    cast = giving.cast
    own = give(by=cast.murad, accepted=False, donor=cast.relief, notify_by=NotifyBy.NOBODY)
    change_pledge(by=actor(cast.murad), operation=giving.operation, pledge=own, conditions="dry store")
    for user in (cast.murad, cast.lale, cast.oraz):
        with pytest.raises(NotAllowed):
            life_cycle.accept(by=actor(user), operation=giving.operation, pledge=own)
    with pytest.raises(NotAllowed):
        change_pledge(by=actor(cast.lale), operation=giving.operation, pledge=own, conditions="mine")
    assert PledgeNotice.objects.count() == 0
