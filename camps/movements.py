"""Check-in, check-out, transfer, absence, return, death: one way for every kind of site and every door.

Steps of ``move_person``: the person's row is locked; a step sent again gives the first one back; the step must follow from
where the person is; it is written down; and only if nothing later is known does it change where the person is now, so
that a message that comes late corrects the past without undoing the present. A death is the exception: it
holds whatever was noted after it, once somebody has confirmed that.

The people of a household who are not listed by name move as one, with the same rules: ``move_household``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from camps.households import HERE, locked_household, sync_household
from camps.models import Camp, Household, Movement, MovementKind, Person, Presence
from camps.refusals import NeedsConfirmation, Refused
from komek.accounts.authority import Action, Standing, may, require, standing_of
from komek.records.actor import Actor, acting
from orgs.models import Opening

CLOCK_SLACK = timedelta(minutes=10)
# What somebody must be for a step to make sense, and what they are afterwards.
STEPS: dict[str, tuple[frozenset[str], str]] = {
    MovementKind.CHECK_IN: (frozenset(Presence.values), Presence.PRESENT),
    MovementKind.CHECK_OUT: (frozenset(HERE), Presence.LEFT),
    MovementKind.TRANSFER: (frozenset(HERE), Presence.PRESENT),
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

    Raises Refused; NotAllowed; NeedsConfirmation for a check-in while the person is still at another site or counts as
    dead, and for a death before something that was noted later.
    """
    # No join: a row that comes back after waiting is joined by what it was before, and lost when its site has changed.
    locked = Person.objects.select_for_update().get(pk=person.pk)
    return _take_step(
        locked, by=by, operation=operation, kind=kind, occurred_at=occurred_at, camp=camp, to_camp=to_camp,
        reason=reason, reported_by=reported_by, entry_id=entry_id, confirmed=confirmed,
    )  # fmt: skip


@transaction.atomic
def move_household(
    *,
    by: Actor,
    operation: Any,
    household: Household,
    kind: str,
    occurred_at: datetime | None = None,
    camp: Camp | None = None,
    to_camp: Camp | None = None,
    reason: str = "",
    reported_by: str = "",
    entry_id: UUID | None = None,
    confirmed: bool = False,
) -> list[Movement]:
    """The same step for everybody of a household for whom it makes sense; a transfer takes the household along.

    camp: where it happens, the household's own site unless given. Raises Refused, NotAllowed, NeedsConfirmation.
    """
    if kind == MovementKind.DIED:
        raise Refused({"kind": gettext_lazy("A death is recorded for one person.")})
    if kind not in STEPS:
        raise Refused({"kind": gettext_lazy("Choose what happened from the list.")})
    people = Person.objects.select_for_update().filter(household=household).order_by("pk")
    members: list[Person | Household] = list(people)
    locked = locked_household(household)
    where = camp or locked.camp
    require(standing_of(by.user, operation), Action.CHANGE, _at(locked, where))
    at = occurred_at or timezone.now()
    ids = (
        {id(one): uuid5(entry_id, f"{one._meta.model_name}-{one.pk}") for one in (*members, locked)} if entry_id else {}
    )
    done = list(Movement.objects.filter(entry_id__in=ids.values())) if ids else []
    if done:
        return done
    moving = [one for one in (*members, *([locked] if locked.unlisted else [])) if _would_move(one, kind, where)]
    if not moving:
        raise Refused({"kind": gettext_lazy("Nobody of this household is in a state for this step.")})
    if kind == MovementKind.CHECK_IN and not confirmed:
        _ask_where_they_are(moving, where)
    return [
        _take_step(
            one, by=by, operation=operation, kind=kind, occurred_at=at, camp=where, to_camp=to_camp, reason=reason,
            reported_by=reported_by, entry_id=ids.get(id(one)), confirmed=True,
        )
        for one in moving
    ]  # fmt: skip


def still_elsewhere(whose: Person | Household, where: Camp, at: datetime, name: str = "") -> str:
    """A question when they are still checked in at another site, with since when; empty when not."""
    if whose.camp_id == where.pk or whose.presence not in HERE:
        return ""
    return _("%(person)s is still checked in at %(camp)s since %(when)s. Move them here?") % {
        "person": name or called(whose), "camp": whose.camp, "when": _since(whose, at),
    }  # fmt: skip


