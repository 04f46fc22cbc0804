"""Registering volunteers and what becomes of them. Pages, the public form, texts, API and imports call these."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from komek.accounts.authority import Action, require, standing_of
from komek.messaging.models import Purpose
from komek.messaging.outbox import queue_text
from komek.records.actor import Actor, acting
from orgs.naming import search_key
from orgs.sites import area_holding
from volunteers.models import (
    AssignmentState,
    CheckKind,
    Skill,
    Trusted,
    Volunteer,
    VolunteerCheck,
    VolunteerSkill,
    VolunteerState,
)
from volunteers.refusals import Refused

EDITABLE = frozenset((
    "user", "name", "phone", "email", "language", "languages", "organisation", "is_adult", "location", "landmark", "area",
    "reach_km", "transport", "days", "from_hour", "to_hour", "available_from", "available_to", "emergency_name",
    "emergency_phone", "kin_name", "kin_phone", "health_limits", "occurred_at", "reported_by",
))  # fmt: skip

FOLLOWING: dict[str, tuple[str, ...]] = {
    VolunteerState.ACCEPTED: (
        VolunteerState.APPLIED,
        VolunteerState.RESTING,
        VolunteerState.DECLINED,
        VolunteerState.LEFT,
    ),
    VolunteerState.RESTING: (VolunteerState.ACCEPTED,),
    VolunteerState.DECLINED: (VolunteerState.APPLIED,),
    VolunteerState.LEFT: (VolunteerState.APPLIED, VolunteerState.ACCEPTED, VolunteerState.RESTING),
}
"""State → the states from which it is reached."""


@transaction.atomic
def register_volunteer(*, by: Actor, operation: Any, skills: Iterable[Skill] = (), **fields: Any) -> Volunteer:
    """A volunteer written down by somebody who answers for helpers; accepted with ``accept_volunteer``. Raises Refused, NotAllowed."""
    volunteer = Volunteer(operation=operation)
    volunteer.stamp(by)
    _assign(volunteer, fields)
    require(standing_of(by.user, operation), Action.ADD, volunteer)
    return _keep(by, volunteer, skills)


@transaction.atomic
def apply_to_help(*, by: Actor, operation: Any, skills: Iterable[Skill] = (), **fields: Any) -> Volunteer:
    """Somebody without an account offers to help, from the public form. Nothing is sent before somebody looked at it.

    Raises Refused. The caller has kept out robots and floods.
    """
    volunteer = Volunteer(operation=operation)
    volunteer.stamp(by)
    _assign(volunteer, fields)
    if not volunteer.phone:
        raise Refused({"phone": _("Give a phone number, so that you can be asked and answer.")})
    return _keep(by, volunteer, skills)


@transaction.atomic
def change_volunteer(*, by: Actor, operation: Any, volunteer: Volunteer, **fields: Any) -> Volunteer:
    """Change what is known about a volunteer. What is not named stays. Raises Refused or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, volunteer)
    locked = locked_volunteer(volunteer.pk)
    if "phone" in fields and str(fields["phone"] or "") != str(locked.phone or ""):
        locked.phone_heard_at = None
    _assign(locked, fields)
    require(standing, Action.CHANGE, locked)
    _prepare(locked)
    with acting(by):
        _save(locked)
    return locked


@transaction.atomic
def accept_volunteer(*, by: Actor, operation: Any, volunteer: Volunteer, reason: str = "") -> Volunteer:
    """They may be asked from now on, and are told so with how to answer. Raises Refused or NotAllowed."""
    locked = _move(by, operation, volunteer, VolunteerState.ACCEPTED, reason)
    if locked.number:
        tell(
            by=by, volunteer=locked, key=f"volunteer-accepted:{locked.pk}:{locked.state_since:%Y%m%d%H%M%S}",
            words=lambda: _("Welcome as a volunteer, %(name)s. You will be asked by text; send TASK to see yours.")
            % {"name": locked.name[:30]},
        )  # fmt: skip
    return locked


