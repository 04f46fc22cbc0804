"""Recording cases of syndromes by site and day. Browser, API, SMS and imports call these functions.

There is one figure per site, syndrome and day. Sent again it changes nothing; a correction replaces it, and history keeps
what was said before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import Camp, Syndrome, SyndromeCount
from camps.refusals import NeedsConfirmation, Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, Channel, acting

FIGURES = ("under_five", "five_and_over", "deaths")
LONGEST_NOTE = 300
PLAUSIBLE_CASES = 100_000
# Reports come late, but not from another year: that is a slip of the pen.
OLDEST = timedelta(days=730)
ASKS_AT_ONCE = (Channel.BROWSER, Channel.API)


@dataclass(frozen=True)
class Cases:
    """What was reported of one syndrome. No figure at all (``None``) takes back what stood there before."""

    syndrome: Syndrome
    under_five: int | None = None
    five_and_over: int | None = None
    deaths: int | None = None
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return self.under_five is None and self.five_and_over is None and self.deaths is None

    @property
    def total(self) -> int:
        return (self.under_five or 0) + (self.five_and_over or 0)

    def figures(self) -> dict[str, Any]:
        """Fields of the record. Where one age was given and the other left out, the other is none of them."""
        return {**{name: getattr(self, name) or 0 for name in FIGURES}, "note": self.note.strip()}


@transaction.atomic
def record_counts(
    *,
    by: Actor,
    operation: Any,
    camp: Camp,
    day: date,
    counts: Sequence[Cases],
    confirmed: bool = False,
    reported_by: str = "",
) -> list[SyndromeCount]:
    """Record a day's cases at a site; returns the figures that now stand for the syndromes named.

    Raises Refused, NotAllowed, or NeedsConfirmation (browser and API only) when more people died than fell ill.
    """
    draft = SyndromeCount(camp=camp, operation=camp.operation, day=day)
    require(standing_of(by.user, operation), Action.ADD, draft)
    faults = faults_of(day, counts, today=timezone.localdate())
    if len(reported_by) > 200:
        faults["reported_by"] = _("This is too long. At most %(limit)d characters are kept.") % {"limit": 200}
    if faults:
        raise Refused(faults)
    question = "" if confirmed else question_about(counts)
    if question and by.channel in ASKS_AT_ONCE:
        raise NeedsConfirmation(question)
    Camp.objects.select_for_update(of=("self",)).get(pk=camp.pk)  # two who enter one day wait for each other
    known = {row.syndrome_id: row for row in SyndromeCount.objects.filter(camp=camp, day=day)}
    standing = []
    with acting(by):
        for cases in counts:
            kept = _put(by, camp, day, cases, known.get(cases.syndrome.pk), reported_by)
            if kept is not None:
                standing.append(kept)
        Camp.objects.filter(pk=camp.pk).update(confirmed_at=timezone.now())  # a report is a sign of life
    return standing


def _put(
    by: Actor, camp: Camp, day: date, cases: Cases, known: SyndromeCount | None, reported_by: str
) -> SyndromeCount | None:
    """Add, change or take back one figure; what is the same already is not touched."""
    if cases.is_empty:
        if known is not None:
            known.delete()
        return None
    figures = cases.figures()
    if known is None:
        made = SyndromeCount(camp=camp, operation=camp.operation, syndrome=cases.syndrome, day=day, **figures)
        made.occurred_at = moment_of(day)
        made.reported_by = reported_by
        made.stamp(by)
        made.save()
        return made
    if any(getattr(known, name) != value for name, value in figures.items()):
        for name, value in figures.items():
            setattr(known, name, value)
        known.reported_by = reported_by or known.reported_by
        known.save()
    known.syndrome = cases.syndrome
    return known


def faults_of(day: date, counts: Sequence[Cases], *, today: date) -> dict[str, Any]:
    """Field → sentence for every rule broken; a syndrome's fault stands under its key. Pure."""
    faults: dict[str, Any] = {}
    if day > today:
        faults["day"] = gettext_lazy("This day lies in the future. Give the day of the cases.")
    elif today - day > OLDEST:
        faults["day"] = gettext_lazy("This is more than two years ago. Check the year.")
    seen: set[int] = set()
    for cases in counts:
        key = cases.syndrome.key
        given = [value for value in (cases.under_five, cases.five_and_over, cases.deaths) if value is not None]
        if cases.syndrome.pk in seen:
            faults[key] = _("%(syndrome)s: stands in two rows. Add them up in one.") % {"syndrome": cases.syndrome}
        elif any(value < 0 for value in given):
            faults[key] = _("%(syndrome)s: a number of people cannot be negative.") % {"syndrome": cases.syndrome}
        elif any(value > PLAUSIBLE_CASES for value in given):
            faults[key] = _("%(syndrome)s: so many cases in a day cannot be right.") % {"syndrome": cases.syndrome}
        elif not cases.syndrome.is_active and not cases.is_empty:
            faults[key] = _("%(syndrome)s is not watched any more.") % {"syndrome": cases.syndrome}
        elif len(cases.note) > LONGEST_NOTE:
            faults[key] = _("%(syndrome)s: the note is too long.") % {"syndrome": cases.syndrome}
        seen.add(cases.syndrome.pk)
    return faults


def question_about(counts: Sequence[Cases]) -> str:
    """A sentence that asks for confirmation when more died than fell ill on the day; empty when not. Pure."""
    odd = [
        _("%(syndrome)s: %(deaths)d died, but %(cases)d fell ill on this day.")
        % {"syndrome": cases.syndrome, "deaths": cases.deaths, "cases": cases.total}
        for cases in counts
        if (cases.deaths or 0) > cases.total
    ]
    if not odd:
        return ""
    return " ".join([*odd, _("Did they fall ill on an earlier day?")])


def moment_of(day: date) -> datetime:
    """A moment on the day for its place in time: noon, or now when noon is still to come."""
    return min(timezone.make_aware(datetime.combine(day, time(12))), timezone.now())