def called(whose: Person | Household, standing: Standing | None = None) -> str:
    """How sentences call them: by name, but only by their code to who may not see names where they are."""
    if standing is not None and not may(standing, Action.VIEW, whose):
        return whose.code
    return whose.name if isinstance(whose, Person) else whose.head_name


def _take_step(
    whose: Person | Household, *, by: Actor, operation: Any, kind: str, occurred_at: datetime | None, camp: Camp | None,
    to_camp: Camp | None, reason: str, reported_by: str, entry_id: UUID | None, confirmed: bool,
) -> Movement:  # fmt: skip
    """One step of somebody whose row is locked. The moment is taken after the lock, so that steps follow each other."""
    at = occurred_at or timezone.now()
    where = camp or whose.camp
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, _at(whose, where))
    name = called(whose, standing)
    earlier = _sent_before(entry_id, whose)
    if earlier is not None:
        return earlier
    later = whose.movements.filter(occurred_at__gt=at).order_by("occurred_at").first()
    _check(whose, name, kind, at, where, to_camp, reason, came_late=later is not None)
    question = "" if confirmed else _question(whose, name, kind, at, where, later)
    if question:
        raise NeedsConfirmation(question)
    step = Movement(
        camp=where, to_camp=to_camp, operation_id=whose.operation_id, kind=kind, occurred_at=at, reason=reason,
        reported_by=reported_by, **{whose._meta.model_name: whose},
    )  # fmt: skip
    step.entry_id = entry_id or step.entry_id
    step.stamp(by)
    with acting(by):
        step.save()
        if later is None or kind == MovementKind.DIED:
            _apply(whose, step)
    return step


def _sent_before(entry_id: UUID | None, whose: Person | Household) -> Movement | None:
    earlier = Movement.objects.filter(entry_id=entry_id).first() if entry_id is not None else None
    if earlier is None:
        return None
    mine = earlier.person_id if isinstance(whose, Person) else earlier.household_id
    if mine != whose.pk:
        raise Refused({"__all__": gettext_lazy("This entry was used for somebody else already. Reload and try again.")})
    return earlier


def _check(
    whose: Person | Household,
    name: str,
    kind: str,
    at: datetime,
    where: Camp,
    to_camp: Camp | None,
    reason: str,
    *,
    came_late: bool,
) -> None:
    """Raises Refused when the step does not follow from what is known."""
    if kind not in STEPS:
        raise Refused({"kind": gettext_lazy("Choose what happened from the list.")})
    faults = _site_faults(whose, name, kind, where, to_camp, came_late=came_late)
    if at > timezone.now() + CLOCK_SLACK:
        faults["occurred_at"] = gettext_lazy("This lies in the future. Give the moment when it happened.")
    if len(reason) > 200:
        faults["reason"] = gettext_lazy("This is too long. Say it in 200 letters.")
    is_here_already = kind == MovementKind.CHECK_IN and whose.presence == Presence.PRESENT and whose.camp_id == where.pk
    if not faults and not came_late and (is_here_already or whose.presence not in STEPS[kind][0]):
        faults["kind"] = _("%(person)s is marked “%(state)s”; this step does not follow from it.") % {
            "person": name, "state": whose.get_presence_display(),
        }  # fmt: skip
    if faults:
        raise Refused(faults)


def _site_faults(
    whose: Person | Household, name: str, kind: str, where: Camp, to_camp: Camp | None, *, came_late: bool
) -> dict[str, Any]:
    faults: dict[str, Any] = {}
    if not _may_meet(where, whose):
        faults["camp"] = gettext_lazy("That site belongs to another operation; exercise and real never mix.")
    elif kind == MovementKind.CHECK_IN and where.opening == Opening.CLOSED:
        faults["camp"] = gettext_lazy("This site is closed.")
    elif kind != MovementKind.CHECK_IN and not _was_at(whose, where, came_late=came_late):
        faults["camp"] = _("%(person)s is not checked in at %(camp)s.") % {"person": name, "camp": where}
    if kind != MovementKind.TRANSFER:
        if to_camp is not None:
            faults["to_camp"] = gettext_lazy("Only a move to another site has a site to go to.")
    elif to_camp is None:
        faults["to_camp"] = gettext_lazy("Choose the site they move to.")
    elif to_camp.pk == where.pk:
        faults["to_camp"] = gettext_lazy("They are at this site already.")
    elif not _may_meet(to_camp, whose):
        faults["to_camp"] = gettext_lazy("That site belongs to another operation; exercise and real never mix.")
    elif to_camp.opening == Opening.CLOSED:
        faults["to_camp"] = gettext_lazy("That site is closed.")
    return faults


