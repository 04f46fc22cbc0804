"""Who could be asked to do a task, best first, each with reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from komek.accounts.authority import Standing, visible
from volunteers.models import (
    TAKEN,
    WITH_CHILDREN,
    Assignment,
    Task,
    Trusted,
    Volunteer,
    VolunteerCheck,
    VolunteerSkill,
    VolunteerState,
    in_force,
)
from volunteers.work.ranking import Candidate, Judged, Work, judge

LOOKED_AT = 400
"""So many of the nearest with the right skills are judged; the best of them are shown."""

AROUND = timedelta(days=8)


@dataclass(frozen=True)
class Ranked:
    volunteer: Volunteer
    judged: Judged


def candidates_for(task: Task, standing: Standing | None, limit: int = 20) -> list[Ranked]:
    """Accepted volunteers who can be asked and were not yet, best first. standing: whose eyes; ``None``: all of the operation."""
    rows = Volunteer.objects.filter(operation=task.operation)
    if standing is not None:
        rows = visible(rows, standing)
    rows = rows.filter(state=VolunteerState.ACCEPTED, is_adult=True)
    rows = rows.exclude(Exists(Assignment.objects.filter(volunteer=OuterRef("pk"), task=task)))
    day = timezone.localdate(task.ends_at)
    for skill in task.skills.all():
        having = VolunteerSkill.objects.filter(in_force(day), volunteer=OuterRef("pk"), skill=skill)
        rows = rows.filter(Exists(having))
    if task.with_minors:
        for kind in WITH_CHILDREN:
            checks = VolunteerCheck.objects.filter(in_force(day), volunteer=OuterRef("pk"), kind=kind)
            rows = rows.filter(Exists(checks))
    spot = spot_of(task)
    if spot is not None:
        rows = rows.annotate(away=Distance("location", spot)).order_by(F("away").asc(nulls_last=True), "pk")
    ranked = [one for one in judged(task, _looked_at(rows)) if one.judged.fits]
    return sorted(ranked, key=lambda one: (-one.judged.score, one.volunteer.pk))[:limit]


def judged(task: Task, volunteers: Sequence[Volunteer]) -> list[Ranked]:
    """These volunteers, each judged for the task. The number of queries does not grow with them."""
    day = timezone.localdate(task.ends_at)
    keys = [one.pk for one in volunteers]
    skills, seen = defaultdict(set), defaultdict(set)
    for row in VolunteerSkill.objects.filter(in_force(day), volunteer__in=keys).select_related("skill"):
        skills[row.volunteer_id].add(row.skill.key)
        if row.verified_at is not None or not row.skill.asks_evidence:
            seen[row.volunteer_id].add(row.skill.key)
    checks: dict[int, set[str]] = defaultdict(set)
    for volunteer_id, kind in VolunteerCheck.objects.filter(in_force(day), volunteer__in=keys).values_list(
        "volunteer", "kind"
    ):
        checks[volunteer_id].add(kind)
    booked = bookings(keys, task)
    work = work_of(task)
    return [
        Ranked(one, judge(work, _candidate(one, skills[one.pk], seen[one.pk], checks[one.pk], booked[one.pk])))
        for one in volunteers
    ]


def bookings(keys: Sequence[int], task: Task) -> dict[int, list[tuple[datetime, datetime]]]:
    """Of each volunteer, other work around this task, from and to."""
    rows = Assignment.objects.filter(
        volunteer__in=keys, state__in=TAKEN, task__ends_at__gt=task.starts_at - AROUND,
        task__starts_at__lt=task.ends_at + AROUND,
    ).exclude(task=task)  # fmt: skip
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for volunteer_id, start, end in rows.values_list("volunteer", "task__starts_at", "task__ends_at"):
        found[volunteer_id].append((timezone.localtime(start), timezone.localtime(end)))
    return found


def work_of(task: Task) -> Work:
    """The task as the judgement needs it."""
    spot = spot_of(task)
    return Work(
        timezone.localtime(task.starts_at), timezone.localtime(task.ends_at),
        frozenset(task.skills.values_list("key", flat=True)), task.with_minors,
        spot.x if spot else None, spot.y if spot else None,
    )  # fmt: skip


def spot_of(task: Task) -> Any:
    """Where the task is, as far as known."""
    return task.location or (task.site.location if task.site_id and task.site else None)


def _looked_at(rows: QuerySet[Volunteer]) -> list[Volunteer]:
    return list(rows.select_related("user", "organisation").defer("search_key")[:LOOKED_AT])


def _candidate(one: Volunteer, skills: set[str], seen: set[str], checks: set[str], booked: Any) -> Candidate:
    return Candidate(
        frozenset(skills), frozenset(seen), set(WITH_CHILDREN) <= checks, one.trust == Trusted.TRUSTED,
        one.location.x if one.location else None, one.location.y if one.location else None, one.reach_km, one.transport,
        frozenset(one.days), one.from_hour, one.to_hour, one.available_from, one.available_to, tuple(booked),
    )  # fmt: skip
