"""How far a site is from a standard, and what closes the gap. Pure: plain figures in, plain figures out.

What is not known stays not known: without a headcount or a measurement there is no value and no gap, and never a zero.
Figures are exact decimals; gaps are rounded up to whole units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

NOTHING = Decimal(0)
WHOLE = Decimal(1)


class Kind(StrEnum):
    """How a value is compared; the same words as ``camps.models.Comparison``."""

    PER_PERSON = "per_person"
    PEOPLE_PER_UNIT = "people_per_unit"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    IN_PLACE = "in_place"


class Step(StrEnum):
    """Which figure of a standard applies to a site now."""

    FIRST = "first"
    FULL = "full"
    COLD = "cold"


class Missing(StrEnum):
    """What would have to be known first."""

    HEADCOUNT = "headcount"
    MEASUREMENT = "measurement"
    BOTH = "both"


@dataclass(frozen=True)
class Rule:
    """A standard's figures. target is positive, or ``None`` for what is in place or not. See ``camps.models.Standard``."""

    kind: Kind
    target: Decimal | None = None
    first: Decimal | None = None
    first_days: int | None = None
    target_cold: Decimal | None = None
    share: Decimal | None = None

    @property
    def counts_people(self) -> bool:
        """Whether the rule cannot be applied without a headcount."""
        return self.kind in (Kind.PER_PERSON, Kind.PEOPLE_PER_UNIT)

    def step(self, *, is_cold: bool, days_open: int | None) -> Step:
        """The figure that applies. A site whose opening day is not known is held to the full one."""
        in_first_days = self.first_days is not None and days_open is not None and days_open < self.first_days
        if self.first is not None and in_first_days:
            return Step.FIRST
        if is_cold and self.target_cold is not None:
            return Step.COLD
        return Step.FULL

    def figure(self, step: Step) -> Decimal:
        """The figure of a step; 1 for what is in place or not."""
        found = {Step.FIRST: self.first, Step.COLD: self.target_cold, Step.FULL: self.target}[step]
        return WHOLE if found is None else found


@dataclass(frozen=True)
class Figure:
    """A number that somebody gave: headcount or measurement, when it was so, and by whose word."""

    value: Decimal
    at: datetime
    source: str = ""

    def age(self, now: datetime) -> timedelta:
        return max(now - self.at, timedelta(0))


@dataclass(frozen=True)
class Indicator:
    """What a site has of one thing, beside what the standard asks for.

    value: comparable with ``wanted``: litres for each person, people for each toilet, metres. ``None`` when not known, or
    when it cannot be divided (no unit at all, nobody there). needed: whole units the standard asks for in all.
    gap: whole units that are missing (or metres and minutes too many); ``None`` when not known. gap_in_full: the gap to
    the full standard while only the first figure applies. badness: 0 nothing missing … 1 nothing there; ``None`` when not
    known. is_critical: worse than the standard's least figure. missing: what keeps it from being known.
    """

    rule: Rule
    step: Step
    wanted: Decimal
    people: Figure | None
    measured: Figure | None
    missing: Missing | None
    value: Decimal | None = None
    needed: int | None = None
    gap: int | None = None
    gap_in_full: int | None = None
    badness: Decimal | None = None
    is_critical: bool | None = None

    @property
    def is_known(self) -> bool:
        return self.missing is None

    @property
    def reached(self) -> Decimal | None:
        """The part of the standard that is there, 0 … 1; for a bar."""
        return None if self.badness is None else 1 - self.badness

    def age(self, now: datetime) -> timedelta | None:
        """Age of the older of the two figures it rests on."""
        used = [figure for figure in (self.people if self.rule.counts_people else None, self.measured) if figure]
        return max((figure.age(now) for figure in used), default=None)


def assess(
    rule: Rule, *, people: Figure | None, measured: Figure | None, is_cold: bool = False, days_open: int | None = None
) -> Indicator:
    """Compare what was measured with the figure that applies to this many people."""
    step = rule.step(is_cold=is_cold, days_open=days_open)
    wanted = rule.figure(step)
    missing = _missing(rule, people, measured)
    if missing is not None or measured is None:
        return Indicator(rule, step, wanted, people, measured, missing)
    heads = people.value if people is not None else NOTHING
    is_first = step == Step.FIRST
    least = None if rule.first is None else short(rule, rule.first, heads, measured.value)
    return Indicator(
        rule,
        step,
        wanted,
        people,
        measured,
        None,
        value=comparable(rule, heads, measured.value),
        needed=needed(rule, wanted, heads),
        gap=short(rule, wanted, heads, measured.value),
        gap_in_full=short(rule, rule.figure(Step.FULL), heads, measured.value) if is_first else None,
        badness=badness(rule, wanted, heads, measured.value),
        is_critical=None if least is None else least > 0,
    )


def short(rule: Rule, wanted: Decimal, people: Decimal, value: Decimal) -> int:
    """Whole units missing, or too many for what should be at most so much. Never negative."""
    if rule.kind == Kind.AT_MOST:
        return max(whole(value - wanted), 0)
    if rule.kind == Kind.IN_PLACE:
        return 0 if value > 0 else 1
    if rule.kind == Kind.AT_LEAST:
        return max(whole(wanted - value), 0)
    if rule.kind == Kind.PER_PERSON:
        return max(whole(people * wanted - value), 0)
    return max(whole((people * _share(rule) - value * wanted) / wanted), 0)


def needed(rule: Rule, wanted: Decimal, people: Decimal) -> int | None:
    """Whole units that this many people need in all; ``None`` where people are not counted."""
    return short(rule, wanted, people, NOTHING) if rule.counts_people else None


def comparable(rule: Rule, people: Decimal, value: Decimal) -> Decimal | None:
    """The measured amount in the terms of the standard."""
    if rule.kind == Kind.PER_PERSON:
        return value / people if people > 0 else None
    if rule.kind == Kind.PEOPLE_PER_UNIT:
        # Part of the toilets says nothing about which part of the people uses them.
        return people / value if value > 0 and rule.share is None else None
    return value


def badness(rule: Rule, wanted: Decimal, people: Decimal, value: Decimal) -> Decimal:
    """The part of what is asked for that is missing: 0 when nothing is, 1 when there is nothing at all."""
    if rule.kind == Kind.IN_PLACE:
        return NOTHING if value > 0 else WHOLE
    if rule.kind == Kind.AT_MOST:
        return NOTHING if value <= wanted else 1 - wanted / value
    whole_need = {Kind.AT_LEAST: wanted, Kind.PER_PERSON: people * wanted}.get(rule.kind, people * _share(rule))
    there = value * wanted if rule.kind == Kind.PEOPLE_PER_UNIT else value
    return NOTHING if there >= whole_need else 1 - there / whole_need


def items_for(gap: int, item_covers: Decimal) -> int:
    """How many items close the gap when one closes ``item_covers`` of it."""
    return whole(Decimal(gap) / item_covers)


def whole(amount: Decimal) -> int:
    """Rounded up: half a toilet is a toilet."""
    return int(amount.to_integral_value(rounding=ROUND_CEILING))


def _share(rule: Rule) -> Decimal:
    return WHOLE if rule.share is None else rule.share


def _missing(rule: Rule, people: Figure | None, measured: Figure | None) -> Missing | None:
    lacks_people = rule.counts_people and people is None
    if lacks_people and measured is None:
        return Missing.BOTH
    if lacks_people:
        return Missing.HEADCOUNT
    return Missing.MEASUREMENT if measured is None else None
