"""How much people need of an item: dated, cited figures to plan with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, Standing, require
from komek.records.actor import Actor, acting
from komek.supplies.catalogue import lock_catalogue, raise_version
from komek.supplies.models import HowOften, Item, Need, Whom


@dataclass(frozen=True)
class Figure:
    """One figure as somebody typed it. quantity: in the item's base unit. pk: of the need it corrects, ``None`` for a new one."""

    quantity: Decimal
    source: str
    valid_from: date
    whom: str = Whom.PERSON
    how_often: str = HowOften.ONCE
    purpose: str = ""
    note: str = ""
    pk: int | None = None


FIELDS = ("quantity", "source", "valid_from", "whom", "how_often", "purpose", "note")


@transaction.atomic
def set_needs(*, by: Actor, standing: Standing, item: Item, figures: Sequence[Figure]) -> None:
    """All figures of an item, as a whole: those not named are removed. Raises ValidationError or NotAllowed.

    Only what differs is written; when nothing does, the catalogue's version stays.
    """
    require(standing, Action.CHANGE, item)
    lock_catalogue()
    kept = {need.pk: need for need in item.needs.all()}
    needs = [(kept.pop(figure.pk, None) if figure.pk else None, figure) for figure in figures]
    changed = []
    for need, figure in needs:
        values = {name: getattr(figure, name) for name in FIELDS}
        if need is not None and all(getattr(need, name) == value for name, value in values.items()):
            continue
        need = need or Need(item=item)
        for name, value in values.items():
            setattr(need, name, value)
        changed.append(need)
    faults = [sentence for need in changed for sentence in need_faults(need).values()]
    if len({_key(figure) for figure in figures}) < len(figures):
        faults.append(_("Two rows say the same thing of the same day from the same source. Keep one of them."))
    if faults:
        raise ValidationError(faults)
    if not changed and not kept:
        return
    with acting(by):
        for need in kept.values():
            need.delete()
        for need in changed:
            need.save()
        item.save(update_fields=["updated_at"])
        raise_version(str(item))


@transaction.atomic
def save_need(*, by: Actor, standing: Standing, need: Need) -> Need:
    """Add or change one figure. Raises ValidationError or NotAllowed."""
    require(standing, Action.CHANGE if need.pk else Action.ADD, need if need.pk else Need)
    lock_catalogue()
    faults = need_faults(need)
    twin = Need.objects.filter(
        item=need.item, purpose=need.purpose, whom=need.whom, how_often=need.how_often, source=need.source,
        valid_from=need.valid_from,
    )  # fmt: skip
    if twin.exclude(pk=need.pk).exists():
        faults["source"] = _("This source says this of the same day already.")
    if faults:
        raise ValidationError(faults)
    with acting(by):
        need.save()
        raise_version(str(need.item))
    return need


@transaction.atomic
def remove_need(*, by: Actor, standing: Standing, need: Need) -> None:
    """Take a figure out. History keeps it."""
    require(standing, Action.DELETE, need)
    with acting(by):
        raise_version(str(need.item))
        need.delete()


def need_faults(need: Need) -> dict[str, Any]:
    """Field → sentence for each rule the figure breaks; brings texts into their stored form. No queries."""
    need.source, need.purpose = " ".join(need.source.split()), " ".join(need.purpose.split())
    need.note = need.note.strip()
    faults: dict[str, Any] = {}
    if need.quantity <= 0:
        faults["quantity"] = _("A need is more than nothing.")
    if not need.source:
        faults["source"] = _("Say where the figure comes from: a handbook, an assessment, a cluster.")
    if need.whom not in Whom.values:
        faults["whom"] = _("A need is per person or per household.")
    if need.how_often not in HowOften.values:
        faults["how_often"] = _("A need is once, a day or a month.")
    return faults


def _key(figure: Figure) -> tuple[Any, ...]:
    words = (" ".join(text.split()) for text in (figure.purpose, figure.source))
    return (*words, figure.whom, figure.how_often, figure.valid_from)
