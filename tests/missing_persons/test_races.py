"""Two people at the same moment, in two real transactions."""

from __future__ import annotations

from uuid import uuid4

import pytest

from missing_persons.joining import join
from missing_persons.models import Joining, Person, Report
from missing_persons.refusals import Refused
from tests.camps.test_health_and_hospital_races import at_once
from tests.conftest import actor
from tests.missing_persons.conftest import Desk, Tell

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_registrars_join_the_same_two_the_other_way_round_and_one_report_sent_twice_is_one(
    desk: Desk, tell: Tell
) -> None:
    entry = uuid4()
    assert at_once(*[lambda: tell("Bahar", sex="female", entry_id=entry)] * 3) == 3
    assert Report.objects.count() == Person.objects.count() == 1
    one, two = tell("Aman Ataev").person, tell("Аман Атаев").person
    refused = []

    def joined(keep: Person, other: Person) -> None:
        try:
            join(by=actor(desk.nurjan), operation=desk.operation, keep=keep, other=other)
        except Refused as refusal:
            refused.append(refusal)

    at_once(lambda: joined(one, two), lambda: joined(two, one))
    assert (len(refused), Joining.objects.count()) == (1, 1)
    kept = Joining.objects.get().target
    assert kept.reports.count() == 2 and Person.objects.get(pk=Joining.objects.get().source_id).joined_into == kept