@transaction.atomic
def decline_volunteer(*, by: Actor, operation: Any, volunteer: Volunteer, reason: str) -> Volunteer:
    """Say no, kindly. Raises Refused or NotAllowed."""
    if not reason.strip():
        raise Refused({"reason": _("Give the reason in kind words.")})
    return _move(by, operation, volunteer, VolunteerState.DECLINED, reason)


@transaction.atomic
def rest_volunteer(*, by: Actor, operation: Any, volunteer: Volunteer, reason: str = "") -> Volunteer:
    """They are not asked for now. Raises Refused or NotAllowed."""
    return _move(by, operation, volunteer, VolunteerState.RESTING, reason)


@transaction.atomic
def leave(*, by: Actor, operation: Any, volunteer: Volunteer, reason: str = "") -> Volunteer:
    """They help no more. Raises Refused while they have tasks they said yes to, or NotAllowed."""
    busy = volunteer.assignments.filter(state__in=(AssignmentState.ACCEPTED, AssignmentState.WORKING)).first()
    if busy is not None:
        raise Refused({"__all__": _("They said yes to %(task)s. Release them there first.") % {"task": busy.task}})
    return _move(by, operation, volunteer, VolunteerState.LEFT, reason)


@transaction.atomic
def set_trust(*, by: Actor, operation: Any, volunteer: Volunteer, trust: str, reason: str) -> Volunteer:
    """How far a volunteer is relied on; with the reason. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.APPROVE, volunteer)
    if trust not in Trusted.values or not reason.strip():
        raise Refused({"reason": _("Say why this volunteer is trusted more or less from now on.")})
    locked = locked_volunteer(volunteer.pk)
    locked.trust = trust
    with acting(by.because(reason)):
        locked.save()
    return locked


@transaction.atomic
def record_check(
    *, by: Actor, operation: Any, volunteer: Volunteer, kind: str, checked_on: date | None = None,
    expires_on: date | None = None, note: str = "",
) -> VolunteerCheck:  # fmt: skip
    """Write down that something was checked, by whom and until when it holds. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, volunteer)
    if kind not in CheckKind.values:
        raise Refused({"kind": _("Choose what was checked.")})
    day = checked_on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused({"checked_on": _("This day lies in the future. Give the day of the check.")})
    if expires_on is not None and expires_on < day:
        raise Refused({"expires_on": _("It would have ended before it was checked. Look at the two days.")})
    if volunteer.user_id is not None and by.user is not None and volunteer.user_id == by.user.pk:
        raise Refused({"__all__": _("Nobody checks themself. Ask another volunteer manager.")})
    check = VolunteerCheck(
        volunteer=volunteer,
        operation=volunteer.operation,
        kind=kind,
        checked_on=day,
        expires_on=expires_on,
        note=note[:200],
    )
    check.stamp(by)
    with acting(by):
        check.save()
    return check


@transaction.atomic
def record_skill(
    *, by: Actor, operation: Any, volunteer: Volunteer, skill: Skill, evidence: str = "", expires_on: date | None = None,
    is_verified: bool = False,
) -> VolunteerSkill:  # fmt: skip
    """They can do it; told again, it is brought up to date. is_verified: the evidence was seen. Raises Refused, NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, volunteer)
    if not skill.is_active:
        raise Refused({"skill": _("This skill is not in use any more. Choose another.")})
    if is_verified and skill.asks_evidence and not evidence.strip():
        raise Refused({"evidence": _("Write what you looked at, such as the number of the licence.")})
    row = VolunteerSkill.objects.filter(volunteer=volunteer, skill=skill).first()
    if row is None:
        row = VolunteerSkill(volunteer=volunteer, skill=skill, operation=volunteer.operation)
        row.stamp(by)
    row.evidence, row.expires_on = evidence.strip()[:200], expires_on
    row.verified_at, row.verified_by = (timezone.now(), by.user) if is_verified else (None, None)
    with acting(by):
        row.save()
    return row


@transaction.atomic
def drop_skill(*, by: Actor, operation: Any, row: VolunteerSkill) -> None:
    """They cannot do it after all. Raises NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, row.volunteer)
    with acting(by):
        row.delete()


