"""The exercise's volunteers: 300 invented people with skills and checks, and tasks in every state with their answers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.contrib.gis.geos import Point
from django.utils import timezone

from komek.extensions.exercise import ExerciseContext
from komek.records.actor import Channel
from komek.records.codes import next_codes
from komek.records.copying import copy_in
from volunteers.exercise_names import PLACES
from volunteers.models import (
    Assignment,
    AssignmentState,
    CheckKind,
    Skill,
    Task,
    TaskState,
    Transport,
    Trusted,
    Volunteer,
    VolunteerCheck,
    VolunteerSkill,
    VolunteerState,
)
from volunteers.people.registering import search_key_of as person_key
from volunteers.people.taxonomy import ShippedSkills
from volunteers.work.planning import search_key_of as task_key

VOLUNTEERS, TASKS = 300, 60
FIRST = ("Maral", "Kerim", "Jeren", "Batyr", "Ogulgerek", "Мурад", "Лейла", "Oraz", "Dilnoza", "Rustam", "Günel", "Elçin", "Aýna",
         "Serdar", "Наталья", "Bahar")  # fmt: skip
LAST = ("Ataeva", "Durdyýew", "Saparowa", "Annaýew", "Каримова", "Ýazow", "Rahimov", "Məmmədova", "Иванова", "Garaýew", "Nazarowa",
        "Öwezow", "Toshmatov")  # fmt: skip
WORK = (
    ("Unload a lorry", "loading", False, 6), ("Cook for a camp", "cook", False, 4), ("First aid post", "first-aid", False, 2),
    ("Drive water to villages", "driver-c", False, 1), ("Children's tent", "child-care", True, 2),
    ("Interpret for a field hospital", "interpreter", False, 1), ("Put up tents", "builder", False, 8),
    ("Register families", "registration", False, 3),
)  # fmt: skip
S, A = TaskState, AssignmentState


class VolunteersExercise:
    key = "volunteers.people"
    order = 59

    def load(self, context: ExerciseContext) -> None:
        ShippedSkills().load(lambda line: None)
        skills = {skill.key: skill for skill in Skill.objects.all()}
        people = [_volunteer(context, number) for number in range(VOLUNTEERS * context.scale)]
        for person, code in zip(people, next_codes("V", len(people)), strict=True):
            person.code = code
        copy_in(people)
        context.progress("volunteers", len(people), len(people))
        copy_in([row for number, one in enumerate(people) for row in _skills(one, number, list(skills.values()))])
        copy_in([row for number, one in enumerate(people) for row in _checks(one, number)])
        tasks = [_task(context, number) for number in range(TASKS * context.scale)]
        for task, code in zip(tasks, next_codes("T", len(tasks)), strict=True):
            task.code = code
        copy_in(tasks)
        asked = [skills.get(WORK[number % len(WORK)][1]) for number in range(len(tasks))]
        through = Task.skills.through
        through._default_manager.bulk_create(
            through(task_id=task.pk, skill_id=skill.pk) for task, skill in zip(tasks, asked, strict=True) if skill
        )
        ready = [one for one in people if one.state == VolunteerState.ACCEPTED]
        copy_in([row for number, task in enumerate(tasks) for row in _assignments(task, number, ready)])
        context.progress("tasks", len(tasks), len(tasks))
        context.made["volunteers"] = people


def _volunteer(context: ExerciseContext, number: int) -> Volunteer:
    random, state = context.random, VolunteerState.ACCEPTED
    if number % 12 in (5, 9):
        state = VolunteerState.APPLIED if number % 12 == 5 else VolunteerState.RESTING
    elif number % 30 == 7:
        state = VolunteerState.LEFT
    area = random.choice(context.made["areas"]["affected"])
    organisations, since = context.made["organisations"], timezone.now() - timedelta(hours=random.randint(1, 400))
    one = Volunteer(
        operation=context.operation, name=f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}",
        # +99300… is not an assigned Turkmen range: nobody's phone rings in an exercise.
        phone=f"+99300{500000 + number % 400000}" if number < 400000 else "", language=("tk", "ru", "uz", "az", "en")[number % 5],
        languages=[("tk", "ru", "uz", "az")[number % 4], "ru"] if number % 4 != 1 else ["ru"],
        organisation=organisations[number % min(len(organisations), 12)] if number % 3 else None, area=area,
        location=Point(area.centre.x + random.uniform(-0.2, 0.2), area.centre.y + random.uniform(-0.2, 0.2), srid=4326)
        if area.centre else None,
        landmark=random.choice(PLACES), transport=random.choice(Transport.values), reach_km=random.choice((None, 15, 40, 100)),
        days=[5, 6] if number % 9 == 4 else [], state=state, state_since=since, occurred_at=since, entered_at=since,
        from_hour=8 if number % 7 == 2 else None, to_hour=18 if number % 7 == 2 else None, channel=Channel.COMMAND,
        trust=Trusted.TRUSTED if number % 10 == 3 else Trusted.REGISTERED, emergency_name="Invented relative",
    )  # fmt: skip
    one.search_key = person_key(one)
    return one


def _skills(one: Volunteer, number: int, skills: list[Skill]) -> list[VolunteerSkill]:
    today = timezone.localdate()
    return [
        VolunteerSkill(
            volunteer=one, operation=one.operation, skill=skills[place], channel=Channel.COMMAND,
            verified_at=one.state_since if number % 2 else None,
            expires_on=today + timedelta(days=number % 200 - 3) if number % 5 == 0 else None,
        )
        for place in dict.fromkeys((number % len(skills), number * 7 % len(skills), number // 5 % len(skills)))
    ]  # fmt: skip


def _checks(one: Volunteer, number: int) -> list[VolunteerCheck]:
    if one.state == VolunteerState.APPLIED:
        return []
    today = timezone.localdate()
    kinds = CheckKind.values if number % 3 == 0 else CheckKind.values[:2]
    return [
        VolunteerCheck(
            volunteer=one, operation=one.operation, kind=kind, checked_on=today - timedelta(days=30 + number % 300),
            expires_on=today + timedelta(days=number % 300), channel=Channel.COMMAND,
        )
        for kind in kinds
    ]  # fmt: skip


def _task(context: ExerciseContext, number: int) -> Task:
    """Every state in turn: looks for people tomorrow, has its people, going on now, done, called off."""
    title, _skill, with_minors, wanted = WORK[number % len(WORK)]
    kind, now = number % 5, timezone.now()
    start = now + timedelta(hours=(20 + number % 40, 10, -2, -30 - number % 90, 30)[kind])
    state = (S.OPEN, S.FILLED, S.FILLED, S.DONE, S.CANCELLED)[kind]
    area = context.random.choice(context.made["areas"]["affected"])
    organisations = context.made["organisations"]
    task = Task(
        operation=context.operation, title=title, with_minors=with_minors, wanted=wanted, area=area,
        landmark=PLACES[number % len(PLACES)],
        location=area.centre, starts_at=start, ends_at=start + timedelta(hours=6), state=state,
        state_since=now - timedelta(hours=1), organisation=organisations[number % min(len(organisations), 12)],
        state_reason="the road is closed" if state == S.CANCELLED else "", channel=Channel.COMMAND,
        occurred_at=min(start, now) - timedelta(hours=12), entered_at=min(start, now) - timedelta(hours=12),
    )  # fmt: skip
    task.search_key = task_key(task)
    return task


def _assignments(task: Task, number: int, ready: list[Volunteer]) -> list[Assignment]:
    """Those who came, and for open tasks those who were asked; each volunteer stands in one task at a time."""
    kind, first = number % 5, number * 9
    states = {
        0: [A.OFFERED, A.DECLINED, A.LAPSED], 1: [A.ACCEPTED] * task.wanted + [A.TOO_LATE],
        2: [A.WORKING] * task.wanted, 3: [A.DONE] * max(task.wanted - 1, 1) + [A.ABSENT], 4: [A.RELEASED],
    }[kind]  # fmt: skip
    asked = task.occurred_at + timedelta(hours=1)
    rows = []
    for place, state in enumerate(states[: len(ready)]):
        row = Assignment(
            task=task, volunteer=ready[(first + place) % len(ready)], operation=task.operation, state=state, occurred_at=asked,
            answer_until=max(asked, timezone.now()) + timedelta(hours=2), channel=Channel.COMMAND,
            answered_at=None if state in (A.OFFERED, A.LAPSED) else asked + timedelta(minutes=10 + place),
        )  # fmt: skip
        if state in (A.WORKING, A.DONE):
            row.started_at = task.starts_at
        if state == A.DONE:
            row.ended_at, row.hours = task.ends_at, Decimal(6)
        rows.append(row)
    return rows
