"""Check-in, check-out, transfer, absence, return, death: one function for every kind of site and every door.

Steps of ``move_person``: the person's row is locked; a step sent again gives the first one back; the step must follow from
where the person is; it is written down; and only if nothing later is known does it change where the person is now, so
that a message that comes late corrects the past without undoing the present.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import Camp, Household, Movement, MovementKind, Person, Presence
from camps.refusals import NeedsConfirmation, Refused
from camps.registration import sync_household
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs.models import Opening

CLOCK_SLACK = timedelta(minutes=10)
# What a person must be for a step to make sense, and what they are afterwards.
STEPS: dict[str, tuple[frozenset[str], str]] = {
    MovementKind.CHECK_IN: (frozenset({Presence.LEFT, Presence.PRESENT, Presence.ABSENT}), Presence.PRESENT),
    MovementKind.CHECK_OUT: (frozenset({Presence.PRESENT, Presence.ABSENT}), Presence.LEFT),
    MovementKind.TRANSFER: (frozenset({Presence.PRESENT, Presence.ABSENT}), Presence.PRESENT),
    MovementKind.ABSENT: (frozenset({Presence.PRESENT}), Presence.ABSENT),
    MovementKind.RETURNED: (frozenset({Presence.ABSENT}), Presence.PRESENT),
    MovementKind.DIED: (frozenset({Presence.PRESENT, Presence.ABSENT, Presence.LEFT}), Presence.DEAD),
}


@transaction.atomic
def move_person(
    *,
    by: Actor,
    operation: Any,
    person: Person,
    kind: str,
    occurred_at: datetime | None = None,
    camp: Camp | None = None,
    to_camp: Camp | None = None,
    reason: str = "",
    reported_by: str = "",
    entry_id: UUID | None = None,
    confirmed: bool = False,
) -> Movement:
    """One step of one person. camp: where it happens (where they are registered, unless it is a check-in elsewhere).

    Raises Refused; NotAllowed; NeedsConfirmation for a check-in at a site while the person is still at another.
    """
    at = occurred_at or timezone.now()
    locked = Person.objects.select_for_update(of=("self",)).select_related("camp", "household").get(pk=person.pk)
    earlier = Movement.objects.filter(entry_id=entry_id).first() if entry_id is not None else None
    if earlier is not None:
        return earlier
    where = camp or locked.camp
    require(standing_of(by.user, operation), Action.CHANGE, _at(locked, where))
    later = locked.movements.filter(occurred_at__gt=at).order_by("occurred_at").first()
    _check(locked, kind, at, where, to_camp, came_late=later is not None)
    if kind == MovementKind.CHECK_IN and later is None:
        question = still_elsewhere(locked, where, at)
        if question and not confirmed:
            raise NeedsConfirmation(question)
    step = Movement(
        person=locked, camp=where, to_camp=to_camp, operation=locked.operation, kind=kind, occurred_at=at, reason=reason,
        reported_by=reported_by,
    )  # fmt: skip
    step.entry_id = entry_id or step.entry_id
    step.stamp(by)
    with acting(by):
        step.save()
        if later is None:
            _apply(locked, step)
    return step


@transaction.atomic
def move_household(
    *, by: Actor, operation: Any, household: Household, kind: str, occurred_at: datetime | None = None,
    to_camp: Camp | None = None, reason: str = "", reported_by: str = "",
) -> list[Movement]:  # fmt: skip
    """The same step for everybody of a household for whom it makes sense; a transfer takes the household along."""
    if kind == MovementKind.DIED:
        raise Refused({"kind": gettext_lazy("A death is recorded for one person.")})
    at = occurred_at or timezone.now()
    wanted = STEPS[kind][0] if kind in STEPS else frozenset()
    members = list(household.members.select_related("camp").order_by("pk"))
    steps = [
        move_person(
            by=by, operation=operation, person=member, kind=kind, occurred_at=at, to_camp=to_camp, reason=reason,
            reported_by=reported_by, confirmed=True,
        )
        for member in members
        if member.presence in wanted
    ]  # fmt: skip
    if not steps:
        raise Refused({"kind": gettext_lazy("Nobody of this household is in a state for this step.")})
    return steps


def still_elsewhere(person: Person, where: Camp, at: datetime) -> str:
    """A question when the person is still checked in at another site, with since when; empty when not."""
    if person.camp_id == where.pk or person.presence not in (Presence.PRESENT, Presence.ABSENT):
        return ""
    since = person.movements.filter(occurred_at__lte=at).order_by("-occurred_at", "-pk").first()
    when = formats.date_format(timezone.localtime(since.occurred_at), "SHORT_DATETIME_FORMAT") if since else "–"
    return _("%(person)s is still checked in at %(camp)s since %(when)s. Move them here?") % {
        "person": person.name, "camp": person.camp, "when": when,
    }  # fmt: skip


def _check(person: Person, kind: str, at: datetime, where: Camp, to_camp: Camp | None, *, came_late: bool) -> None:
    faults: dict[str, Any] = {}
    if kind not in STEPS:
        raise Refused({"kind": gettext_lazy("Choose what happened from the list.")})
    if at > timezone.now() + CLOCK_SLACK:
        faults["occurred_at"] = gettext_lazy("This lies in the future. Give the moment when it happened.")
    if kind == MovementKind.TRANSFER:
        if to_camp is None:
            faults["to_camp"] = gettext_lazy("Choose the site they move to.")
        elif to_camp.pk == where.pk:
            faults["to_camp"] = gettext_lazy("They are at this site already.")
        elif to_camp.operation_id != person.operation_id:
            faults["to_camp"] = gettext_lazy("That site belongs to another operation; exercise and real never mix.")
        elif to_camp.opening == Opening.CLOSED:
            faults["to_camp"] = gettext_lazy("That site is closed.")
    elif to_camp is not None:
        faults["to_camp"] = gettext_lazy("Only a move to another site has a site to go to.")
    if kind == MovementKind.CHECK_IN and where.opening == Opening.CLOSED:
        faults["camp"] = gettext_lazy("This site is closed.")
    if not came_late and person.presence not in STEPS[kind][0] and not faults:
        faults["kind"] = _("%(person)s is marked “%(state)s”; this step does not follow from it.") % {
            "person": person.name, "state": person.get_presence_display(),
        }  # fmt: skip
    if faults:
        raise Refused(faults)


def _apply(person: Person, step: Movement) -> None:
    """Bring where the person is up to date. One who moves leaves their household's site; the household follows its people."""
    person.presence = STEPS[step.kind][1]
    target = step.to_camp if step.kind == MovementKind.TRANSFER else step.camp
    moved = target is not None and person.camp_id != target.pk
    if moved:
        person.camp = target
    person.save(update_fields=["presence", "camp", "updated_at"])
    household = Household.objects.select_for_update(of=("self",)).get(pk=person.household_id)
    if moved and not household.members.exclude(camp_id=person.camp_id).exists():
        household.camp = person.camp
        household.shelter_unit = ""
        household.save(update_fields=["camp", "shelter_unit", "updated_at"])
    sync_household(household)


def _at(person: Person, where: Camp) -> Person:
    """The person as if registered at ``where``, to ask whether somebody who works there may act."""
    if person.camp_id == where.pk:
        return person
    return Person(pk=person.pk, camp=where, operation=person.operation)
