"""Forms of what the catalogue's items stand on: packs, units, categories, and names by language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.supplies.models import Category, Dimension, Unit
from komek.web.names import NamesByLanguage
from komek.web.records import RecordForm

NAME_LENGTH = 150


class NamedForm(NamesByLanguage, RecordForm):
    """Over a record with names by language. ``store`` puts what was typed into it, without saving."""

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.add_names(record, longest=NAME_LENGTH)

    def store(self, record: Any) -> Any:
        for bound in self.main_fields():
            if bound.name != "version":
                setattr(record, bound.name, self.cleaned_data[bound.name])
        record.names = {code: name for code, name in self.names().items() if name}
        return record

    def refuse_taken(self, model: Any, name: str, sentence: Any) -> Any:
        """What names a record for good may name no other."""
        value = self.cleaned_data[name]
        if model.objects.filter(**{name: value}).exclude(pk=getattr(self.record, "pk", None)).exists():
            raise ValidationError(sentence)
        return value


class ItemNamesForm(NamedForm):
    """An item's names only; the rest is on the item's own form."""


class PackForm(NamedForm):
    name = forms.CharField(label=gettext_lazy("Pack"), max_length=NAME_LENGTH, help_text=gettext_lazy("carton of 24"))
    quantity = forms.DecimalField(label=gettext_lazy("Units in it"), max_digits=18, decimal_places=6)
    gtin = forms.CharField(label=gettext_lazy("Barcode number (GTIN)"), max_length=14, required=False)


class UnitForm(NamedForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LENGTH)
    symbol = forms.CharField(label=gettext_lazy("Symbol"), max_length=12, help_text=gettext_lazy("Such as kg."))
    dimension = forms.ChoiceField(label=gettext_lazy("What it measures"), choices=Dimension.choices)
    factor = forms.DecimalField(
        label=gettext_lazy("How much it is"),
        max_digits=18,
        decimal_places=6,
        help_text=gettext_lazy("In pieces, kilograms, litres, metres, square metres or days: a gram is 0.001."),
    )

    def clean_symbol(self) -> str:
        symbol: str = self.refuse_taken(Unit, "symbol", _("Another unit has this symbol."))
        return symbol


class CategoryForm(NamedForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LENGTH)
    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=40,
        help_text=gettext_lazy("Names it in files and programs for good, such as winter_clothes."),
    )
    parent = forms.ModelChoiceField(
        label=gettext_lazy("Part of"), queryset=Category.objects.order_by("order", "name"), required=False
    )
    order = forms.IntegerField(
        label=gettext_lazy("Order"), min_value=0, max_value=30_000, help_text=gettext_lazy("Small numbers come first.")
    )

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.initial.setdefault("order", 100)
        if record is not None:
            del self.fields["key"]

    def clean_key(self) -> str:
        key: str = self.refuse_taken(Category, "key", _("Another category has this key."))
        return key
