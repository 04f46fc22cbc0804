"""Opening, changing, closing and reopening operations. Browser, API and commands call these functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from anyascii import anyascii
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.operations.glide import WrongGlide, parse_glide
from komek.operations.models import HazardType, Operation, Phase, PhaseChange
from komek.records.actor import Actor, acting
from komek.records.names import cleaned_names

NAME_LENGTH = 150
TAKEN_BY_PAGES = frozenset({"add", "choose"})
CHANGEABLE = ("name", "names", "glide_number", "summary", "started_at")


@transaction.atomic
def open_operation(
    *,
    by: Actor,
    name: str,
    is_exercise: bool,
    names: Mapping[str, str] | None = None,
    glide_number: str = "",
    hazard_types: Iterable[HazardType] = (),
    affected_areas: Iterable[Any] = (),
    phase: str = Phase.RELIEF,
    summary: str = "",
    started_at: datetime | None = None,
) -> Operation:
    """A new disaster or exercise. Which of the two it is stays so for good. Raises ValidationError or NotAllowed.

    affected_areas: ``places.Area`` records in use.
    """
    require(standing_of(by.user, None), Action.ADD, Operation)
    _one_at_a_time()
    operation = Operation(
        name=name, names=dict(names or {}), glide_number=glide_number, is_exercise=is_exercise, phase=phase,
        summary=summary, started_at=started_at or timezone.now(),
    )  # fmt: skip
    hazards, areas = list(hazard_types), list(affected_areas)
    _prepare(operation, hazards, areas)
    operation.slug = _free_slug(operation.name)
    with acting(by):
        operation.save()
        operation.hazard_types.set(hazards)
        operation.affected_areas.set(areas)
        begin_first_phase(operation, by=by)
    return operation


@transaction.atomic
def change_operation(
    *,
    by: Actor,
    operation: Operation,
    hazard_types: Iterable[HazardType] | None = None,
    affected_areas: Iterable[Any] | None = None,
    **fields: Any,
) -> Operation:
    """Change what is known of an operation. What is not named stays. Raises ValidationError or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, operation)
    _one_at_a_time()
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    for name, value in fields.items():
        if name not in CHANGEABLE:
            raise ValueError(f"{name} of an operation is not changed here")
        setattr(operation, name, value)
    hazards = list(operation.hazard_types.all() if hazard_types is None else hazard_types)
    areas = list(operation.affected_areas.defer("geometry") if affected_areas is None else affected_areas)
    _prepare(operation, hazards, areas)
    with acting(by):
        _move_first_phase(operation)
        operation.save()
        operation.hazard_types.set(hazards)
        operation.affected_areas.set(areas)
    return operation


@transaction.atomic
def close_operation(
    *, by: Actor, operation: Operation, ended_at: datetime | None = None, reason: str = ""
) -> Operation:
    """End an operation: it is no longer offered to work in. Its records stay. Raises ValidationError or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, operation)
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    now = timezone.now()
    ended_at = ended_at or now
    if operation.ended_at is not None:
        raise ValidationError(_("This operation has ended already. To correct the date, open it again first."))
    if ended_at > now:
        raise ValidationError({"ended_at": _("The end lies in the future. Close the operation once it has ended.")})
    last = operation.phase_changes.last()
    began = max(operation.started_at, last.occurred_at) if last else operation.started_at
    if ended_at < began:
        raise ValidationError({"ended_at": _("The operation cannot end before its last phase began.")})
    operation.ended_at = ended_at
    with acting(by.because(reason) if reason else by):
        operation.save(update_fields=["ended_at", "updated_at"])
    return operation


@transaction.atomic
def reopen(*, by: Actor, operation: Operation, reason: str = "") -> Operation:
    """Take the end of an operation back. Raises ValidationError or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, operation)
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    if operation.ended_at is None:
        raise ValidationError(_("This operation is open; there is nothing to open again."))
    operation.ended_at = None
    with acting(by.because(reason) if reason else by):
        operation.save(update_fields=["ended_at", "updated_at"])
    return operation


