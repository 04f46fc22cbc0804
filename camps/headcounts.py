"""Reporting how many people a site holds. Reports come late, in batches and twice; none is lost, none counts twice.

A headcount is only ever added. A correction is a new one that replaces the old, which stays to be seen. A headcount that
jumps by more than 30 % against its neighbours in time is asked about: a person at a screen confirms or corrects it
on the spot; one that came by message or file is kept, but does not count until somebody confirms it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import NEEDS, Camp, Headcount, HeadcountStanding, breakdown_fields
from camps.refusals import NeedsConfirmation, Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, Channel, acting

JUMP = 0.30
# Below this many people a change by a family or two is more than 30 % and says nothing.
SMALLEST_JUMP = 20
# A clock that runs a little fast does not make a report one from the future.
CLOCK_SLACK = timedelta(minutes=10)
PLAUSIBLE_PEOPLE = 5_000_000
EDITABLE = (
    "people", "households", "female", "male", *breakdown_fields(), *NEEDS, "method", "source", "note", "reported_by",
)  # fmt: skip
ASKS_AT_ONCE = (Channel.BROWSER, Channel.API)


@transaction.atomic
def report_headcount(
    *,
    by: Actor,
    operation: Any,
    camp: Camp,
    people: int,
    occurred_at: datetime,
    confirmed: bool = False,
    entry_id: UUID | None = None,
    **fields: Any,
) -> Headcount:
    """Add a headcount. The same entry, or the same figures of the same moment, sent again gives the first one back.

    Raises Refused, NotAllowed, or NeedsConfirmation (browser and API only) when it jumps by more than 30 %.
    """
    count = _draft(by=by, operation=operation, camp=camp, people=people, occurred_at=occurred_at, fields=fields)
    require(standing_of(by.user, operation), Action.ADD, count)
    Camp.objects.select_for_update(of=("self",)).get(pk=camp.pk)  # two reports of one site wait for each other
    earlier = _same(count, entry_id)
    if earlier is not None:
        return earlier
    if entry_id is not None:
        count.entry_id = entry_id
    fill(count)
    faults = faults_of(count)
    if faults:
        raise Refused(faults)
    question = "" if confirmed else question_about(count)
    if question and by.channel in ASKS_AT_ONCE:
        raise NeedsConfirmation(question)
    count.standing = HeadcountStanding.QUESTIONED if question else HeadcountStanding.ACCEPTED
    with acting(by):
        count.save()
        _heard_from(camp)
    return count


@transaction.atomic
def correct_headcount(
    *, by: Actor, operation: Any, headcount: Headcount, confirmed: bool = False, **fields: Any
) -> Headcount:
    """Replace a headcount by a corrected one; the wrong one stays and says that it was replaced."""
    require(standing_of(by.user, operation), Action.CHANGE, headcount)
    old = Headcount.objects.select_for_update(of=("self",)).get(pk=headcount.pk)
    if old.standing in (HeadcountStanding.REPLACED, HeadcountStanding.WITHDRAWN):
        raise Refused(
            {"__all__": gettext_lazy("This headcount was corrected or withdrawn meanwhile. Look at the newest one.")}
        )
    kept = {name: getattr(old, name) for name in EDITABLE}
    values = {**kept, **fields}
    new = _draft(
        by=by, operation=operation, camp=old.camp, people=values.pop("people"),
        occurred_at=fields.get("occurred_at", old.occurred_at),
        fields={name: value for name, value in values.items() if name != "occurred_at"},
    )  # fmt: skip
    new.corrects = old
    fill(new)
    faults = faults_of(new)
    if faults:
        raise Refused(faults)
    question = "" if confirmed else question_about(new, leaving_out=old)
    if question and by.channel in ASKS_AT_ONCE:
        raise NeedsConfirmation(question)
    new.standing = HeadcountStanding.QUESTIONED if question else HeadcountStanding.ACCEPTED
    with acting(by):
        if new.standing == HeadcountStanding.ACCEPTED:
            old.standing = HeadcountStanding.REPLACED
            old.save(update_fields=["standing", "updated_at"])
        new.save()
    return new


@transaction.atomic
def decide_headcount(*, by: Actor, operation: Any, headcount: Headcount, accept: bool, reason: str = "") -> Headcount:
    """Confirm a questioned headcount, or withdraw any (with a reason). Doing it twice changes nothing."""
    require(standing_of(by.user, operation), Action.CHANGE, headcount)
    count = Headcount.objects.select_for_update(of=("self",)).select_related("corrects").get(pk=headcount.pk)
    wanted = HeadcountStanding.ACCEPTED if accept else HeadcountStanding.WITHDRAWN
    if count.standing == wanted:
        return count
    if count.standing == HeadcountStanding.REPLACED or (accept and count.standing == HeadcountStanding.WITHDRAWN):
        raise Refused({"__all__": gettext_lazy("This headcount no longer counts. Report a new one.")})
    if not accept and not reason.strip():
        raise Refused({"reason": gettext_lazy("Say why the headcount is withdrawn.")})
    with acting(by.because(reason) if reason else by):
        count.standing = wanted
        count.save(update_fields=["standing", "updated_at"])
        if accept and count.corrects is not None and count.corrects.standing == HeadcountStanding.ACCEPTED:
            count.corrects.standing = HeadcountStanding.REPLACED
            count.corrects.save(update_fields=["standing", "updated_at"])
    return count


def fill(count: Headcount) -> None:
    """Work out what follows from what was given: totals by sex from the ages when all of them are there."""
    for sex in ("female", "male"):
        ages = [getattr(count, name) for name in breakdown_fields(sex)]
        if getattr(count, sex) is None and all(age is not None for age in ages):
            setattr(count, sex, sum(ages))
    if count.female is not None and count.male is None and count.people >= count.female:
        count.male = count.people - count.female
    elif count.male is not None and count.female is None and count.people >= count.male:
        count.female = count.people - count.male


def faults_of(count: Headcount) -> dict[str, Any]:
    """Field → sentence for every rule the headcount breaks. A pure function of the headcount and the clock."""
    faults: dict[str, Any] = {}
    for name in ("people", "households", "female", "male", *breakdown_fields(), *NEEDS):
        value = getattr(count, name)
        if value is not None and value < 0:
            faults[name] = gettext_lazy("A number of people cannot be negative.")
    if faults:
        return faults
    if count.people > PLAUSIBLE_PEOPLE:
        faults["people"] = gettext_lazy("No site holds so many people. Check the number.")
    if count.occurred_at > timezone.now() + CLOCK_SLACK:
        faults["occurred_at"] = gettext_lazy("This lies in the future. Give the moment of the count.")
    if count.female is not None and count.male is not None and count.female + count.male != count.people:
        faults["people"] = _(
            "%(female)d female and %(male)d male make %(sum)d, not %(people)d. Correct one of the three."
        ) % {"female": count.female, "male": count.male, "sum": count.female + count.male, "people": count.people}
    for sex in ("female", "male"):
        faults.update(_ages_faults(count, sex))
    if count.households is not None and count.households > count.people:
        faults["households"] = gettext_lazy("There are more households than people. Are the two numbers swapped?")
    for name in NEEDS:
        value = getattr(count, name)
        if value is not None and value > count.people:
            faults[name] = gettext_lazy("This is more than all people at the site.")
    return faults


def _ages_faults(count: Headcount, sex: str) -> dict[str, Any]:
    ages = [getattr(count, name) for name in breakdown_fields(sex)]
    known, total = [age for age in ages if age is not None], getattr(count, sex)
    if not known:
        return {}
    limit = total if total is not None else count.people
    is_whole = total is not None and len(known) == len(ages)
    if sum(known) > limit or (is_whole and sum(known) != limit):
        return {
            sex: _("The ages make %(sum)d, but the total given is %(total)d. Correct one of them.")
            % {"sum": sum(known), "total": limit}
        }
    return {}


def question_about(count: Headcount, leaving_out: Headcount | None = None) -> str:
    """A sentence that asks for confirmation when the count is far from its neighbours in time; empty when it is not."""
    accepted = Headcount.objects.filter(camp=count.camp, standing=HeadcountStanding.ACCEPTED)
    if leaving_out is not None:
        accepted = accepted.exclude(pk=leaving_out.pk)
    before = accepted.filter(occurred_at__lte=count.occurred_at).order_by("-occurred_at", "-pk").first()
    after = accepted.filter(occurred_at__gt=count.occurred_at).order_by("occurred_at", "pk").first()
    neighbour = before or after
    if neighbour is None or not is_jump(neighbour.people, count.people):
        return ""
    return _("%(people)d people is far from the %(before)d of %(when)s. Is it right?") % {
        "people": count.people,
        "before": neighbour.people,
        "when": formats.date_format(timezone.localtime(neighbour.occurred_at), "SHORT_DATETIME_FORMAT"),
    }


def is_jump(before: int, now: int) -> bool:
    """Whether a count differs from the one beside it by more than 30 % and by more than a few families."""
    difference = abs(now - before)
    return difference > SMALLEST_JUMP and difference > JUMP * max(before, 1)


def _draft(
    *, by: Actor, operation: Any, camp: Camp, people: int, occurred_at: datetime, fields: dict[str, Any]
) -> Headcount:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a headcount: {', '.join(sorted(unknown))}")
    count = Headcount(camp=camp, operation=camp.operation, people=people, occurred_at=occurred_at)
    for name, value in fields.items():
        setattr(count, name, value)
    count.stamp(by)
    return count


def _same(count: Headcount, entry_id: UUID | None) -> Headcount | None:
    """The headcount that this one repeats: the same entry, or the same figures from the same source for the same minute."""
    if entry_id is not None:
        found: Headcount | None = Headcount.objects.filter(entry_id=entry_id).first()
        if found is not None and found.camp_id != count.camp_id:
            raise Refused(
                {
                    "__all__": gettext_lazy(
                        "This entry was used for another site already. Reload the page and try again."
                    )
                }
            )
        if found is not None:
            return found
    minute = count.occurred_at.replace(second=0, microsecond=0)
    twins = Headcount.objects.filter(
        camp=count.camp, people=count.people, method=count.method, source=count.source,
        occurred_at__gte=minute, occurred_at__lt=minute + timedelta(minutes=1),
        standing__in=(HeadcountStanding.ACCEPTED, HeadcountStanding.QUESTIONED),
        **{name: getattr(count, name) for name in ("households", *breakdown_fields(), *NEEDS)},
        # Of the two only what was given: one follows from the other.
        **{name: getattr(count, name) for name in ("female", "male") if getattr(count, name) is not None},
    )  # fmt: skip
    twin: Headcount | None = twins.first()
    return twin


def _heard_from(camp: Camp) -> None:
    """A report is a sign of life: the site's entry counts as confirmed now."""
    Camp.objects.filter(pk=camp.pk).update(confirmed_at=timezone.now())
