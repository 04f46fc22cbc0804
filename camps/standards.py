"""Adding and changing the figures that sites are compared with. Browser and API call these functions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from camps.models import Comparison, Standard
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

EDITABLE = (
    "key", "name", "names", "sector", "comparison", "unit", "units", "gap_text", "gap_texts", "note", "notes", "target",
    "first", "first_days", "target_cold", "upper_cold", "share", "part_of", "item", "item_covers", "source", "order",
    "is_active",
)  # fmt: skip
MORE_IS_BETTER = (Comparison.PER_PERSON, Comparison.AT_LEAST)


@transaction.atomic
def add_standard(*, by: Actor, operation: Any, **fields: Any) -> Standard:
    """A figure of the installation's own. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.ADD, Standard)
    standard = Standard()
    _assign(standard, fields)
    faults = faults_of(standard)
    if "key" not in faults and Standard.objects.filter(key=standard.key).exists():
        faults["key"] = _("Another standard has this key. Choose another.")
    return _saved(standard, faults, by)


@transaction.atomic
def change_standard(*, by: Actor, operation: Any, standard: Standard, **fields: Any) -> Standard:
    """Change a figure; what is not named stays, and history keeps what it was. Raises Refused or NotAllowed.

    What is compared and in which unit cannot change once something was measured: old values would mean something else.
    """
    require(standing_of(by.user, operation), Action.CHANGE, standard)
    before = Standard.objects.select_for_update(of=("self",)).get(pk=standard.pk)
    _assign(standard, fields)
    faults = faults_of(standard)
    if standard.key != before.key:
        faults["key"] = _("The key stays as it is; measurements and messages use it.")
    for name in ("comparison", "unit"):
        if getattr(standard, name) != getattr(before, name) and standard.measurements.exists():
            faults[name] = _("Figures were measured in this way already. Add another standard instead.")
    return _saved(standard, faults, by)


def faults_of(standard: Standard) -> dict[str, Any]:
    """Field → sentence, for every rule the standard breaks."""
    faults: dict[str, Any] = {}
    for name, sentence in (
        ("key", _("Give a short key of Latin letters, such as hand_pumps.")),
        ("name", _("Say what is measured.")),
        ("source", _("Say where the figure comes from: publication, edition, chapter.")),
    ):
        if not str(getattr(standard, name)).strip():
            faults[name] = sentence
    if standard.comparison not in Comparison.values:
        faults["comparison"] = _("Choose how the value is compared.")
    elif standard.comparison != Comparison.IN_PLACE:
        faults.update(_figure_faults(standard))
    if standard.share is not None and standard.part_of is None:
        faults["part_of"] = _("Say which standard counts all of them.")
    if standard.part_of is not None and (standard.part_of == standard or standard.part_of.part_of_id is not None):
        faults["part_of"] = _("It cannot be counted in itself, or in what is a part already.")
    if standard.item_covers is None or standard.item_covers <= 0:
        faults["item_covers"] = _("One item closes more than nothing of a gap.")
    return faults


def _figure_faults(standard: Standard) -> dict[str, Any]:
    if standard.target is None or standard.target <= 0:
        return {"target": _("Give the figure to compare with, greater than 0.")}
    faults: dict[str, Any] = {}
    if standard.first is not None:
        is_milder = standard.first <= standard.target
        if standard.comparison not in MORE_IS_BETTER:
            is_milder = standard.first >= standard.target
        if standard.first <= 0 or not is_milder:
            faults["first"] = _("The figure at first must be easier to reach than the full one.")
    elif standard.first_days:
        faults["first"] = _("Give the figure that holds in the first days.")
    if standard.target_cold is not None and standard.target_cold <= 0:
        faults["target_cold"] = _("Give a figure greater than 0, or none.")
    if standard.upper_cold is not None and standard.upper_cold < (standard.target_cold or Decimal(0)):
        faults["upper_cold"] = _("The upper figure cannot be less than the lower one.")
    return faults


def _assign(standard: Standard, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a standard that people change: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(standard, name, value)


def _saved(standard: Standard, faults: dict[str, Any], by: Actor) -> Standard:
    if faults:
        raise Refused(faults)
    try:
        standard.clean_fields(exclude=("sector", "part_of", "item"))
    except ValidationError as refusal:
        raise Refused({name: texts[0] for name, texts in refusal.message_dict.items()}) from refusal
    with acting(by):
        standard.save()
    return standard
