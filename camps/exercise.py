"""The exercise's camps and hospitals: 40 sites with three weeks of headcounts, measurements, health reports, and some people.

Some are crowded, some silent, one has an outbreak, one was counted wrongly: what a coordinator should find.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone

from camps.exercise_names import CAMP_NAMES
from camps.exercise_people import register_people
from camps.exercise_reports import hospital_reports, measurements, syndrome_counts
from camps.models import (
    Access,
    Camp,
    CampState,
    CampType,
    Headcount,
    HeadcountStanding,
    Method,
    RegistrationLevel,
    ShelterCapacity,
    ShelterKind,
)
from komek.accounts.roles import Role
from komek.extensions.exercise import ExerciseContext
from komek.operations.exercises import write_records
from komek.operations.models import HazardType
from komek.records.actor import Channel
from komek.records.models import Approval
from orgs.exercise_accounts import open_account
from orgs.models import Opening, Organisation, Site, SiteKind
from orgs.naming import search_key
from orgs.taking_over import taken_over

CAMPS = 40
DAYS = 21
# How many of the forty are of each kind, and which sites of the register they are made of.
MIX = (
    (CampType.PLANNED, SiteKind.CAMP, 10), (CampType.SPONTANEOUS, SiteKind.CAMP, 12), (CampType.COLLECTIVE, SiteKind.SCHOOL, 7),
    (CampType.HOSPITAL, SiteKind.HOSPITAL, 6), (CampType.RECEPTION, SiteKind.RECEPTION, 2), (CampType.HOST, SiteKind.CAMP, 3),
)  # fmt: skip
RUNNER = 6  # the organisation whose people the exercise lets one sign in as
CROWDED_SITE, SILENT_SITES, JUMPING_SITE = 0, (3, 11), 5


class CampsExercise:
    key = "camps"
    order = 50

    def load(self, context: ExerciseContext) -> None:
        runner = context.made["organisations"][RUNNER]
        camps = _camps(context, runner)
        _people_who_work_there(context, runner)
        _states_and_shelters(context, camps)
        counts = _headcounts(context, camps)
        write_records(context, "measurements", measurements(context, camps, counts))
        hospital_reports(context, [camp for camp in camps if camp.camp_type == CampType.HOSPITAL], DAYS)
        write_records(context, "health counts", syndrome_counts(context, camps, counts, DAYS))
        register_people(context, camps)
        _hear_from(camps)
        context.made["camps"] = camps


def _camps(context: ExerciseContext, runner: Organisation) -> list[Camp]:
    """Turn sites of the register into camps, and make those that are missing."""
    random = context.random
    by_kind: dict[str, list[Site]] = {}
    for site in context.made["sites"]:
        by_kind.setdefault(site.kind, []).append(site)
    hazards = list(HazardType.objects.filter(key__in=("flood", "landslide", "mudflow")))
    made: list[Camp] = []
    for camp_type, kind, number in MIX:
        for _ in range(number * context.scale):
            site = by_kind[kind].pop() if by_kind.get(kind) else None
            made.append(_camp(context, len(made), camp_type, site, runner, random))
            context.progress("camps", len(made), CAMPS * context.scale)
    for camp in made:
        if hazards and random.random() < 0.3:
            camp.hazards.add(random.choice(hazards))
    return made


def _camp(
    context: ExerciseContext, number: int, camp_type: str, site: Site | None, runner: Organisation, random: Random
) -> Camp:
    camp = taken_over(site, Camp) if site is not None else Camp()
    if site is None:
        district = random.choice(context.made["areas"]["affected"])
        camp.operation, camp.area, camp.location = context.operation, district, district.centre
        camp.organisation = random.choice(
            [one for one in context.made["organisations"] if one.approval == Approval.APPROVED]
        )
    place = str(camp.area or "").removesuffix(" (exercise)")
    camp.name = CAMP_NAMES[camp_type].format(n=number + 1, place=place)
    camp.camp_type, camp.kind = camp_type, CampType(camp_type).site_kind
    if number < 8 or camp_type == CampType.COLLECTIVE:
        camp.organisation = runner
    camp.opening = Opening.CLOSED if number == 9 else Opening.OPEN
    camp.opened_on = (context.operation.started_at + timedelta(days=random.randint(0, 4))).date()
    camp.closed_on = timezone.localdate() - timedelta(days=2) if number == 9 else None
    camp.capacity = random.choice((200, 350, 600, 1200, 2500))
    camp.capacity_unit = "people"
    camp.access = random.choice((Access.ANY_VEHICLE,) * 4 + (Access.DRY_WEATHER, Access.OFF_ROAD, Access.UNKNOWN))
    registers = camp_type in (CampType.PLANNED, CampType.COLLECTIVE, CampType.RECEPTION)
    camp.registration = RegistrationLevel.PEOPLE if registers else RegistrationLevel.NONE
    camp.occurred_at, camp.channel = context.operation.started_at, Channel.COMMAND
    camp.search_key = search_key([camp.name])
    if camp_type in (CampType.PLANNED, CampType.SPONTANEOUS) and camp.location is not None:
        camp.perimeter = _perimeter(camp, random)
    if site is not None:
        camp.save_base(raw=True)  # the site's own row is there; only the camp's is new
        Site.objects.filter(pk=site.pk).update(
            name=camp.name, kind=camp.kind, organisation=camp.organisation, opening=camp.opening, opened_on=camp.opened_on,
            closed_on=camp.closed_on, capacity=camp.capacity, capacity_unit="people", search_key=camp.search_key,
        )  # fmt: skip
    else:
        camp.save()
    return camp


def _perimeter(camp: Camp, random: Random) -> MultiPolygon:
    """A site of 30 to 60 m² for each place, about a rectangle around its point."""
    half = (camp.capacity * random.uniform(30, 60)) ** 0.5 / 2 / 111_000
    x, y = camp.location.x, camp.location.y
    ring = ((x - half, y - half), (x + half, y - half * 0.8), (x + half * 1.1, y + half), (x - half, y + half * 0.9))
    return MultiPolygon(Polygon((*ring, ring[0]), srid=4326), srid=4326)


def _people_who_work_there(context: ExerciseContext, runner: Organisation) -> None:
    sheet = (
        ("Batyr Saparow", "camp@kopetdag.example.org", Role.CAMP_MANAGER, "tk"),
        ("Айна Мередова", "registrar@kopetdag.example.org", Role.REGISTRAR, "ru"),
        ("Nigora Yusupova", "protection@kopetdag.example.org", Role.PROTECTION_OFFICER, "uz"),
    )
    for name, email, role, language in sheet:
        open_account(context, name, email, role, language, runner)


def _states_and_shelters(context: ExerciseContext, camps: list[Camp]) -> None:
    random = context.random
    states, shelters = [], []
    for camp in camps:
        common = {"camp": camp, "operation": context.operation, "channel": Channel.COMMAND, "reported_by": "Exercise"}
        states.append(CampState(state=Opening.OPEN, occurred_at=context.operation.started_at, **common))
        if camp.opening == Opening.CLOSED:
            closed_at = timezone.now() - timedelta(days=2)
            reason = "Everybody moved to a planned camp"
            states.append(CampState(state=Opening.CLOSED, reason=reason, occurred_at=closed_at, **common))
        kind = {
            CampType.PLANNED: ShelterKind.TENT, CampType.SPONTANEOUS: ShelterKind.EMERGENCY, CampType.COLLECTIVE: ShelterKind.ROOM,
            CampType.HOST: ShelterKind.HOST_HOME, CampType.HOSPITAL: ShelterKind.ROOM, CampType.RECEPTION: ShelterKind.HALL,
        }[CampType(camp.camp_type)]  # fmt: skip
        size = {ShelterKind.HALL: 80, ShelterKind.ROOM: 12}.get(kind, 5)
        units = max(1, camp.capacity // size)
        shelters.append(
            ShelterCapacity(
                camp=camp,
                kind=kind,
                units=units + random.randint(0, units // 5),
                usable_units=units,
                people_per_unit=size,
            )
        )
    write_records(context, "states of camps", states)
    write_records(context, "shelters", shelters)


def _headcounts(context: ExerciseContext, camps: list[Camp]) -> dict[int, int]:
    """Daily headcounts; returns the newest per camp."""
    random = context.random
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    rows: list[Headcount] = []
    newest: dict[int, int] = {}
    for number, camp in enumerate(camps):
        level = random.uniform(0.45, 0.95) if number != CROWDED_SITE else 1.35
        silent_for = random.randint(5, 8) if number in SILENT_SITES else 0
        for day in range(DAYS, silent_for, -1):
            if random.random() < 0.15 and day > 1:
                continue  # nobody counted that day
            grown = min(1.0, 0.35 + (DAYS - day) / 12)
            people = max(4, int(camp.capacity * level * grown * random.uniform(0.97, 1.03)))
            rows.append(
                _headcount(context, camp, people, now - timedelta(days=day - 1, hours=random.randint(1, 9)), random)
            )
            newest[camp.pk] = people
        if number == JUMPING_SITE:
            question = _headcount(context, camp, newest[camp.pk] * 2, now - timedelta(minutes=30), random)
            question.standing, question.channel = HeadcountStanding.QUESTIONED, Channel.SMS
            rows.append(question)
    write_records(context, "headcounts", rows)
    return newest


def _headcount(context: ExerciseContext, camp: Camp, people: int, at: Any, random: Random) -> Headcount:
    count = Headcount(
        camp=camp, operation=context.operation, people=people, households=max(1, people // 5), occurred_at=at, entered_at=at,
        method=random.choice(Method.values), channel=Channel.COMMAND, reported_by="Exercise",
    )  # fmt: skip
    if random.random() < 0.7:
        shares = {"0_4": 0.12, "5_11": 0.15, "12_17": 0.12, "18_59": 0.5}
        count.female = int(people * random.uniform(0.5, 0.56))
        count.male = people - count.female
        for sex, total in (("female", count.female), ("male", count.male)):
            left = total
            for band, share in shares.items():
                part = int(total * share)
                setattr(count, f"{sex}_{band}", part)
                left -= part
            setattr(count, f"{sex}_60", left)
        count.disability, count.pregnant = people // 20, people // 25
        count.unaccompanied_children, count.older_alone, count.chronically_ill = (
            people // 200,
            people // 60,
            people // 12,
        )
    return count


def _hear_from(camps: list[Camp]) -> None:
    """Sites that report are heard from today; two have fallen silent."""
    now = timezone.now()
    for number, camp in enumerate(camps):
        ago = timedelta(days=6) if number in SILENT_SITES else timedelta(hours=1 + number % 20)
        Site.objects.filter(pk=camp.pk).update(confirmed_at=now - ago)


PLUGS = [CampsExercise()]
