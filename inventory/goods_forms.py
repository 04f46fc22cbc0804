"""Forms in which goods come and go by the row: received, given out, brought back, put together to kits."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from inventory.consignment_forms import GoodsRow, moment_field, now_to_the_minute
from inventory.models import Batch, Bin, Condition, Warehouse
from inventory.quantities import read_quantity
from inventory.receipt_pages import bin_named
from inventory.receiving import GoodsLine
from inventory.refusals import Refused
from komek.supplies.models import Item, KitContent
from komek.web.fields import LookupField
from komek.web.records import RecordForm
from komek.web.rows import RowForm, RowLookup, RowsForm
from orgs.models import Organisation, Site

LIST_OF_BINS = "bins-here"
LIST_OF_MEASURES = "measures"


PUT_IN_BIN = _("Put in bin")


def bin_field(label: Any = PUT_IN_BIN) -> forms.CharField:
    """A bin's label, typed, scanned or picked from those of the warehouse."""
    widget = forms.TextInput({"list": LIST_OF_BINS, "autocomplete": "off", "data-scan": ""})
    return forms.CharField(label=label, max_length=60, widget=widget)


class PlacedRow(RowForm):
    """A row with a bin of the warehouse."""

    def __init__(self, *args: Any, warehouse: Warehouse, **kwargs: Any) -> None:
        self.warehouse = warehouse
        super().__init__(*args, **kwargs)
        if "measure" in self.fields:
            self.fields["measure"].widget.attrs["list"] = LIST_OF_MEASURES

    def clean_bin(self) -> Bin | None:
        try:
            return bin_named(self.cleaned_data["bin"], self.warehouse)
        except Refused as refusal:
            raise forms.ValidationError(refusal.messages) from refusal

    @property
    def is_filled(self) -> bool:
        """A box that is not ticked says nothing."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in self.aside}
        return any(value not in (None, "", False) for value in said.values()) or bool(self.errors)


class ReceivedRow(PlacedRow, GoodsRow):
    """Goods that come in, with the batch they are of."""

    aside = ("measure", "condition")
    field_order = ("item", "quantity", "measure", "number", "expires_on", "expiry_is_unknown", "bin", "condition")
    number = forms.CharField(label=_("Batch number"), max_length=60)
    expires_on = forms.DateField(label=_("Expires on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    expiry_is_unknown = forms.BooleanField(label=_("Expiry not known"))
    bin = bin_field()
    condition = forms.ChoiceField(label=_("Condition"), choices=Condition.choices, initial=Condition.GOOD)

    def line(self, **more: Any) -> GoodsLine:
        """The row of a valid form as the functions take it."""
        said = self.cleaned_data
        pack = next((pack for pack in said["item"].packs.all() if _is_called(pack, said.get("measure") or "")), None)
        return GoodsLine(
            said["amount"], item=said["item"], number=said["number"], expires_on=said["expires_on"],
            expiry_is_unknown=bool(said["expiry_is_unknown"]), bin=said["bin"], pack=pack,
            condition=said["condition"] or Condition.GOOD, **more,
        )  # fmt: skip


def _is_called(pack: Any, words: str) -> bool:
    wanted = words.strip().casefold().rstrip(".")
    return bool(wanted) and wanted in {name.casefold().rstrip(".") for name in (pack.name, *pack.names.values())}


class _WarehouseRows(RowsForm):
    """Rows of goods of one warehouse."""

    spare_rows = 1

    def __init__(self, *args: Any, warehouse: Warehouse, **kwargs: Any) -> None:
        self.warehouse = warehouse
        super().__init__(*args, **kwargs)

    def row_options(self) -> dict[str, Any]:
        return {"warehouse": self.warehouse}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if all(row.is_valid() for row in self.rows["goods"]) and not list(self.filled("goods")):
            raise forms.ValidationError(_("Nothing would move. Give at least one line of goods."))
        return cleaned

    def first_row(self) -> Any:
        """The first row, where a refusal about goods is shown when there is just one."""
        filled = list(self.filled("goods"))
        return filled[0] if len(filled) == 1 else None

    def add_refusal(self, refusal: forms.ValidationError) -> None:
        """Sentences about goods land in the row when there is only one; else above the form."""
        row = self.first_row()
        if row is None or not hasattr(refusal, "error_dict"):
            super().add_refusal(refusal)
            return
        for name, errors in refusal.error_dict.items():
            if name in row.fields:
                row.add_error(name, errors)
                self.add_error(None, errors)
            else:
                self.add_error(name if name in self.fields else None, errors)


class ReceiveForm(_WarehouseRows):
    row_forms: ClassVar[dict[str, type[RowForm]]] = {"goods": ReceivedRow}
    donor = LookupField(label=_("Donor or supplier"), key="orgs.organisation", model=Organisation, required=False)
    donor_name = forms.CharField(label=_("Donor, when not registered"), max_length=200, required=False)
    gift = forms.CharField(label=_("Donor's reference"), max_length=100, required=False)
    owner = LookupField(
        label=_("Owner, when not the donor's gift"), key="orgs.organisation", model=Organisation, required=False
    )
    document = forms.CharField(label=_("Paper document"), max_length=100, required=False)
    occurred_at = moment_field(label=_("When"), initial=now_to_the_minute)


class IssuedRow(PlacedRow, GoodsRow):
    aside = ("measure",)


class IssueForm(_WarehouseRows):
    row_forms: ClassVar[dict[str, type[RowForm]]] = {"goods": IssuedRow}
    site = LookupField(label=_("To site"), key="orgs.site", model=Site, required=False)
    organisation = LookupField(label=_("To organisation"), key="orgs.organisation", model=Organisation, required=False)
    recipient = forms.CharField(label=_("To whom, when neither"), max_length=200, required=False)
    usable_for_days = forms.IntegerField(
        label=_("Must be usable for so many days"), min_value=0, max_value=3650, required=False
    )
    document = forms.CharField(label=_("Paper document"), max_length=100, required=False)
    occurred_at = moment_field(label=_("When"), initial=now_to_the_minute)

    def add_refusal(self, refusal: forms.ValidationError) -> None:
        """Above the form: the rows are right, it is what lies on the shelves that does not fit."""
        RecordForm.add_refusal(self, refusal)

    def wanted(self) -> dict[Item, Any]:
        """Item → base units, of a valid form; an item in two rows is one."""
        totals: dict[Item, Any] = {}
        for row in self.filled("goods"):
            item = row.cleaned_data["item"]
            totals[item] = totals.get(item, 0) + row.cleaned_data["amount"]
        return totals


class ReturnedRow(PlacedRow):
    needed = ("batch", "quantity")
    aside = ("measure", "condition")
    batch = LookupField(label=_("Batch"), key="inventory.batch", model=Batch, widget=RowLookup("inventory.batch"))
    quantity = forms.CharField(label=_("How much"), max_length=30)
    measure = forms.CharField(label=_("Unit or pack"), max_length=60)
    bin = bin_field()
    condition = forms.ChoiceField(label=_("Condition"), choices=Condition.choices, initial=Condition.GOOD)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("batch") and cleaned.get("quantity"):
            try:
                cleaned["amount"] = read_quantity(
                    cleaned["batch"].item, cleaned["quantity"], cleaned.get("measure") or ""
                )
            except Refused as refusal:
                self.add_error("quantity", refusal.messages)
        return cleaned


class ReturnForm(_WarehouseRows):
    row_forms: ClassVar[dict[str, type[RowForm]]] = {"goods": ReturnedRow}
    site = LookupField(label=_("From site"), key="orgs.site", model=Site, required=False)
    recipient = forms.CharField(label=_("From whom, when it is no site"), max_length=200, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
    document = forms.CharField(label=_("Paper document"), max_length=100, required=False)
    occurred_at = moment_field(label=_("When"), initial=now_to_the_minute)


class KitForm(RecordForm):
    kit = forms.ModelChoiceField(label=_("Kit"), queryset=Item.objects.none())
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=1_000_000)
    bin = bin_field(_("Put the kits in bin"))
    reason = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, warehouse: Warehouse, **kwargs: Any) -> None:
        self.warehouse = warehouse
        super().__init__(*args, **kwargs)
        self.fields["bin"].required = False
        kit: Any = self.fields["kit"]
        kit.queryset = kits()

    def clean_bin(self) -> Bin | None:
        try:
            return bin_named(self.cleaned_data["bin"], self.warehouse)
        except Refused as refusal:
            raise forms.ValidationError(refusal.messages) from refusal


def kits() -> Any:
    """Items of the catalogue that hold others."""
    rows = Item.objects.filter(Exists(KitContent.objects.filter(kit=OuterRef("pk"))), is_active=True)
    return rows.select_related("unit").prefetch_related("contents__item__unit").order_by("name")
