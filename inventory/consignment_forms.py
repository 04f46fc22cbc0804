"""Forms about consignments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.consignments import WantedLine
from inventory.models import Warehouse
from inventory.quantities import read_quantity
from komek.accounts.authority import visible
from komek.accounts.phones import ContactPhoneField
from komek.supplies.models import Item
from komek.web.context import standing
from komek.web.fields import LocationField, LookupField
from komek.web.records import RecordForm
from komek.web.rows import RowForm, RowLookup, RowsForm
from orgs.models import Site

NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


def moment_field(label: Any, **options: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"), **options
    )


def now_to_the_minute() -> Any:
    return timezone.localtime().replace(second=0, microsecond=0)


class GoodsRow(RowForm):
    needed = ("item", "quantity")
    item = LookupField(label=_("Item"), key="supplies.item", model=Item, widget=RowLookup("supplies.item"))
    quantity = forms.CharField(label=_("How much"), max_length=30, widget=forms.TextInput(NUMBER))
    measure = forms.CharField(label=_("Unit or pack"), max_length=60)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        item, quantity = cleaned.get("item"), cleaned.get("quantity")
        if item and quantity:
            try:
                cleaned["amount"] = read_quantity(item, quantity, cleaned.get("measure") or "")
            except ValidationError as refusal:
                self.add_error("quantity", refusal.messages)
        return cleaned


class AskForm(RowsForm):
    row_forms = {"goods": GoodsRow}  # noqa: RUF012
    origin = forms.ModelChoiceField(label=_("From warehouse"), queryset=Warehouse.objects.none())
    destination = LookupField(label=_("To site"), key="orgs.site", model=Site)
    wanted_by = forms.DateField(
        label=_("Wanted by"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    least_shelf_life_days = forms.IntegerField(
        label=_("Usable at least, days after arrival"), min_value=0, max_value=3650, required=False
    )
    request_reference = forms.CharField(label=_("Answers request (code)"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].queryset = visible(Warehouse.objects.order_by("name"), standing(self.request))  # type: ignore[attr-defined]

    def lines(self) -> list[WantedLine]:
        return [WantedLine(row.cleaned_data["item"], row.cleaned_data["amount"]) for row in self.filled("goods")]


class CarrierForm(RecordForm):
    """Who carries it, and when it is expected."""

    vehicle = forms.CharField(label=_("Vehicle and number plate"), max_length=100, required=False)
    driver = forms.CharField(label=_("Driver"), max_length=150, required=False)
    driver_phone = ContactPhoneField(label=_("Driver's phone"), required=False)
    carrier = forms.CharField(label=_("Carrier"), max_length=150, required=False)
    route = forms.CharField(label=_("Route"), max_length=300, required=False)
    seal = forms.CharField(label=_("Seal number"), max_length=60, required=False)
    expected_at = moment_field(_("Expected at"), required=False)


class DispatchForm(CarrierForm):
    occurred_at = moment_field(_("Left at"), initial=now_to_the_minute)


class PositionForm(RecordForm):
    location = LocationField(label=_("Where it was seen"))
    occurred_at = moment_field(_("When"), initial=now_to_the_minute)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    reported_by = forms.CharField(label=_("Reported by"), max_length=200, required=False)


class ReasonForm(RecordForm):
    reason = forms.CharField(label=_("Why"), max_length=300)


class ArrivedRow(forms.Form):
    """What came of one parcel. Everything in the item's base unit."""

    good = forms.CharField(label=_("In good order"), required=False, max_length=20, widget=forms.TextInput(NUMBER))
    damaged = forms.CharField(label=_("Damaged"), required=False, max_length=20, widget=forms.TextInput(NUMBER))
    bin = forms.CharField(
        label=_("Put in bin"), required=False, max_length=40, widget=forms.TextInput({"data-scan": "bin"})
    )
    explanation = forms.CharField(label=_("Explain any difference"), required=False, max_length=300)

    def amount(self, name: str) -> Decimal:
        from inventory.quantities import checked, read_number

        text = (self.cleaned_data.get(name) or "").strip()
        return checked(self.item, read_number(text)) if text else Decimal(0)

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        self.item = item
        super().__init__(*args, **kwargs)
