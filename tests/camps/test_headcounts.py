"""Headcounts: late, repeated and unlikely reports; what does not add up; corrections that keep what was said before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from camps.headcounts import correct_headcount, decide_headcount, is_jump, report_headcount
from camps.models import Camp, Headcount, HeadcountStanding
from camps.refusals import NeedsConfirmation, Refused
from komek.accounts.authority import NotAllowed
from komek.records.actor import Channel
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor

NOW = timezone.now()


def report(camps: CampCast, people: int, **fields: Any) -> Headcount:
    channel = fields.pop("channel", Channel.BROWSER)
    fields.setdefault("occurred_at", NOW - timedelta(hours=1))
    return report_headcount(
        by=actor(fields.pop("by", camps.dowlet), channel),
        operation=camps.camp.operation,
        camp=camps.camp,
        people=people,
        **fields,
    )


def test_a_headcount_is_added_and_the_site_counts_as_heard_from(camps: CampCast) -> None:
    Camp.objects.update(confirmed_at=NOW - timedelta(days=9))
    count = report(camps, 412, female=212, reported_by="Block leader")
    camps.camp.refresh_from_db()
    assert (count.male, count.reported_by, count.entered_by) == (200, "Block leader", camps.dowlet)
    assert timezone.now() - camps.camp.confirmed_at < timedelta(minutes=1)


def test_the_same_entry_sent_twice_is_one_headcount(camps: CampCast) -> None:
    entry = uuid4()
    first = report(camps, 100, entry_id=entry)
    assert report(camps, 100, entry_id=entry, occurred_at=NOW) == first
    assert Headcount.objects.count() == 1


def test_the_same_figures_for_the_same_minute_are_one_headcount(camps: CampCast) -> None:
    moment = NOW - timedelta(hours=2)
    assert report(camps, 100, occurred_at=moment) == report(camps, 100, occurred_at=moment)
    assert report(camps, 101, occurred_at=moment) != report(camps, 100, occurred_at=moment)
    assert Headcount.objects.count() == 2


def test_an_entry_of_one_site_is_not_taken_for_another_site(camps: CampCast, cast: Cast) -> None:
    entry = uuid4()
    report(camps, 100, entry_id=entry)
    with pytest.raises(Refused, match="another site"):
        report_headcount(
            by=actor(cast.aina), operation=camps.camp.operation, camp=camps.other, people=100, occurred_at=NOW, entry_id=entry
        )  # fmt: skip


def test_a_late_report_does_not_become_the_latest(camps: CampCast) -> None:
    newest = report(camps, 400, occurred_at=NOW - timedelta(hours=1))
    report(camps, 390, occurred_at=NOW - timedelta(days=2))
    assert Headcount.objects.filter(camp=camps.camp).first() == newest


def test_a_jump_is_asked_about_at_a_screen_and_goes_in_once_confirmed(camps: CampCast) -> None:
    report(camps, 400, occurred_at=NOW - timedelta(days=1))
    with pytest.raises(NeedsConfirmation, match="far from the 400"):
        report(camps, 700)
    assert Headcount.objects.count() == 1
    assert report(camps, 700, confirmed=True).standing == HeadcountStanding.ACCEPTED


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.IMPORT, Channel.FEED])
def test_a_jump_by_message_or_file_is_kept_and_waits_for_a_person(camps: CampCast, channel: Channel) -> None:
    report(camps, 400, occurred_at=NOW - timedelta(days=1))
    waiting = report(camps, 90, channel=channel)
    assert waiting.standing == HeadcountStanding.QUESTIONED
    decide_headcount(by=actor(camps.bahar), operation=camps.camp.operation, headcount=waiting, accept=True)
    waiting.refresh_from_db()
    assert waiting.standing == HeadcountStanding.ACCEPTED


def test_a_correction_replaces_and_keeps_the_wrong_one(camps: CampCast) -> None:
    wrong = report(camps, 400, note="evening count")
    right = correct_headcount(by=actor(camps.bahar), operation=camps.camp.operation, headcount=wrong, people=410)
    wrong.refresh_from_db()
    assert (wrong.standing, wrong.people) == (HeadcountStanding.REPLACED, 400)
    assert (right.people, right.note, right.corrects, right.occurred_at) == (
        410,
        "evening count",
        wrong,
        wrong.occurred_at,
    )
    with pytest.raises(Refused, match="corrected or withdrawn meanwhile"):
        correct_headcount(by=actor(camps.bahar), operation=camps.camp.operation, headcount=wrong, people=420)


def test_withdrawing_needs_a_reason(camps: CampCast) -> None:
    count = report(camps, 400)
    with pytest.raises(Refused, match="Say why"):
        decide_headcount(by=actor(camps.bahar), operation=camps.camp.operation, headcount=count, accept=False)
    decide_headcount(
        by=actor(camps.bahar), operation=camps.camp.operation, headcount=count, accept=False, reason="counted twice"
    )
    count.refresh_from_db()
    assert count.standing == HeadcountStanding.WITHDRAWN


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"people": 100, "female": 60, "male": 50}, "60 female and 50 male make 110, not 100"),
        ({"people": -4}, "cannot be negative"),
        ({"people": 100, "pregnant": -1}, "cannot be negative"),
        ({"people": 100, "households": 300}, "swapped"),
        ({"people": 100, "disability": 101}, "more than all people"),
        ({"people": 100, "female": 50, "female_0_4": 51}, "ages make 51"),
        ({"people": 10, "female": 10, **{f"female_{band}": 1 for band in ("0_4", "5_11", "12_17", "18_59", "60")}}, "ages make 5"),
        ({"people": 9_000_000}, "No site holds"),
        ({"people": 100, "occurred_at": NOW + timedelta(days=1)}, "in the future"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused_with_a_sentence(
    camps: CampCast, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        report(camps, **fields)
    assert sentence in " ".join(refusal.value.messages)
    assert not Headcount.objects.exists()


def test_only_those_who_work_at_the_site_report(camps: CampCast, cast: Cast) -> None:
    for stranger in (cast.lale, cast.oraz, cast.outsider, camps.gozel):
        with pytest.raises(NotAllowed):
            report(camps, 100, by=stranger)
    camps.camp.supporting.add(cast.water)
    camps.camp = Camp.objects.get(pk=camps.camp.pk)
    assert report(camps, 100, by=cast.lale).people == 100


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_jump_is_more_than_a_third_part_and_more_than_a_few_families(before: int, now: int) -> None:
    expected = abs(now - before) > 20 and abs(now - before) > 0.3 * max(before, 1)
    assert is_jump(before, now) == expected
    assert not is_jump(before, before)
