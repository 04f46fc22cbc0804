"""Volunteers: registering, the public form, checks, who sees whom, and the pages of people and tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from komek.accounts.authority import standing_of, visible
from komek.messaging.models import Outbox
from komek.records.models import ProtectedRead
from tests.conftest import SignIn, actor
from tests.volunteers.conftest import VOLUNTEERS, Helping
from volunteers import robots
from volunteers.models import Assignment, Skill, Volunteer, VolunteerState
from volunteers.people.registering import change_volunteer, leave, record_check, record_skill, register_volunteer
from volunteers.people.taxonomy import ShippedSkills
from volunteers.refusals import Refused

pytestmark = pytest.mark.django_db


def typed(**fields: Any) -> dict[str, Any]:
    return {"name": "Jeren Saparova", "phone": "+99365777777", "transport": "car", "is_adult": "on", "agrees": "on",
            "days": ["5", "6"], "opened": robots.stamp(timedelta(minutes=2)), **fields}  # fmt: skip


def test_somebody_without_an_account_applies_and_is_accepted_by_text(helping: Helping, sign_in: SignIn) -> None:
    public = Client()
    assert public.get("/volunteer/").status_code == 200
    for fields, sentence in (
        ({"phone": "12"}, "phone number"), ({"website": "x"}, "a program filled in the form"), ({"is_adult": ""}, "18 or older"),
        ({"agrees": ""}, "may not keep"), ({"from_hour": "8"}, "Give both hours"),
    ):  # fmt: skip
        answer = public.post("/volunteer/", typed(**fields))
        assert answer.status_code == 422 and sentence in answer.content.decode() and "Jeren" in answer.content.decode()
    assert public.post("/volunteer/", typed(skills=[helping.skill.pk])).status_code == 302
    made = Volunteer.objects.get(name="Jeren Saparova")
    assert (made.state, made.days, made.entered_by) == ("applied", [5, 6], None) and made.skills.count() == 1
    assert not Outbox.objects.filter(to="+99365777777").exists(), "nothing is sent before somebody has looked"
    assert public.post("/volunteer/", typed(name="Somebody")).status_code == 302, "nobody learns who is registered"
    assert Volunteer.objects.count() == 3
    browser = sign_in(helping.cast.aina)
    assert "Jeren" in browser.get("/volunteers/?state=applied").content.decode()
    assert browser.post(f"/volunteers/{made.code}/step/accept/", {"reason": ""}).status_code == 302
    assert "Welcome as a volunteer, Jeren" in Outbox.objects.get(to="+99365777777").body


def test_volunteers_are_seen_by_who_answers_for_them(helping: Helping, sign_in: SignIn) -> None:
    cast = helping.cast
    seen = {user.name: visible(Volunteer.objects.all(), standing_of(user, cast.operation)).count()
            for user in (cast.aina, cast.murad, cast.lale, cast.oraz, cast.outsider, cast.pending)}  # fmt: skip
    assert seen == {"Aina": 2, "Murad": 2, "Lale": 0, "Oraz": 0, "Outsider": 0, "Pending": 0}
    Volunteer.objects.filter(pk=helping.maral.pk).update(user=cast.oraz)
    assert [one.name for one in visible(Volunteer.objects.all(), standing_of(cast.oraz, cast.operation))] == ["Maral"]
    assert sign_in(cast.lale).get(f"/volunteers/{helping.kerim.code}/").status_code == 404
    assert sign_in(cast.oraz).get(f"/volunteers/{helping.maral.code}/").status_code == 200
    with pytest.raises(PermissionDenied):
        change_volunteer(by=actor(cast.lale), operation=cast.operation, volunteer=helping.maral, name="X")
    with pytest.raises(PermissionDenied):
        register_volunteer(by=actor(cast.oraz), operation=cast.operation, name="X", phone="+99361000009")


def test_what_cannot_be_is_refused_in_words(helping: Helping) -> None:
    by, operation = actor(helping.cast.murad), helping.operation
    today = timezone.localdate()
    for sentence, act in (
        ("registered already", lambda: register_volunteer(by=by, operation=operation, name="X", phone=VOLUNTEERS[0],
                                                          organisation=helping.cast.relief)),
        ("Give a phone", lambda: register_volunteer(by=by, operation=operation, name="X", organisation=helping.cast.relief)),
        ("future", lambda: record_check(by=by, operation=operation, volunteer=helping.maral, kind="identity",
                                        checked_on=today + timedelta(days=1))),
        ("before it was checked", lambda: record_check(by=by, operation=operation, volunteer=helping.maral, kind="identity",
                                                       expires_on=today - timedelta(days=1))),
        ("what you looked at", lambda: record_skill(by=by, operation=operation, volunteer=helping.maral, skill=helping.skill,
                                                    is_verified=True)),
    ):  # fmt: skip
        with pytest.raises(Refused, match=sentence):
            act()
    leave(by=by, operation=operation, volunteer=helping.kerim)
    with pytest.raises(Refused, match="not possible from there"):
        leave(by=by, operation=operation, volunteer=helping.kerim)
    assert Volunteer.objects.get(pk=helping.kerim.pk).state == VolunteerState.LEFT


def test_health_limits_are_shown_for_a_reason_and_each_look_is_written_down(helping: Helping, sign_in: SignIn) -> None:
    Volunteer.objects.filter(pk=helping.maral.pk).update(health_limits="asthma, no dust")
    address = f"/volunteers/{helping.maral.code}/protected/"
    manager = sign_in(helping.cast.murad)
    assert "asthma" not in manager.get(f"/volunteers/{helping.maral.code}/").content.decode()
    assert "asthma" not in manager.get(address).content.decode()
    assert manager.post(address, {"why": " "}).status_code == 422 and not ProtectedRead.objects.exists()
    assert "asthma" in manager.post(address, {"why": "planning the rubble team"}).content.decode()
    assert ProtectedRead.objects.get().why == "planning the rubble team"
    assert sign_in(helping.cast.lale).post(address, {"why": "curious"}).status_code == 403


def test_a_manager_plans_a_task_asks_the_best_and_a_volunteer_takes_it_on_their_phone(
    helping: Helping, sign_in: SignIn
) -> None:
    cast = helping.cast
    Volunteer.objects.filter(pk=helping.maral.pk).update(user=cast.oraz)
    browser = sign_in(cast.murad)
    begins = timezone.localtime() + timedelta(hours=3)
    asked = {"title": "Unload a lorry", "starts_at": f"{begins:%Y-%m-%dT%H:%M}", "landmark": "Tejen market", "wanted": "1",
             "ends_at": f"{begins + timedelta(hours=4):%Y-%m-%dT%H:%M}", "organisation": str(cast.relief.pk),
             "organisation_text": "", "skills": [str(helping.skill.pk)]}  # fmt: skip
    wrong = browser.post("/tasks/add/", {**asked, "with_minors": "on"})
    assert wrong.status_code == 422 and "two people at least" in wrong.content.decode()
    made = browser.post("/tasks/add/", asked)
    page = browser.get(made["Location"]).content.decode()
    assert page.index("Maral") and "has the skills, evidence not seen" in page and "distance unknown" in page
    browser.post(made["Location"] + "ask/", {"volunteer": [helping.maral.pk, helping.kerim.pk]})
    mine = sign_in(cast.oraz)
    row = Assignment.objects.get(volunteer=helping.maral)
    assert "I take it" in mine.get("/tasks/mine/").content.decode()
    other = Assignment.objects.get(volunteer=helping.kerim)
    assert mine.post("/tasks/mine/", {"assignment": other.pk, "do": "yes"}).status_code == 404
    mine.post("/tasks/mine/", {"assignment": row.pk, "do": "yes"})
    page = browser.get(made["Location"]).content.decode()
    assert "Who comes: 1 of 1" in page and f"tel:{VOLUNTEERS[0]}" in page and f"tel:{VOLUNTEERS[1]}" not in page
    seen = mine.get(made["Location"]).content.decode()
    assert "Maral" in seen and "Kerim" not in seen and "Ask them by text" not in seen
    assert mine.post(f"/tasks/assignments/{row.pk}/", {"do": "came"}).status_code == 403
    browser.post(f"/tasks/assignments/{row.pk}/", {"do": "came"})
    row.refresh_from_db()
    assert row.state == "working"
    assert "Unload a lorry" in browser.get("/tasks/").content.decode()
    assert "Unload a lorry" in browser.get(f"/volunteers/{helping.maral.code}/").content.decode()


def test_skills_come_with_komek_once_and_are_kept_by_coordinators(helping: Helping, sign_in: SignIn) -> None:
    ShippedSkills().load(lambda line: None)
    count = Skill.objects.count()
    ShippedSkills().load(lambda line: None)
    assert Skill.objects.count() == count > 20
    browser = sign_in(helping.cast.aina)
    browser.post("/volunteers/skills/add/", {"name": "Drone pilot", "is_active": "on"})
    assert Skill.objects.get(name="Drone pilot").key == "drone-pilot"
    again = browser.post("/volunteers/skills/add/", {"name": "Drone pilot", "is_active": "on"})
    assert again.status_code == 422 and "of this name already" in again.content.decode()
    assert "Drone pilot" in browser.get("/volunteers/skills/").content.decode()
    assert sign_in(helping.cast.murad).get("/volunteers/skills/add/").status_code == 403
