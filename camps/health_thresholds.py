"""Setting what is watched and from how many cases it is an alert. For coordinators of the whole operation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from camps.models import Syndrome
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

EDITABLE = (
    "name", "definition", "window_days", "alert_cases", "alert_ratio", "alert_per_10000", "source", "is_active", "order",
)  # fmt: skip
LONGEST_WINDOW_DAYS = 28


@transaction.atomic
def change_syndrome(*, by: Actor, operation: Any, syndrome: Syndrome, language: str = "en", **fields: Any) -> Syndrome:
    """Change a syndrome. What is not named stays. Alerts follow at once, also for days past.

    language: of the name and the definition; those in other languages stay as they are.
    """
    require(standing_of(by.user, operation), Action.CHANGE, syndrome)
    locked: Syndrome = Syndrome.objects.select_for_update().get(pk=syndrome.pk)
    _assign(locked, _in_language(locked, language, fields))
    with acting(by):
        locked.save()
    return locked


@transaction.atomic
def add_syndrome(*, by: Actor, operation: Any, name: str, **fields: Any) -> Syndrome:
    """Watch something more, such as a disease that this emergency brings."""
    syndrome = Syndrome()
    require(standing_of(by.user, operation), Action.ADD, syndrome)
    _assign(syndrome, {"name": name, **fields})
    if Syndrome.objects.filter(name__iexact=syndrome.name).exists():
        raise Refused({"name": _("There is a syndrome of this name already. Change that one.")})
    syndrome.key = _free_key(syndrome.name)
    with acting(by):
        syndrome.save()
    return syndrome


def _in_language(syndrome: Syndrome, language: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Name and definition go to their language; what was first written stays for readers of languages without their own."""
    if language == "en":
        return fields
    kept = dict(fields)
    for one, many in (("name", "names"), ("definition", "definitions")):
        text = str(kept.pop(one, "")).strip()
        if text:
            setattr(syndrome, many, {**getattr(syndrome, many), language: text})
    return kept


def _assign(syndrome: Syndrome, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a syndrome: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(syndrome, name, value)
    faults = faults_of(syndrome)
    if faults:
        raise Refused(faults)


def faults_of(syndrome: Syndrome) -> dict[str, Any]:
    """Field → sentence for every rule broken. Pure."""
    faults: dict[str, Any] = {}
    if not syndrome.name.strip():
        faults["name"] = _("Give it a name.")
    if not syndrome.source.strip():
        faults["source"] = _("Say who set the threshold, so that others can trust it.")
    if not 1 <= syndrome.window_days <= LONGEST_WINDOW_DAYS:
        faults["window_days"] = _("Give 1 to 28 days.")
    if syndrome.alert_cases is not None and syndrome.alert_cases < 1:
        faults["alert_cases"] = _("An alert needs at least one case.")
    if syndrome.alert_ratio is not None and Decimal(syndrome.alert_ratio) < 1:
        faults["alert_ratio"] = _("Less than once the average is no rise. Give 1 or more.")
    if syndrome.alert_per_10000 is not None and Decimal(syndrome.alert_per_10000) <= 0:
        faults["alert_per_10000"] = _("An alert needs more than no cases. Give a number above 0, or leave it empty.")
    return faults


def _free_key(name: str) -> str:
    base = slugify(name).replace("-", "_")[:34] or "syndrome"
    taken = set(Syndrome.objects.filter(key__startswith=base).values_list("key", flat=True))
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key
