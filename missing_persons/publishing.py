"""What the public may see: released or kept back by somebody entitled, with a reason."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.operations.models import Operation
from komek.records.actor import Actor, acting
from missing_persons.models import Moderation, Note, Person, Report
from missing_persons.policies import is_protection_officer
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.texts import one_line


@transaction.atomic
def publish(*, by: Actor, operation: Operation | None, record: Report | Note, reason: str = "") -> Report | Note:
    """Let the public see a report or a note; of a death only a protection officer. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.APPROVE, record)
    locked = _locked(record)
    if isinstance(locked, Report):
        if not locked.consents_to_publish:
            raise Refused({"__all__": _("Who reported this did not agree that it is published. Ask them first.")})
        if locked.person.is_child_alone:
            raise Refused({"__all__": _("A child found alone is never shown to the public.")})
        if locked.is_of_death and locked.verified_at is None:
            raise Refused({"__all__": _("Nobody confirmed this death. Verify the report first, and say how.")})
    elif locked.status == "believed_dead" and locked.verified_at is None:
        raise Refused({"__all__": _("Nobody confirmed this death. Verify the note first, and say how.")})
    return _moderate(by, locked, Moderation.PUBLISHED, one_line(reason)[:300])


@transaction.atomic
def keep_from_public(*, by: Actor, operation: Operation | None, record: Report | Note, reason: str) -> Report | Note:
    """Keep a report or a note from the public; registrars go on seeing it. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.APPROVE, record)
    return _moderate(by, _locked(record), Moderation.HIDDEN, _required(reason))


@transaction.atomic
def hold_back(*, by: Actor, operation: Operation | None, person: Person, reason: str) -> Person:
    """Show nothing of a person to the public, whatever is reported of them. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, person)
    return held(by=by, person=person, reason=_required(reason))


@transaction.atomic
def let_go(*, by: Actor, operation: Operation | None, person: Person, reason: str) -> Person:
    """End that a person is held back: only a protection officer. Raises Refused or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, person)
    if not is_protection_officer(standing):
        raise NotAllowed(_("Only a protection officer shows a person again who was held back."))
    return held(by=by, person=person, reason=_required(reason), is_held=False)


def held(*, by: Actor, person: Person, reason: str, is_held: bool = True) -> Person:
    """Hold a person back or end it; asks no permission. In the caller's transaction."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    locked.is_held_back, locked.held_back_because = is_held, reason if is_held else ""
    with acting(by.because(reason)):
        if is_held:
            locked.visibility = "hidden"
        locked.save()
        refresh([locked])
    return locked


def _moderate(by: Actor, record: Report | Note, moderation: Moderation, reason: str) -> Report | Note:
    record.moderation, record.moderation_reason = moderation, reason
    if isinstance(record, Report):
        record.moderated_at, record.moderated_by = timezone.now(), by.user
    with acting(by.because(reason) if reason else by):
        record.save()
        refresh([Person.objects.select_for_update().get(pk=record.person_id)])
    return record


def _locked(record: Report | Note) -> Report | Note:
    locked: Report | Note = type(record).objects.select_for_update().get(pk=record.pk)  # type: ignore[attr-defined]
    if locked.tombstoned_at is not None:
        raise Refused({"__all__": _("This was erased. Nothing of it can be changed.")})
    return locked


def _required(reason: str) -> str:
    tidy = one_line(reason)[:300]
    if not tidy:
        raise Refused({"reason": _("Say why, in a sentence. It is kept.")})
    return tidy