def begin_first_phase(operation: Operation, *, by: Actor) -> PhaseChange:
    """The phase an operation starts in, from its beginning. Called once, when it is made."""
    change = PhaseChange(operation=operation, phase=operation.phase, occurred_at=operation.started_at)
    change.stamp(by)
    change.save()
    return change


def checked_glide(text: str, *, hazards: Iterable[HazardType]) -> str:
    """The canonical GLIDE number; empty for empty. Raises ValidationError for ``glide_number``.

    hazards: those of the operation; when there are any, the number's letters must be of one of them.
    """
    if not text.strip():
        return ""
    codes = set(HazardType.objects.exclude(glide_code="").values_list("glide_code", flat=True))
    try:
        glide = parse_glide(text, hazard_codes=codes, this_year=timezone.localdate().year)
    except WrongGlide as fault:
        raise ValidationError({"glide_number": str(fault)}) from fault
    chosen = [hazard for hazard in hazards if hazard.glide_code]
    if chosen and glide.hazard not in {hazard.glide_code for hazard in chosen}:
        named = " / ".join(str(hazard) for hazard in HazardType.objects.filter(glide_code=glide.hazard))
        raise ValidationError(
            {
                "glide_number": _("This GLIDE number is for: %(hazard)s. Tick that hazard too, or correct the number.")
                % {"hazard": named}
            }
        )
    return str(glide)


def _prepare(operation: Operation, hazards: list[HazardType], areas: list[Any]) -> None:
    """Bring the fields into their stored form and check every rule."""
    operation.name = " ".join(operation.name.split())
    operation.names = cleaned_names(operation.names, longest=NAME_LENGTH)
    operation.summary = operation.summary.strip()
    faults: dict[str, Any] = {}
    if not operation.name:
        faults["name"] = _("Give the operation a name.")
    elif len(operation.name) > NAME_LENGTH:
        faults["name"] = _("The name is longer than %(longest)d characters.") % {"longest": NAME_LENGTH}
    if operation.phase not in Phase.values:
        faults["phase"] = _("There is no such phase.")
    if not operation.is_exercise and operation.started_at > timezone.now():
        faults["started_at"] = _("A real disaster has begun; this lies in the future. Is it an exercise?")
    if operation.ended_at is not None and operation.ended_at < operation.started_at:
        faults["started_at"] = _("The operation cannot begin after its end.")
    if any(area.operation_id not in (None, operation.pk) for area in areas):
        faults["affected_areas"] = _("One of the areas was invented for another exercise. Choose a real one.")
    try:
        operation.glide_number = checked_glide(operation.glide_number, hazards=hazards)
    except ValidationError as refusal:
        faults.update(refusal.message_dict)
    if operation.glide_number and not operation.is_exercise and "glide_number" not in faults:
        twin = Operation.objects.filter(is_exercise=False, glide_number=operation.glide_number).exclude(pk=operation.pk)
        if other := twin.first():
            faults["glide_number"] = _("The operation “%(name)s” has this GLIDE number already.") % {"name": other}
    if faults:
        raise ValidationError(faults)


def _move_first_phase(operation: Operation) -> None:
    """The first phase begins with the operation, also when the beginning is corrected."""
    first, second = ([*operation.phase_changes.all()[:2], None, None])[:2]
    if first is None or first.occurred_at == operation.started_at:
        return
    if second is not None and operation.started_at >= second.occurred_at:
        raise ValidationError({"started_at": _("The operation cannot begin after its second phase began.")})
    first.occurred_at = operation.started_at
    first.save(update_fields=["occurred_at", "updated_at"])


def _free_slug(name: str) -> str:
    """A short name for addresses that no operation and no page has."""
    base = slugify(anyascii(name))[:50].strip("-") or "operation"
    taken = {*TAKEN_BY_PAGES, *Operation.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _one_at_a_time() -> None:
    """Held to the end of the transaction, so that no two operations get one short name or one GLIDE number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('komek.operations'))")
