"""Measurements: sent twice, late, several in one visit, wrong and withdrawn; what is not known is not a zero."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from camps.measuring import latest_measurements, measure, record_visit, withdraw_measurement
from camps.models import Camp, Measurement, Standard
from camps.refusals import Refused
from komek.accounts.authority import NotAllowed
from komek.records.actor import Channel
from komek.records.changes import changes_of
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor

HOUR = timedelta(hours=1)
Standards = dict[str, Standard]


def note(camps: CampCast, standard: Standard, value: object, **fields: Any) -> Measurement:
    fields.setdefault("occurred_at", timezone.now() - HOUR)
    who = actor(fields.pop("by", camps.dowlet), fields.pop("channel", Channel.BROWSER))
    camp = fields.pop("camp", camps.camp)
    return measure(by=who, operation=camp.operation, camp=camp, standard=standard, value=Decimal(str(value)), **fields)


def visit(camps: CampCast, values: dict[Standard, object], **fields: Any) -> list[Measurement]:
    fields.setdefault("occurred_at", timezone.now() - HOUR)
    return record_visit(
        by=actor(fields.pop("by", camps.dowlet)), operation=camps.camp.operation, camp=camps.camp,
        values={standard: Decimal(str(value)) for standard, value in values.items()}, **fields,
    )  # fmt: skip


def latest(camps: CampCast, standard: Standard) -> Measurement | None:
    return latest_measurements([camps.camp.pk]).get(camps.camp.pk, {}).get(standard.pk)


def test_a_figure_is_kept_with_its_moment_source_and_channel_and_the_site_counts_as_heard_from(
    camps: CampCast, standards: Standards
) -> None:
    Camp.objects.update(confirmed_at=timezone.now() - timedelta(days=9))
    kept = note(camps, standards["toilets"], 40, source="Site visit", reported_by="Block leader", channel=Channel.SMS)
    assert (kept.value, kept.source, kept.reported_by) == (40, "Site visit", "Block leader")
    assert (kept.entered_by, kept.channel, kept.operation) == (camps.dowlet, Channel.SMS, camps.camp.operation)
    camps.camp.refresh_from_db()
    assert timezone.now() - camps.camp.confirmed_at < timedelta(minutes=1)


def test_the_same_entry_sent_twice_is_one_figure_whatever_it_says_the_second_time(
    camps: CampCast, standards: Standards
) -> None:
    entry = uuid4()
    first = note(camps, standards["water"], 1200, entry_id=entry)
    assert note(camps, standards["water"], 9999, entry_id=entry, occurred_at=timezone.now()) == first
    assert Measurement.objects.get().value == 1200


def test_the_same_value_of_the_same_minute_and_source_is_one_figure(camps: CampCast, standards: Standards) -> None:
    moment = timezone.now() - HOUR
    first = note(camps, standards["water"], 1200, occurred_at=moment)
    assert note(camps, standards["water"], "1200.000", occurred_at=moment) == first
    assert note(camps, standards["water"], 1201, occurred_at=moment) != first
    assert note(camps, standards["water"], 1200, occurred_at=moment, source="Tanker driver") != first
    assert Measurement.objects.count() == 3


def test_an_entry_of_one_site_or_standard_is_not_taken_for_another(
    camps: CampCast, cast: Cast, standards: Standards
) -> None:
    entry = uuid4()
    note(camps, standards["water"], 5, entry_id=entry)
    with pytest.raises(Refused, match="another figure"):
        note(camps, standards["toilets"], 5, entry_id=entry)
    with pytest.raises(Refused, match="another figure"):
        note(camps, standards["water"], 5, entry_id=entry, camp=camps.other, by=cast.aina)


def test_a_late_figure_does_not_become_the_latest(camps: CampCast, standards: Standards) -> None:
    newest = note(camps, standards["toilets"], 40)
    note(camps, standards["toilets"], 8, occurred_at=timezone.now() - timedelta(days=3))
    assert latest(camps, standards["toilets"]) == newest


def test_a_withdrawn_figure_stays_to_be_seen_and_the_one_before_counts_again(
    camps: CampCast, standards: Standards
) -> None:
    before = note(camps, standards["toilets"], 38, occurred_at=timezone.now() - timedelta(days=1))
    wrong = note(camps, standards["toilets"], 400)
    operation = camps.camp.operation
    with pytest.raises(Refused, match="Say why"):
        withdraw_measurement(by=actor(camps.dowlet), operation=operation, measurement=wrong, reason=" ")
    for _again in range(2):
        withdraw_measurement(by=actor(camps.dowlet), operation=operation, measurement=wrong, reason="Typed twice")
    assert latest(camps, standards["toilets"]) == before
    wrong.refresh_from_db()
    assert wrong.is_withdrawn
    assert [change.reason for change in changes_of(wrong)] == ["Typed twice", ""]


def test_a_withdrawn_figure_sent_again_does_not_come_back(camps: CampCast, standards: Standards) -> None:
    entry = uuid4()
    wrong = note(camps, standards["water"], 5, entry_id=entry)
    withdraw_measurement(by=actor(camps.dowlet), operation=camps.camp.operation, measurement=wrong, reason="Wrong site")
    assert note(camps, standards["water"], 5, entry_id=entry) == wrong
    assert latest(camps, standards["water"]) is None


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("water", "-1", "cannot be negative"),
        ("water", "NaN", "cannot be negative"),
        ("water", "1000000001", "so much"),
        ("toilets", "3.5", "whole numbers"),
        ("health_post", "2", "1 when it is in place"),
    ],
)
def test_figures_that_cannot_be_are_refused(
    camps: CampCast, standards: Standards, key: str, value: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refusal:
        note(camps, standards[key], value)
    assert list(refusal.value.message_dict) == ["value"]
    assert not Measurement.objects.exists()


def test_the_future_cannot_be_measured_and_a_standard_out_of_use_is_not(camps: CampCast, standards: Standards) -> None:
    with pytest.raises(Refused, match="future"):
        note(camps, standards["water"], 5, occurred_at=timezone.now() + HOUR)
    standards["water"].is_active = False
    with pytest.raises(Refused, match="no longer"):
        note(camps, standards["water"], 5)


def test_people_of_the_site_and_coordinators_measure_and_nobody_else(
    camps: CampCast, cast: Cast, standards: Standards
) -> None:
    for user in (camps.bahar, camps.dowlet, cast.murad, cast.aina):
        note(camps, standards["water"], user.pk, by=user)
    for user in (cast.lale, cast.oraz, cast.outsider, cast.pending):
        with pytest.raises(NotAllowed):
            note(camps, standards["water"], user.pk, by=user)


def test_a_visit_is_kept_whole_or_not_at_all(camps: CampCast, standards: Standards) -> None:
    with pytest.raises(Refused) as refusal:
        visit(camps, {standards["water"]: 100, standards["toilets"]: -1, standards["education"]: 7})
    assert set(refusal.value.message_dict) == {"toilets", "education"}
    assert not Measurement.objects.exists()
    with pytest.raises(Refused, match="at least one"):
        visit(camps, {})


def test_a_visit_sent_twice_is_one_visit(camps: CampCast, standards: Standards) -> None:
    entry = uuid4()
    values: dict[Standard, object] = {standards["water"]: 100, standards["toilets"]: 4, standards["education"]: 0}
    first = visit(camps, values, entry_id=entry)
    assert visit(camps, values, entry_id=entry, occurred_at=timezone.now()) == first
    assert Measurement.objects.count() == 3


def test_toilets_for_women_and_men_make_the_toilets_when_these_were_not_counted(
    camps: CampCast, standards: Standards
) -> None:
    visit(camps, {standards["toilets_women"]: 9, standards["toilets_men"]: 4})
    assert latest(camps, standards["toilets"]).value == 13  # type: ignore[union-attr]


def test_one_part_alone_says_nothing_about_the_whole(camps: CampCast, standards: Standards) -> None:
    visit(camps, {standards["toilets_women"]: 9})
    assert latest(camps, standards["toilets"]) is None


def test_parts_that_are_more_than_the_whole_are_asked_about(camps: CampCast, standards: Standards) -> None:
    with pytest.raises(Refused, match="The parts make 13, more than 10") as refusal:
        visit(camps, {standards["toilets"]: 10, standards["toilets_women"]: 9, standards["toilets_men"]: 4})
    assert list(refusal.value.message_dict) == ["toilets"]


def test_the_latest_figures_of_many_sites_cost_one_query(
    camps: CampCast, cast: Cast, standards: Standards, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for days in range(5):
        moment: datetime = timezone.now() - timedelta(days=days)
        for key in ("water", "toilets", "fire_break"):
            note(camps, standards[key], days, occurred_at=moment, by=cast.aina)
            note(camps, standards[key], days + 50, occurred_at=moment, by=cast.aina, camp=camps.other)
    with django_assert_num_queries(1):
        found = latest_measurements([camps.camp.pk, camps.other.pk])
    assert {row.value for row in found[camps.camp.pk].values()} == {0}
    assert {row.value for row in found[camps.other.pk].values()} == {50}
    assert latest_measurements([]) == {}


@pytest.mark.django_db(transaction=True)
def test_the_same_entry_sent_by_two_at_once_is_one_figure(camps: CampCast, standards: Standards) -> None:
    entry, moment = uuid4(), timezone.now() - HOUR

    def send() -> int:
        try:
            return note(camps, standards["water"], 5, entry_id=entry, occurred_at=moment).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        sent = {future.result() for future in [pool.submit(send) for _ in range(2)]}
    assert len(sent) == Measurement.objects.count() == 1
