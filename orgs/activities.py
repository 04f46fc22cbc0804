"""Recording who does what, where, when and for whom. Browser, API, SMS and imports call these functions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, require, standing_of
from komek.places.models import Area
from komek.records.actor import Actor, acting
from orgs.models import Activity, ActivityStatus, Organisation, PeopleInNeed, Sector
from orgs.models.activities import PEOPLE_GROUPS, SEXES
from orgs.refusals import Refused

EDITABLE = (
    "organisation", "funded_by", "sector", "title", "description", "status", "area", "area_as_given", "site", "starts_on", "ends_on",
    "affected_group", "external_id", "reported_by", "occurred_at", "targeted", "reached",
    *(f"{measure}_{group}" for measure in ("targeted", "reached") for group in (*PEOPLE_GROUPS, *SEXES)),
)  # fmt: skip


@transaction.atomic
def record_activity(
    *,
    by: Actor,
    operation: Any,
    organisation: Organisation,
    sector: Sector,
    title: str,
    area: Area | None = None,
    **fields: Any,
) -> Activity:
    """A new line of the 3W. Raises Refused or NotAllowed."""
    activity = Activity(operation=operation, organisation=organisation, sector=sector, area=area, title=title)
    activity.stamp(by)
    _assign(activity, fields)
    require(standing_of(by.user, operation), Action.ADD, activity)
    prepare(activity)
    with acting(by):
        activity.save()
    return activity


@transaction.atomic
def change_activity(*, by: Actor, operation: Any, activity: Activity, **fields: Any) -> Activity:
    """Change an activity's fields. What is not named stays. Raises Refused or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, activity)
    _assign(activity, fields)
    require(standing, Action.CHANGE, activity)
    prepare(activity)
    with acting(by):
        activity.save()
    return activity


@transaction.atomic
def confirm_activity(*, by: Actor, operation: Any, activity: Activity) -> Activity:
    """Say that the entry is still right."""
    require(standing_of(by.user, operation), Action.CHANGE, activity)
    activity.confirmed_at = timezone.now()
    with acting(by):
        activity.save(update_fields=["confirmed_at", "updated_at"])
    return activity


@transaction.atomic
def record_people_in_need(
    *,
    by: Actor,
    operation: Any,
    area: Area,
    people: int,
    sector: Sector | None = None,
    occurred_at: datetime | None = None,
    source: str = "",
) -> PeopleInNeed:
    """How many people need help in an area. Earlier figures stay; the newest by event time counts."""
    need = PeopleInNeed(
        operation=operation,
        area=area,
        people=people,
        sector=sector,
        source=source,
        occurred_at=occurred_at or timezone.now(),
    )
    need.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, need)
    if people < 0:
        raise Refused({"people": _("The number of people in need cannot be negative.")})
    if need.occurred_at > timezone.now():
        raise Refused({"occurred_at": _("The figure cannot be from the future. Check the date.")})
    with acting(by):
        need.save()
    return need


def prepare(activity: Activity) -> None:
    """Check every rule; raises Refused with a sentence per field."""
    faults = faults_of(activity)
    if faults:
        raise Refused(faults)


def faults_of(activity: Activity) -> dict[str, Any]:
    """Field → sentence, for every rule the activity breaks."""
    faults: dict[str, Any] = {}
    if not activity.title.strip():
        faults["title"] = _("Say in a few words what is done.")
    if activity.area is None and not activity.area_as_given.strip():
        faults["area"] = _("Say where: choose an area.")
    if activity.operation_id is None:
        faults["__all__"] = _("An activity belongs to an operation. Choose the operation you work in first.")
    if activity.starts_on and activity.ends_on and activity.ends_on < activity.starts_on:
        faults["ends_on"] = _("The activity cannot end before it starts. Check both dates.")
    if activity.status == ActivityStatus.COMPLETED and activity.ends_on and activity.ends_on > timezone.localdate():
        faults["ends_on"] = _("A completed activity cannot end in the future. Change the end or the status.")
    for organisation in (activity.organisation, activity.funded_by):
        if organisation is not None and organisation.operation_id not in (None, activity.operation_id):
            faults["organisation"] = _("This organisation belongs to another operation; exercise and real never mix.")
    if activity.site is not None and activity.site.operation_id not in (None, activity.operation_id):
        faults["site"] = _("This site belongs to another operation; exercise and real never mix.")
    faults.update(_faults_of_counts(activity))
    return faults


def _faults_of_counts(activity: Activity) -> dict[str, Any]:
    """Parts never add up to more than their whole: bands in a sex, sexes in the total. Missing wholes are filled in."""
    faults: dict[str, Any] = {}
    for measure in ("targeted", "reached"):
        every = [measure, *(f"{measure}_{group}" for group in (*PEOPLE_GROUPS, *SEXES))]
        if any((getattr(activity, name) or 0) < 0 for name in every):
            faults[measure] = _("A number of people cannot be negative.")
            continue
        for sex, bands in SEXES.items():
            fault = _whole_and_parts(activity, f"{measure}_{sex}", [f"{measure}_{band}" for band in bands])
            if fault:
                faults[f"{measure}_{sex}"] = fault
        fault = _whole_and_parts(activity, measure, [f"{measure}_{sex}" for sex in SEXES])
        if fault:
            faults[measure] = fault
    return faults


def _whole_and_parts(activity: Activity, whole: str, parts: list[str]) -> Any:
    known = [value for name in parts if (value := getattr(activity, name)) is not None]
    total = getattr(activity, whole)
    if not known:
        return None
    if total is None:
        setattr(activity, whole, sum(known))
    elif sum(known) > total:
        return _("The groups add up to %(parts)d people, more than the total of %(total)d. Correct one of them.") % {
            "parts": sum(known),
            "total": total,
        }
    return None


def _assign(activity: Activity, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of an activity that people change: {', '.join(sorted(unknown))}")
    for field, value in fields.items():
        setattr(activity, field, value)