def locked_volunteer(pk: int) -> Volunteer:
    """The volunteer as they are now, locked until the transaction ends."""
    return (
        Volunteer.objects.select_for_update(of=("self",)).select_related("operation", "organisation", "user").get(pk=pk)
    )


def tell(*, by: Actor, volunteer: Volunteer, key: str, words: Any, expires_after: Any = None) -> None:
    """A text to a volunteer in their language; once by ``key``. ``words``: a function that makes the sentence."""
    with override(volunteer.language or "en"):
        queue_text(
            by=by, to=volunteer.number, body=words(), purpose=Purpose.TASK, dedupe_key=key, operation=volunteer.operation,
            expires_after=expires_after,
        )  # fmt: skip


def search_key_of(volunteer: Volunteer) -> str:
    """What a volunteer is found by: the name in any script, and their own words for where they live."""
    return search_key([volunteer.name, volunteer.landmark])


def _assign(volunteer: Volunteer, fields: dict[str, Any]) -> None:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"not a field of a volunteer: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(volunteer, name, value)


def _prepare(volunteer: Volunteer) -> None:
    volunteer.name = " ".join(volunteer.name.split())
    if not volunteer.name:
        raise Refused({"name": _("Give the name.")})
    if not volunteer.phone and not volunteer.user_id:
        raise Refused({"phone": _("Give a phone number or an account, so that they can be asked.")})
    if volunteer.available_from and volunteer.available_to and volunteer.available_to < volunteer.available_from:
        raise Refused({"available_to": _("The last day lies before the first. Check the two days.")})
    if (volunteer.from_hour is None) != (volunteer.to_hour is None):
        raise Refused({"to_hour": _("Give both hours, from and to, or none.")})
    if volunteer.from_hour is not None and not (0 <= volunteer.from_hour <= 23 and 0 <= (volunteer.to_hour or 0) <= 24):
        raise Refused({"from_hour": _("Hours run from 0 to 24.")})
    if any(day not in range(7) for day in volunteer.days):
        raise Refused({"days": _("Days run from Monday to Sunday.")})
    if volunteer.area_id is None and volunteer.location is not None:
        volunteer.area = area_holding(volunteer.location, volunteer.operation)
    volunteer.search_key = search_key_of(volunteer)


def _keep(by: Actor, volunteer: Volunteer, skills: Iterable[Skill]) -> Volunteer:
    _prepare(volunteer)
    with acting(by):
        _save(volunteer)
        for skill in skills:
            row = VolunteerSkill(volunteer=volunteer, skill=skill, operation=volunteer.operation)
            row.stamp(by)
            row.save()
    return volunteer


def _save(volunteer: Volunteer) -> None:
    try:
        with transaction.atomic():
            volunteer.save()
    except IntegrityError as fault:
        if "phone_once" in str(fault):
            raise Refused({"phone": _("A volunteer with this number is registered already.")}) from fault
        if "user_once" in str(fault):
            raise Refused({"user": _("This account is registered as a volunteer already.")}) from fault
        raise


def _move(by: Actor, operation: Any, volunteer: Volunteer, after: str, reason: str) -> Volunteer:
    require(standing_of(by.user, operation), Action.APPROVE, volunteer)
    locked = locked_volunteer(volunteer.pk)
    if locked.state not in FOLLOWING[after]:
        raise Refused(
            {"__all__": _("%(who)s is “%(state)s”; this step is not possible from there.")
             % {"who": locked, "state": locked.get_state_display()}}
        )  # fmt: skip
    if after == VolunteerState.ACCEPTED and not locked.is_adult:
        raise Refused({"__all__": _("Only people of 18 or older are accepted for tasks.")})
    locked.state, locked.state_since, locked.state_reason = after, timezone.now(), reason.strip()[:300]
    with acting(by.because(reason) if reason else by):
        _save(locked)
        if after in (VolunteerState.LEFT, VolunteerState.RESTING):
            for row in locked.assignments.filter(state=AssignmentState.OFFERED):
                row.state, row.answered_at = AssignmentState.RELEASED, locked.state_since
                row.save()
    volunteer.state, volunteer.state_since = locked.state, locked.state_since
    return locked
