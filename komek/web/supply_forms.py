"""Forms with rows of the catalogue: what a kit holds, and what people need of an item."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.supplies.conversion import CannotConvert, to_base
from komek.supplies.models import HowOften, Item, Unit, Whom, plain
from komek.supplies.needs import Figure
from komek.web.fields import LookupField
from komek.web.rows import RowForm, RowLookup, RowsForm


class CountedRow(RowForm):
    """A row with a quantity in a unit; cleaned, the quantity is in the item's base unit. An empty unit is that one.

    units: those to choose from, the same list for all rows.
    """

    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), max_digits=18, decimal_places=6)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"))

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in units}
        choices: Any = self.fields["unit"]
        choices.choices = [("", _("its own unit")), *((key, f"{u.symbol} ({u})") for key, u in self.units.items())]

    def counted(self, cleaned: dict[str, Any]) -> Item | None:
        """What the quantity is of."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        quantity, unit, item = cleaned.get("quantity"), self.units.get(cleaned.get("unit") or ""), self.counted(cleaned)
        if quantity is not None and quantity <= 0:
            self.add_error("quantity", _("The quantity must be more than zero."))
        elif quantity is not None and unit is not None and item is not None:
            try:
                cleaned["quantity"] = to_base(quantity, unit.measure, item.unit.measure)
            except CannotConvert as refusal:
                self.add_error("unit", str(refusal))
        return cleaned


class ContentRow(CountedRow):
    needed = ("item", "quantity")
    aside = ("unit",)
    field_order = ("item", "quantity", "unit")

    item = LookupField(label=gettext_lazy("Item"), key="supplies.item", model=Item, widget=RowLookup("supplies.item"))

    def counted(self, cleaned: dict[str, Any]) -> Item | None:
        return cleaned.get("item")


class KitForm(RowsForm):
    """What a kit holds."""

    row_forms: ClassVar[dict[str, type[RowForm]]] = {"contents": ContentRow}

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        return [
            {"item": content.item_id, "quantity": plain(content.quantity), "unit": str(content.item.unit_id)}
            for content in self._contents
        ]

    def row_options(self) -> dict[str, Any]:
        labels = {str(content.item_id): str(content.item) for content in self._contents}
        return {"units": self._units, "labels": {"item": labels}}

    @cached_property
    def _contents(self) -> list[Any]:
        return list(self.record.contents.select_related("item__unit")) if self.record else []  # type: ignore[attr-defined]

    @cached_property
    def _units(self) -> list[Unit]:
        return list(Unit.objects.all())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        items = [row.cleaned_data.get("item") for row in self.filled("contents") if row.is_valid()]
        twice = {str(item) for item in items if item is not None and items.count(item) > 1}
        if twice:
            raise forms.ValidationError(
                _("%(items)s: in two rows. Put them together in one.") % {"items": ", ".join(sorted(twice))}
            )
        return cleaned

    def _differences(self, cleaned: dict[str, Any]) -> str:
        lines = [f"{content.item} {plain(content.quantity)} {content.item.unit.symbol}" for content in self._contents]
        return "; ".join(lines) or _("nothing in it")

    def contents(self) -> dict[Item, Decimal]:
        """Item → quantity in its base unit, of a valid form."""
        return {row.cleaned_data["item"]: row.cleaned_data["quantity"] for row in self.filled("contents")}


class NeedRow(CountedRow):
    needed = ("quantity", "source", "valid_from")
    aside = ("pk", "unit", "whom", "how_often", "valid_from")
    field_order = ("pk", "quantity", "unit", "whom", "how_often", "purpose", "source", "valid_from", "note")

    pk = forms.IntegerField(widget=forms.HiddenInput)
    whom = forms.ChoiceField(label=gettext_lazy("For whom"), choices=Whom.choices, initial=Whom.PERSON)
    how_often = forms.ChoiceField(label=gettext_lazy("How often"), choices=HowOften.choices, initial=HowOften.ONCE)
    purpose = forms.CharField(label=gettext_lazy("For what (empty: altogether)"), max_length=80)
    source = forms.CharField(label=gettext_lazy("Source of the figure"), max_length=200)
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"),
        initial=timezone.localdate,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300)

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        self.of_item = item
        super().__init__(*args, **kwargs)

    def counted(self, cleaned: dict[str, Any]) -> Item | None:
        return self.of_item

    def figure(self) -> Figure:
        """The row as the catalogue takes it, of a valid form."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "unit"}
        values["whom"] = values["whom"] or Whom.PERSON
        values["how_often"] = values["how_often"] or HowOften.ONCE
        return Figure(**values)


class NeedsForm(RowsForm):
    """All that people need of one item."""

    row_forms: ClassVar[dict[str, type[RowForm]]] = {"needs": NeedRow}
    spare_rows = 1

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "pk": need.pk, "quantity": plain(need.quantity), "unit": str(need.item.unit_id), "whom": need.whom,
                "how_often": need.how_often, "purpose": need.purpose, "source": need.source, "note": need.note,
                "valid_from": need.valid_from,
            }
            for need in self._needs
        ]  # fmt: skip

    def row_options(self) -> dict[str, Any]:
        return {"units": self._units, "item": self.record}

    @cached_property
    def _needs(self) -> list[Any]:
        return list(self.record.needs.select_related("item__unit")) if self.record else []  # type: ignore[attr-defined]

    @cached_property
    def _units(self) -> list[Unit]:
        item: Any = self.record
        return list(Unit.objects.filter(dimension=item.unit.dimension))

    def _differences(self, cleaned: dict[str, Any]) -> str:
        return "; ".join(str(need) for need in self._needs) or _("nothing")

    def figures(self) -> list[Figure]:
        """The rows of a valid form."""
        return [row.figure() for row in self.filled("needs") if isinstance(row, NeedRow)]
