"""Requests that may be one: found by place, things and time; merged or kept; and both undone without a trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from aid_requests.likeness import LIKELY, Seen, likeness
from aid_requests.lines import LineDraft
from aid_requests.merging import keep_both, merge, pair_of, undo_decision
from aid_requests.models import Commitment, DuplicatePair, NotifyBy, PairState, Receipt, RequestState
from aid_requests.refusals import Refused
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor, point

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def seen(**changes: object) -> Seen:
    fields = {
        "site_id": None,
        "longitude": 58.4,
        "latitude": 38.2,
        "area_id": None,
        "things": {"item:1": 200.0},
        "at": NOON,
    }
    return Seen(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "is_likely"),
    [
        ({}, True),
        ({"things": {"item:1": 180.0}, "at": NOON + timedelta(hours=20)}, True),
        ({"longitude": 58.405}, True),  # some 440 m away
        ({"longitude": 58.5}, False),  # nearly 9 km away
        ({"things": {"item:2": 200.0}}, False),
        ({"things": {"item:1": 200.0, "item:2": 5.0}}, True),
        ({"things": {"item:1": 200.0, "item:2": 5.0, "item:3": 5.0}}, False),
        ({"at": NOON + timedelta(hours=80)}, False),
        ({"site_id": 4}, True),
    ],
)
def test_two_are_alike_by_place_things_and_time_together(changes: dict[str, object], is_likely: bool) -> None:
    assert (likeness(seen(), seen(**changes))[0] >= LIKELY) is is_likely
    assert likeness(seen(), seen(**changes)) == likeness(seen(**changes), seen())


def test_two_sites_are_two_places_however_near() -> None:
    assert likeness(seen(site_id=1), seen(site_id=2))[0] == 0


@pytest.mark.django_db
def test_a_request_sent_twice_is_flagged_and_one_near_by_of_other_things_is_not(asking: Asking, ask: Ask) -> None:
    first = ask()
    second = ask(quantity=190, site=None, location=point(58.401, 38.2))
    ask(lines=[LineDraft(Decimal(4), description="generators")])
    pair = DuplicatePair.objects.get()
    assert {pair.first, pair.second} == {first, second}
    assert "place" in pair.why and "things" in pair.why


@pytest.mark.django_db
def test_a_merge_moves_promises_and_lines_and_its_undoing_brings_all_back(asking: Asking, ask: Ask) -> None:
    kept = ask()
    other = ask(
        reporter_email="maral@example.org", notify_by=NotifyBy.EMAIL,
        lines=[LineDraft(Decimal(190), item=asking.blanket), LineDraft(Decimal(2), description="generators")],
    )  # fmt: skip
    blankets, generators = other.lines.all()
    promise = Commitment.objects.create(line=blankets, quantity=50, until=timezone.now() + timedelta(days=1))
    Receipt.objects.create(line=blankets, quantity=10)
    by, pair = actor(asking.aina), pair_of(kept, other)
    merge(by=by, operation=asking.operation, pair=pair, keep=kept)
    other.refresh_from_db()
    promise.refresh_from_db()
    assert other.state == RequestState.CANCELLED and other.merged_into == kept
    assert promise.line.request == kept and kept.lines.get(item=asking.blanket).received == 10
    assert kept.lines.filter(pk=generators.pk).exists()
    assert kept.code in other.notices.last().body  # type: ignore[union-attr]
    kept.refresh_from_db()
    assert kept.state == RequestState.PARTLY_MET
    with pytest.raises(Refused, match="merged into"):
        merge(by=by, operation=asking.operation, pair=pair, keep=kept)

    undo_decision(by=by, operation=asking.operation, pair=pair)
    for one in (kept, other, promise):
        one.refresh_from_db()
    assert other.merged_into is None and other.state == RequestState.PARTLY_MET
    assert promise.line == blankets and other.lines.count() == 2
    assert kept.state == RequestState.SUBMITTED and kept.lines.get().received == 0
    assert DuplicatePair.objects.get().state == PairState.OPEN


@pytest.mark.django_db
def test_two_kept_apart_stay_so_and_only_coordinators_of_all_decide(asking: Asking, ask: Ask) -> None:
    ask()
    ask(quantity=199)
    pair = DuplicatePair.objects.get()
    with pytest.raises(PermissionDenied):
        keep_both(by=actor(asking.cast.lale), operation=asking.operation, pair=pair)
    keep_both(by=actor(asking.aina), operation=asking.operation, pair=pair)
    pair.refresh_from_db()
    assert pair.state == PairState.KEPT
