"""The form of an item."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from komek.supplies.models import Item


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    """Code, names, unit and how to keep it. What it means for stock and kits is checked in ``catalogue``."""

    class Meta:
        model = Item
        fields = (
            "code", "name", "category", "unit", "description", "is_perishable", "is_hazardous", "coldest_c", "warmest_c",
            "weight_kg", "volume_l",
        )  # fmt: skip
        labels = {"unit": _("Counted in")}  # as its table and its page say it
        help_texts = {"code": _("Any text that names it once and for all, such as HOU-BLK.")}


class PackForm(forms.Form):
    """A package of an item."""

    name = forms.CharField(label=_("Pack"), max_length=150, help_text=_("carton of 24"))
    quantity = forms.DecimalField(label=_("Units in it"), max_digits=18, decimal_places=6)
    gtin = forms.CharField(label=_("Barcode number (GTIN)"), max_length=14, required=False)
