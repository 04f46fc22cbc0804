"""A pledge that answers a request: promised once on both sides, brought, short, and the rest needed again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from aid_requests import committing
from aid_requests import life_cycle as requests_cycle
from aid_requests.asking import submit_request
from aid_requests.committing import commit_offer, prolong, release
from aid_requests.lines import LineDraft
from aid_requests.matching import matches_for
from aid_requests.models import Commitment
from aid_requests.needed import still_needed
from aid_requests.refusals import Refused
from komek.extensions import Viewer
from tests.camps.test_health_and_hospital_races import at_once
from tests.conftest import actor
from tests.volunteers.conftest import Give, Giving, Helping
from volunteers import life_cycle
from volunteers.models import Task, UseState
from volunteers.moving import free_of
from volunteers.promising import promise_pledge
from volunteers.work.planning import cancel_task

pytestmark = pytest.mark.django_db


def test_a_pledge_promised_to_a_request_is_asked_for_comes_short_and_the_rest_is_needed_again(
    giving: Giving, give: Give
) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    request = submit_request(**by, lines=[LineDraft(Decimal(200), item=giving.blanket)], site=giving.camp)
    requests_cycle.verify(**by, request=request)
    requests_cycle.accept(**by, request=request)
    line, pledge = request.lines.get(), give(quantity=150)
    offer: dict[str, Any] = {"line": line, "plug": "volunteers.pledges", "offer": pledge.code}
    with pytest.raises(Refused, match="Only 150 pc"):
        commit_offer(**by, **offer, quantity=Decimal(160))
    made = commit_offer(**by, **offer, quantity=Decimal(120))
    pledge.refresh_from_db()
    use = pledge.uses.get()
    assert (made.delivery, use.reference, use.destination) == (pledge.code, request.code, giving.camp)
    assert still_needed(line) == 80 and free_of(pledge) == 30
    life_cycle.send(**by, pledge=pledge, use=use)
    life_cycle.receive(**by, pledge=pledge, use=use, quantity=Decimal(100), is_last=True, note="20 were wet")
    line.refresh_from_db()
    request.refresh_from_db()
    assert line.received == 100 and still_needed(line) == 100 and request.state == "partly"
    again = commit_offer(**by, **offer, quantity=Decimal(50))
    release(**by, commitment=again, reason="bought instead")
    assert pledge.uses.order_by("pk").last().state == UseState.RELEASED and still_needed(line) == 100
    life_cycle.withdraw(**by, pledge=give(quantity=1))
    last = commit_offer(**by, **offer, quantity=Decimal(50))
    life_cycle.withdraw(**by, pledge=pledge, reason="the store burnt down")
    last.refresh_from_db()
    assert last.ended_at is not None and still_needed(line) == 100


def test_what_is_promised_on_a_pledges_page_is_one_promise_on_both_pages_and_a_mistyped_request_is_refused(
    giving: Giving, give: Give, sign_in: Any
) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    request = submit_request(
        **by, lines=[LineDraft(Decimal(80), item=giving.blanket), LineDraft(Decimal(3), skill="doctors", kind="people")],
        site=giving.camp,
    )  # fmt: skip
    pledge, aina = give(quantity=100), sign_in(giving.aina)
    here = f"/pledges/{pledge.code}/commit/"
    typed = {"quantity": "90", "reference": request.code.lower(), "until": in_a_week()}
    assert request.code in aina.get(f"{here}?for={request.code}").content.decode()
    wrong = request.code[:-1] + str((int(request.code[-1]) + 1) % 10)
    for change, sentence in (
        ({"reference": wrong}, "No request has the code"), ({"quantity": "81"}, "Only 80 pc are still needed"),
        ({"quantity": "0"}, "more than 0"), ({"until": "2001-01-01T10:00"}, "in the future"),
    ):  # fmt: skip
        refused = aina.post(here, typed | {"quantity": "80"} | change)
        assert refused.status_code == 422 and sentence in refused.content.decode()
    assert not pledge.uses.exists() and not Commitment.objects.exists()
    assert aina.post(here, {**typed, "quantity": "60"}).status_code == 302
    use, made = pledge.uses.get(), Commitment.objects.get()
    assert (made.reservation, made.quantity, made.state, made.source) == (str(use.pk), 60, "open", "pledge")
    assert use.destination == giving.camp and "anonymous donor" in made.title and "Maral" not in made.title
    assert f'href="/requests/{request.code}/"' in aina.get(f"/pledges/{pledge.code}/").content.decode()
    assert f"/pledges/{pledge.code}/" in aina.get(request.get_absolute_url()).content.decode()
    aina.post(f"/pledges/{pledge.code}/uses/{use.pk}/release/")
    made.refresh_from_db()
    assert made.state == "released" and still_needed(request.lines.first()) == 80
    beds = give(kind="shelter", description="beds", quantity=5)
    refused = aina.post(f"/pledges/{beds.code}/commit/", {**typed, "quantity": "2"})
    assert refused.status_code == 422 and "does not ask for “beds”" in refused.content.decode()


def test_lorries_without_an_item_are_told_to_who_asked_as_they_leave_and_come(giving: Giving, give: Give) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    line = LineDraft(Decimal(3), description="Lorries, 5 t", kind="transport")
    request = submit_request(**by, lines=[line], site=giving.camp)
    pledge = give(kind="transport", description="lorries, 5 t", quantity=4, donor_kind="company")
    (match,) = matches_for(request.lines.get(), Viewer(giving.aina, giving.operation)).found
    assert match.offer.reference == pledge.code and match.takes == 3
    use = promise_pledge(**by, pledge=pledge, quantity=Decimal(3), until=soon(), reference=request.code)
    life_cycle.send(**by, pledge=pledge, use=use)
    made = Commitment.objects.get()
    assert made.state == "on_the_way"
    life_cycle.receive(**by, pledge=pledge, use=use, quantity=Decimal(2), is_last=True, note="one broke down")
    made.refresh_from_db()
    request.refresh_from_db()
    assert (made.state, made.received, made.short, made.reason) == ("received", 2, 1, "one broke down")
    assert request.state == "partly" and still_needed(request.lines.get()) == 1


def test_a_donor_reads_that_it_is_kept_longer_and_when_it_is_too_late_but_never_that_it_is_not_needed(
    giving: Giving, give: Give
) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    request = submit_request(**by, lines=[LineDraft(Decimal(80), item=giving.blanket)], site=giving.camp)
    pledge = give()
    use = promise_pledge(**by, pledge=pledge, quantity=Decimal(50), until=soon(), reference=request.code)
    made = Commitment.objects.get()
    before = pledge.notices.count()
    until = soon() + timedelta(days=5)
    prolong(**by, commitment=made, until=until)
    use.refresh_from_db()
    made.refresh_from_db()
    assert use.until == made.until == until and made.reservation == str(use.pk)
    (told,) = pledge.notices.order_by("pk")[before:]
    assert "are still needed. Please keep them until" in told.body
    assert "now holds until" in made.notices.order_by("pk").last().body
    life_cycle.send(**by, pledge=pledge, use=use)
    requests_cycle.cancel(**by, request=request, reason="they moved")
    made.refresh_from_db()
    bodies = [notice.body for notice in pledge.notices.order_by("pk")]
    assert made.state == "released" and "not needed any more where they are going" in bodies[-1]
    assert not any("where we planned" in body for body in bodies)
    with pytest.raises(Refused, match="still waits"):
        prolong(**by, commitment=made, until=until)


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_one_pledge_promise_no_more_than_there_is_and_is_needed_while_needs_end_and_nobody_waits_in_a_circle(
    giving: Giving, give: Give
) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    pledge = give(quantity=100, notify_by="none")
    requests = [
        submit_request(**by, lines=[LineDraft(Decimal(30), item=giving.blanket)], site=giving.camp, confirmed=True)
        for _ in range(4)
    ]
    faults: list[Exception] = []

    def promise(request: Any) -> None:
        offer: dict[str, Any] = {"plug": "volunteers.pledges", "offer": pledge.code, "quantity": Decimal(20)}
        try:
            commit_offer(**by, **offer, line=request.lines.get())
        except Refused:
            pass
        except Exception as fault:  # noqa: BLE001 - a deadlock is what is looked for
            faults.append(fault)

    def end(request: Any) -> None:
        try:
            requests_cycle.cancel(**by, request=request, reason="they moved")
        except Exception as fault:  # noqa: BLE001 - a deadlock is what is looked for
            faults.append(fault)

    works = [lambda one=one: promise(one) for one in requests * 3] + [lambda one=one: end(one) for one in requests[:2]]  # type: ignore[misc]
    works += [lambda: life_cycle.send(**by, pledge=pledge, quantity=Decimal(15)), lambda: promise(requests[3])]
    assert at_once(*works) == 16 and not faults
    held = {str(use.pk): use.quantity for use in pledge.uses.filter(state="held")}
    promised = {one.reservation: one.quantity for one in Commitment.objects.filter(state="open")}
    assert held == promised and sum(held.values()) <= 85
    assert not Commitment.objects.filter(line__request__in=requests[:2], state="open").exists()
    assert all(still_needed(request.lines.get()) >= 10 for request in requests[2:]) and promised


@pytest.mark.django_db(transaction=True)
def test_a_promise_made_between_the_two_locks_of_an_ending_is_locked_and_given_back_too(
    giving: Giving, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    pledge = give(notify_by="none")
    request = submit_request(**by, lines=[LineDraft(Decimal(30), item=giving.blanket)], site=giving.camp)
    lock_goods, locked = committing.lock_goods, []

    def goods_then_somebody_promises(**of: Any) -> Any:
        found = lock_goods(**of)
        locked.append(found)
        if len(locked) == 1:
            offer: dict[str, Any] = {"plug": "volunteers.pledges", "offer": pledge.code, "quantity": Decimal(20)}
            assert at_once(lambda: commit_offer(**by, **offer, line=request.lines.get())) == 1
        return found

    monkeypatch.setattr(committing, "lock_goods", goods_then_somebody_promises)
    requests_cycle.cancel(**by, request=request, reason="they moved")
    use = pledge.uses.get()
    assert locked == [set(), {("volunteers.pledges", str(use.pk))}]
    assert use.state == UseState.RELEASED and Commitment.objects.get().state == "released"


def soon() -> Any:
    return timezone.now() + timedelta(days=2)


def in_a_week() -> str:
    return (timezone.localtime() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")


def test_people_with_a_skill_answer_a_line_that_asks_for_people_as_a_task(giving: Giving, helping: Helping) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    request = submit_request(**by, lines=[LineDraft(Decimal(3), skill="First aiders", unit="people")], site=giving.camp)
    requests_cycle.verify(**by, request=request)
    requests_cycle.accept(**by, request=request)
    line, viewer = request.lines.get(), Viewer(user=giving.aina, operation=giving.operation)
    found = [match for match in matches_for(line, viewer).found if match.plug == "volunteers.people"]
    assert [match.offer.quantity for match in found] == [2]
    offer: dict[str, Any] = {"line": line, "plug": "volunteers.people", "offer": found[0].offer.reference}
    with pytest.raises(Refused, match="Only 2 volunteers"):
        commit_offer(**by, **offer, quantity=Decimal(3))
    made = commit_offer(**by, **offer, quantity=Decimal(2))
    task = Task.objects.get(code=made.delivery)
    assert (task.site_id, task.wanted, task.for_reference, task.organisation) == (
        giving.camp.pk, 2, request.code, helping.cast.relief,
    )  # fmt: skip
    assert not [m for m in matches_for(line, viewer).found if m.plug == "volunteers.people"], "nobody is promised twice"
    assert still_needed(line) == 1
    cancel_task(by=actor(helping.cast.murad), operation=giving.operation, task=task, reason="the road is closed")
    assert still_needed(line) == 3
    again = commit_offer(**by, **offer, quantity=Decimal(1))
    release(**by, commitment=again, reason="found elsewhere")
    assert Task.objects.get(code=again.delivery).state == "cancelled"
