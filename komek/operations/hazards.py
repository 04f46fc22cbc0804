"""Adding, changing and retiring hazard types. They are data: nothing in the code knows what can happen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.operations.models import HazardType
from komek.records.actor import Actor, acting
from komek.records.names import cleaned_names

NAME_LENGTH = 100


@transaction.atomic
def add_hazard_type(
    *, by: Actor, key: str, name: str, names: Mapping[str, str] | None = None, glide_code: str = ""
) -> HazardType:
    """A kind of disaster that was not in the list. Raises ValidationError or NotAllowed."""
    require(standing_of(by.user, None), Action.ADD, HazardType)
    hazard = HazardType(key=key, name=name, names=dict(names or {}), glide_code=glide_code)
    if faults := hazard_faults(hazard):
        raise ValidationError(faults)
    if HazardType.objects.filter(key=hazard.key).exists():
        raise ValidationError({"key": _("There is a hazard type with this key already.")})
    with acting(by):
        hazard.save()
    return hazard


@transaction.atomic
def change_hazard_type(*, by: Actor, hazard_type: HazardType, **fields: Any) -> HazardType:
    """Change a name, the GLIDE letters, or whether it is in use. The key stays. Raises ValidationError or NotAllowed."""
    require(standing_of(by.user, None), Action.CHANGE, hazard_type)
    hazard = HazardType.objects.select_for_update().get(pk=hazard_type.pk)
    for name, value in fields.items():
        if name not in ("name", "names", "glide_code", "is_active"):
            raise ValueError(f"{name} of a hazard type is not changed here")
        setattr(hazard, name, value)
    if faults := hazard_faults(hazard):
        raise ValidationError(faults)
    with acting(by):
        hazard.save()
    return hazard


def retire_hazard_type(*, by: Actor, hazard_type: HazardType, is_active: bool = False) -> HazardType:
    """Take a hazard type out of use, or back into use. Operations that have it keep it."""
    return change_hazard_type(by=by, hazard_type=hazard_type, is_active=is_active)


def hazard_faults(hazard: HazardType) -> dict[str, Any]:
    """Field → sentence for each rule broken; brings the fields into their stored form. No queries."""
    hazard.key = hazard.key.strip().lower()
    hazard.name = " ".join(hazard.name.split())
    hazard.glide_code = hazard.glide_code.strip().upper()
    faults: dict[str, Any] = {}
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", hazard.key):
        faults["key"] = _("A key is made of Latin letters, digits and underscores, at most 40, such as flash_flood.")
    if not hazard.name:
        faults["name"] = _("Give the hazard type a name.")
    elif len(hazard.name) > NAME_LENGTH:
        faults["name"] = _("The name is longer than %(longest)d characters.") % {"longest": NAME_LENGTH}
    if hazard.glide_code and not re.fullmatch("[A-Z]{2}", hazard.glide_code):
        faults["glide_code"] = _("GLIDE letters are two Latin letters, such as EQ for an earthquake.")
    try:
        hazard.names = cleaned_names(hazard.names, longest=NAME_LENGTH)
    except ValidationError as refusal:
        faults.update(refusal.message_dict)
    return faults