def _may_meet(camp: Camp, whose: Person | Household) -> bool:
    """Whether the site is of their operation, or one of the two is of the standing register that real operations share."""
    if camp.operation_id == whose.operation_id:
        return True
    if camp.operation_id is not None and whose.operation_id is not None:
        return False
    owner = camp.operation or whose.operation
    return not owner.is_exercise


def _was_at(whose: Person | Household, where: Camp, *, came_late: bool) -> bool:
    """Whether this site may speak of them: they are there, or (for what comes late) have been."""
    if whose.camp_id == where.pk:
        return True
    return came_late and whose.movements.filter(camp=where).exists()


def _question(
    whose: Person | Household, name: str, kind: str, at: datetime, where: Camp, later: Movement | None
) -> str:
    if kind == MovementKind.DIED and later is not None:
        return _("“%(step)s” was noted for %(person)s at a later moment (%(when)s). Record the death all the same?") % {
            "step": later.get_kind_display(), "person": name, "when": _moment(later.occurred_at),
        }  # fmt: skip
    if kind != MovementKind.CHECK_IN or later is not None:
        return ""
    if whose.presence == Presence.DEAD:
        return _("%(person)s was recorded as dead on %(when)s. Was that a mistake, and are they here?") % {
            "person": name, "when": _since(whose, at),
        }  # fmt: skip
    return still_elsewhere(whose, where, at, name)


def _ask_where_they_are(moving: list[Person | Household], where: Camp) -> None:
    """One question for the household when some of them are still at other sites. Raises NeedsConfirmation."""
    elsewhere = [one for one in moving if one.camp_id != where.pk and one.presence in HERE]
    if elsewhere:
        sites = ", ".join(dict.fromkeys(str(one.camp) for one in elsewhere))
        raise NeedsConfirmation(
            ngettext(
                "One person of this household is still checked in at %(sites)s. Move them here?",
                "%(count)d people of this household are still checked in at %(sites)s. Move them here?",
                _people_in(elsewhere),
            )
            % {"count": _people_in(elsewhere), "sites": sites}
        )


def _people_in(moving: list[Person | Household]) -> int:
    return sum(one.unlisted if isinstance(one, Household) else 1 for one in moving)


def _would_move(whose: Person | Household, kind: str, where: Camp) -> bool:
    """Whether a household's step is about this one: the dead rest, and who is elsewhere does not leave from here."""
    if whose.presence not in STEPS[kind][0] or whose.presence == Presence.DEAD:
        return False
    if kind == MovementKind.CHECK_IN:
        return not (whose.presence == Presence.PRESENT and whose.camp_id == where.pk)
    return whose.camp_id == where.pk


def _apply(whose: Person | Household, step: Movement) -> None:
    """Bring where they are up to date. Who moves leaves their household's site; the household follows when all have moved."""
    whose.presence = STEPS[step.kind][1]
    # A death that becomes known late does not bring anybody back to where they were before.
    target = whose.camp if step.kind == MovementKind.DIED else step.to_camp or step.camp
    if whose.camp_id != target.pk:
        whose.camp = target
        if isinstance(whose, Household):
            whose.shelter_unit = ""
    if isinstance(whose, Household):
        whose.save(update_fields=["presence", "camp", "shelter_unit", "updated_at"])
        return
    whose.save(update_fields=["presence", "camp", "updated_at"])
    household = locked_household(Household(pk=whose.household_id))
    stays = household.unlisted or household.members.filter(presence__in=HERE).exclude(camp_id=target.pk).exists()
    if household.camp_id != target.pk and not stays:
        household.camp, household.shelter_unit = target, ""
        household.save(update_fields=["camp", "shelter_unit", "updated_at"])
    sync_household(household)


def _at(whose: Person | Household, where: Camp) -> Person | Household:
    """The same as if registered at ``where``, to ask whether somebody who works there may act."""
    if whose.camp_id == where.pk:
        return whose
    return type(whose)(pk=whose.pk, camp=where, operation_id=whose.operation_id)


def _since(whose: Person | Household, at: datetime) -> str:
    step = whose.movements.filter(occurred_at__lte=at).order_by("-occurred_at", "-pk").first()
    return _moment(step.occurred_at) if step else "–"


def _moment(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
