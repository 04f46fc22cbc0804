"""Who fits a task best, and why: a pure judgement on plain data that says its reasons.

Hours: the European Working Time Directive (2003/88/EC) gives a worker 11 hours of rest in each 24 (article 3) and 48 hours of
work in seven days (article 6). Volunteers get an hour more of rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.utils.translation import gettext as _

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class RestRules:
    """How many hours anybody works within 24 hours, and within seven days."""

    most_in_24_h: float = 12
    most_in_7_days: float = 48


RULES = RestRules()
SPEED_KMH = {"foot": 4, "bicycle": 12, "motorcycle": 40, "car": 45, "van": 40, "lorry": 35}
"""Over damaged roads; only for ranking."""


@dataclass(frozen=True)
class Work:
    """A task as the judgement needs it. Times are local and aware; skills are keys; coordinates EPSG:4326."""

    starts_at: datetime
    ends_at: datetime
    skills: frozenset[str] = frozenset()
    with_minors: bool = False
    longitude: float | None = None
    latitude: float | None = None

    @property
    def hours(self) -> float:
        return (self.ends_at - self.starts_at) / HOUR


@dataclass(frozen=True)
class Candidate:
    """A volunteer as the judgement needs them. skills and seen: what holds on the day, and of it what somebody looked at.

    booked: other work they said yes to or did, from and to.
    """

    skills: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    is_vetted: bool = False
    is_trusted: bool = False
    longitude: float | None = None
    latitude: float | None = None
    reach_km: int | None = None
    transport: str = "foot"
    days: frozenset[int] = frozenset()
    from_hour: int | None = None
    to_hour: int | None = None
    available_from: date | None = None
    available_to: date | None = None
    booked: Sequence[tuple[datetime, datetime]] = ()


@dataclass
class Judged:
    """score: 0 to 100, of no use when ``bars`` says why they cannot be asked. reasons: what speaks for and against, in words."""

    score: float = 0
    reasons: list[str] = field(default_factory=list)
    bars: list[str] = field(default_factory=list)
    distance_km: float | None = None

    @property
    def fits(self) -> bool:
        return not self.bars


def judge(work: Work, one: Candidate, rules: RestRules = RULES) -> Judged:
    """Whether they can be asked, and how well they fit: 40 for skills, 30 for nearness, 20 for rest, 10 for trust."""
    found = Judged()
    _judge_skills(work, one, found)
    _judge_time(work, one, found, rules)
    _judge_place(work, one, found)
    if one.is_trusted:
        found.score += 10
        found.reasons.append(_("trusted"))
    found.score = round(found.score, 1)
    return found


def distance_km(longitude: float, latitude: float, other_longitude: float, other_latitude: float) -> float:
    """Over a sphere of 6371 km."""
    a, b = radians(latitude), radians(other_latitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def most_hours(shifts: Iterable[tuple[datetime, datetime]], window: timedelta) -> float:
    """The most hours worked within any window of this length. The fullest one begins or ends where a shift does."""
    known = list(shifts)
    starts = [start for start, _end in known] + [end - window for _start, end in known]
    return max((sum(_overlap(shift, (at, at + window)) for shift in known) for at in starts), default=0)


def _overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> float:
    return max((min(one[1], other[1]) - max(one[0], other[0])) / HOUR, 0)


def _judge_skills(work: Work, one: Candidate, found: Judged) -> None:
    missing = work.skills - one.skills
    if missing:
        found.bars.append(_("lacks a skill that is needed"))
    if work.with_minors and not one.is_vetted:
        found.bars.append(_("not checked for work with children"))
    if not work.skills:
        found.score += 40
        return
    seen = len(work.skills & one.seen) / len(work.skills)
    found.score += 25 + 15 * seen
    found.reasons.append(_("has the skills, evidence seen") if seen == 1 else _("has the skills, evidence not seen"))


def _judge_time(work: Work, one: Candidate, found: Judged, rules: RestRules) -> None:
    first, last = work.starts_at.date(), work.ends_at.date()
    if (one.available_from and first < one.available_from) or (one.available_to and last > one.available_to):
        found.bars.append(_("not available on that day"))
    elif one.days and work.starts_at.weekday() not in one.days:
        found.bars.append(_("not available on that weekday"))
    elif not _within_hours(work, one):
        found.bars.append(_("not available at that hour"))
    shift = (work.starts_at, work.ends_at)
    if any(_overlap(shift, other) > 0 for other in one.booked):
        found.bars.append(_("has another task then"))
        return
    shifts = [*one.booked, shift]
    if most_hours(shifts, timedelta(hours=24)) > rules.most_in_24_h:
        found.bars.append(_("would work more than %(n)d hours within 24") % {"n": rules.most_in_24_h})
    week = most_hours(shifts, timedelta(days=7))
    if week > rules.most_in_7_days:
        found.bars.append(_("would work more than %(n)d hours within 7 days") % {"n": rules.most_in_7_days})
    load = max(week - work.hours, 0)
    found.score += 20 * max(1 - load / rules.most_in_7_days, 0)
    found.reasons.append(_("%(n)d h of other work that week") % {"n": round(load)})


def _within_hours(work: Work, one: Candidate) -> bool:
    """Whether the task lies in their hours of the day; hours such as 22 to 6 run over midnight."""
    if one.from_hour is None or one.to_hour is None or one.from_hour == one.to_hour:
        return True
    length = (one.to_hour - one.from_hour) % 24
    into = (work.starts_at.hour + work.starts_at.minute / 60 - one.from_hour) % 24
    return into + work.hours <= length


def _judge_place(work: Work, one: Candidate, found: Judged) -> None:
    known: tuple[Any, ...] = (work.longitude, work.latitude, one.longitude, one.latitude)
    if None in known:
        found.score += 10
        found.reasons.append(_("distance unknown"))
        return
    away = distance_km(*known)
    found.distance_km = away
    if one.reach_km is not None and away > one.reach_km:
        found.bars.append(_("farther away than they go"))
    found.score += 30 / (1 + away / SPEED_KMH.get(one.transport, 4))
    found.reasons.append(_("%(km)s km away") % {"km": round(away, 1) if away < 10 else round(away)})
