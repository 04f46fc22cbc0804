"""Relief, recovery, rehabilitation: which phase an operation is in, and since when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.operations.models import Operation, Phase, PhaseChange
from komek.records.actor import Actor, acting


@transaction.atomic
def change_phase(
    *, by: Actor, operation: Operation, phase: str, began_at: datetime | None = None, note: str = ""
) -> PhaseChange:
    """Enter another phase. Phases may come in any order: after a second quake relief may follow recovery.

    began_at: when the phase began, which may be before today. Raises ValidationError or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.CHANGE, operation)
    locked = Operation.objects.select_for_update().get(pk=operation.pk)
    now = timezone.now()
    began_at = began_at or now
    if locked.ended_at is not None:
        raise ValidationError(_("This operation has ended. Open it again before changing its phase."))
    if phase not in Phase.values:
        raise ValidationError({"phase": _("There is no such phase.")})
    if phase == locked.phase:
        raise ValidationError({"phase": _("The operation is in this phase already.")})
    if began_at > now:
        raise ValidationError({"began_at": _("This lies in the future. Change the phase once it has begun.")})
    last = locked.phase_changes.last()
    earliest = last.occurred_at if last else locked.started_at
    if timedelta() <= earliest - began_at < timedelta(minutes=1):
        # A form gives whole minutes; within the minute in which the phase before began, this one follows it.
        began_at = min(now, earliest + timedelta(seconds=1))
    if began_at <= earliest:
        raise ValidationError({"began_at": _("The phase before this one began later than that. Check the date.")})
    change = PhaseChange(operation=locked, phase=phase, occurred_at=began_at, note=note.strip()[:300])
    change.stamp(by)
    locked.phase = phase
    with acting(by.because(note) if note else by):
        change.save()
        locked.save(update_fields=["phase", "updated_at"])
    operation.phase = phase
    return change


@transaction.atomic
def take_back_phase(*, by: Actor, operation: Operation) -> Operation:
    """Undo the last change of phase, entered by mistake or with a wrong date. Raises ValidationError or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, operation)
    locked = Operation.objects.select_for_update().get(pk=operation.pk)
    if locked.ended_at is not None:
        raise ValidationError(_("This operation has ended. Open it again before changing its phase."))
    changes = list(locked.phase_changes.all())
    if len(changes) < 2:
        raise ValidationError(_("The operation is in its first phase; there is nothing to take back."))
    locked.phase = changes[-2].phase
    with acting(by):
        changes[-1].delete()
        locked.save(update_fields=["phase", "updated_at"])
    operation.phase = locked.phase
    return locked
