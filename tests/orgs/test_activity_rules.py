"""What an activity may not say, and who may say it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from komek.operations.models import Operation
from komek.places.models import Area
from komek.records.actor import Channel
from komek.records.models import Approval
from orgs.activities import change_activity, record_activity, record_people_in_need
from orgs.models import Activity, ActivityStatus, Organisation, PeopleInNeed, Sector
from orgs.refusals import Refused
from tests.conftest import Cast, actor


@pytest.fixture
def record(cast: Cast, areas: dict[str, Area]) -> Any:
    sector = Sector.objects.create(key="tents", name="Tents")

    def make(by: Any = cast.murad, organisation: Any = cast.relief, **fields: Any) -> Activity:
        fields = {"title": "Tents", "area": areas["XX11"], "sector": sector, **fields}
        return record_activity(by=actor(by), operation=cast.operation, organisation=organisation, **fields)

    return make


def test_a_manager_records_for_their_own_organisation_with_actor_in_history(record: Any, cast: Cast) -> None:
    activity = record(reached=10)
    assert activity.code.startswith("A")
    assert (activity.entered_by, activity.channel) == (cast.murad, Channel.BROWSER)
    event = activity.events.get()
    assert event.pgh_context["user"] == cast.murad.pk


def test_nobody_records_for_another_organisation(record: Any, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        record(organisation=cast.water)
    assert not Activity.objects.exists()


def test_nobody_hands_an_activity_to_an_organisation_they_do_not_manage(record: Any, cast: Cast) -> None:
    activity = record()
    with pytest.raises(NotAllowed):
        change_activity(by=actor(cast.murad), operation=cast.operation, activity=activity, organisation=cast.water)
    activity.refresh_from_db()
    assert activity.organisation == cast.relief


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "  "}, "title"),
        ({"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 1)}, "ends_on"),
        ({"reached": 10, "reached_girls": 6, "reached_boys": 5}, "reached"),
        ({"targeted_men": -1}, "targeted"),
        ({"targeted": -5}, "targeted"),
        ({"status": ActivityStatus.COMPLETED, "ends_on": timezone.localdate() + timedelta(days=2)}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_at_its_field(
    record: Any, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        record(**fields)
    assert list(refusal.value.message_dict) == [field]
    assert refusal.value.message_dict[field][0].endswith(".")
    assert not Activity.objects.exists()


def test_groups_without_a_total_make_the_total(record: Any) -> None:
    assert record(reached_girls=6, reached_boys=5).reached == 11


def test_an_organisation_of_an_exercise_does_nothing_in_a_real_operation(
    record: Any, cast: Cast, exercise_operation: Operation
) -> None:
    played = Organisation.objects.create(name="Played", operation=exercise_operation, approval=Approval.APPROVED)
    with pytest.raises(Refused, match="exercise and real never mix"):
        record(by=cast.aina, organisation=played)


def test_only_coordinators_of_the_operation_say_how_many_need_help(cast: Cast, areas: dict[str, Area]) -> None:
    with pytest.raises(NotAllowed):
        record_people_in_need(by=actor(cast.murad), operation=cast.operation, area=areas["XX11"], people=5)
    with pytest.raises(Refused, match="future"):
        record_people_in_need(
            by=actor(cast.aina), operation=cast.operation, area=areas["XX11"], people=5,
            occurred_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    assert not PeopleInNeed.objects.exists()
