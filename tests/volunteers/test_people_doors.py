"""The other doors to volunteers and tasks: tables, the API, the desk, the search box."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from komek.exchange.exporting import FORMATS, chosen_columns
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from tests.camps.test_camp_exchange import bring, sentences, written
from tests.conftest import SignIn, actor
from tests.volunteers.conftest import Helping
from volunteers.models import Assignment, AssignmentState, Task, Volunteer, VolunteerState
from volunteers.people.plugs import VolunteerAlerts, VolunteerSearch
from volunteers.work.offering import offer_task
from volunteers.work.plugs import TaskAlerts, TaskSearch

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_a_table_of_volunteers_comes_back_unchanged_and_holds_nothing_protected(helping: Helping) -> None:
    Volunteer.objects.update(health_limits="asthma", kin_name="Aman")
    cast, resource = helping.cast, exchange.get("volunteers.volunteer")
    records = resource.export_queryset(Viewer(user=cast.aina, operation=cast.operation)).order_by("pk")  # type: ignore[union-attr]
    content = b"".join(FORMATS["csv"][2](resource, chosen_columns(resource), records, is_exercise=False))
    assert b"asthma" not in content and b"Aman" not in content
    made = written(cast, bring(cast, "volunteers.volunteer", content, name="x.csv"))
    assert made.counts == {"unchanged": 2}, (sentences(made), list(made.rows.values_list("changes", flat=True)))
    new = b"Name,Phone\nJeren,+993 61 00-00-03\nMaral Ataeva,+99361000001\nBad,12\n"
    made = written(cast, bring(cast, "volunteers.volunteer", new, name="y.csv"))
    assert Volunteer.objects.get(phone="+99361000003").state == VolunteerState.APPLIED
    assert Volunteer.objects.get(pk=helping.maral.pk).name == "Maral Ataeva"
    assert not Volunteer.objects.filter(name="Bad").exists()


def test_the_api_keeps_to_the_same_rules(helping: Helping, sign_in: SignIn) -> None:
    murad, lale = sign_in(helping.cast.murad), sign_in(helping.cast.lale)
    one = {"name": "Jeren", "phone": "+99361000003", "organisation": helping.cast.relief.code}
    made = murad.post("/api/v1/volunteers/", one, JSON)
    assert made.status_code == 201, made.content
    assert murad.post("/api/v1/volunteers/", one, JSON).status_code == 400, "registered already"
    assert lale.get(f"/api/v1/volunteers/{made.json()['code']}/").status_code == 404
    assert "health_limits" not in made.json() and len(lale.get("/api/v1/volunteers/").json()["results"]) == 0
    begins = timezone.now() + timedelta(hours=5)
    task = {"title": "Cook", "landmark": "School 3", "starts_at": begins.isoformat(), "skills": ["first-aid"], "wanted": 1,
            "ends_at": (begins + timedelta(hours=4)).isoformat(), "organisation": helping.cast.relief.code}  # fmt: skip
    assert murad.post("/api/v1/tasks/", {**task, "with_minors": True}, JSON).status_code == 400
    planned = murad.post("/api/v1/tasks/", task, JSON)
    assert planned.status_code == 201 and planned.json()["skills"] == ["first-aid"], planned.content
    here = f"/api/v1/tasks/{planned.json()['code']}/"
    etag = lale.get(here)["ETag"]
    assert lale.post(here + "cancel/", {"reason": "x"}, JSON, HTTP_IF_MATCH=etag).status_code == 403
    assert murad.post(here + "cancel/", {"reason": "rain"}, JSON, HTTP_IF_MATCH=etag).json()["state"] == "cancelled"


def test_the_desk_warns_of_who_is_not_back_and_what_lacks_people_and_only_who_answers_for_it(
    helping: Helping, plan: Any
) -> None:
    cast, task = helping.cast, plan()
    [row] = offer_task(by=actor(cast.murad), operation=cast.operation, task=task, volunteers=[helping.maral])[0]
    Volunteer.objects.filter(pk=helping.kerim.pk).update(state=VolunteerState.APPLIED)

    def warned(plug: Any, user: Any) -> list[str]:
        return [alert.title for alert in plug.alerts(Viewer(user=user, operation=cast.operation), 9)]

    assert warned(TaskAlerts(), cast.murad) == ["1 person is missing: Unload a lorry"]
    assert warned(VolunteerAlerts(), cast.murad) == ["Kerim wants to help"]
    assert (
        warned(TaskAlerts(), cast.lale) == warned(VolunteerAlerts(), cast.lale) == warned(TaskAlerts(), cast.oraz) == []
    )
    now = timezone.now()
    Task.objects.update(starts_at=now - timedelta(hours=8), ends_at=now - timedelta(hours=4))
    Assignment.objects.filter(pk=row.pk).update(state=AssignmentState.WORKING)
    assert warned(TaskAlerts(), cast.murad)[0] == f"Maral has not said that {task.code} is over"
    found = VolunteerSearch().find("Марал", Viewer(user=cast.murad, operation=cast.operation), 5)
    assert [hit.title for hit in found] == ["Maral"]
    assert not VolunteerSearch().find("Maral", Viewer(user=cast.lale, operation=cast.operation), 5)
    assert TaskSearch().find(task.code, Viewer(user=cast.oraz, operation=cast.operation), 5)[0].score == 1
