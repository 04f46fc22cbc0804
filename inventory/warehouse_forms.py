"""Forms about warehouses."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.models import Bin, LorryAccess, Warehouse, Zone, ZoneKind
from komek.accounts.models import User
from komek.accounts.phones import ContactPhoneField
from komek.places.models import Area
from komek.supplies.models import Item, plain
from komek.web.fields import LocationField, LookupField
from komek.web.records import RecordForm
from komek.web.rows import RowForm, RowLookup, RowsForm
from orgs.models import Opening, Organisation, Site


def degrees(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(-100), max_value=Decimal(100), decimal_places=1, max_digits=4, required=False
    )


class WarehouseForm(RecordForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    organisation = LookupField(label=_("Run by"), key="orgs.organisation", model=Organisation)
    location = LocationField(label=_("Location"), required=False)
    opening = forms.ChoiceField(label=_("State"), choices=Opening.choices, initial=Opening.OPEN)
    opening_hours = forms.CharField(label=_("Opening hours"), max_length=200, required=False)
    lorry_access = forms.ChoiceField(label=_("Access for lorries"), choices=LorryAccess.choices)
    area = LookupField(
        label=_("Area"), key="places.area", model=Area, required=False,
        help_text=_("Left empty, it is found from the location."),
    )  # fmt: skip
    landmark = forms.CharField(label=_("Address or landmark"), max_length=300, required=False)
    lorry_note = forms.CharField(label=_("About getting there and unloading"), max_length=300, required=False)
    has_loading_dock = forms.BooleanField(label=_("Loading dock"), required=False)
    has_forklift = forms.BooleanField(label=_("Forklift"), required=False)
    floor_area_m2 = forms.IntegerField(label=_("Floor area, m²"), min_value=0, max_value=10_000_000, required=False)
    volume_m3 = forms.IntegerField(label=_("Room for goods, m³"), min_value=0, max_value=100_000_000, required=False)
    pallet_places = forms.IntegerField(label=_("Pallet places"), min_value=0, max_value=10_000_000, required=False)
    coldest_c = degrees(_("Cold store as a whole: kept above, °C"))
    warmest_c = degrees(_("Kept below, °C"))
    silent_after_days = forms.IntegerField(
        label=_("Counts as silent after, days"), min_value=1, max_value=365, initial=7,
        help_text=_("Nothing entered for longer than this is brought to notice."),
    )  # fmt: skip
    about = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )

    first_fields = ("name", "organisation", "location", "opening", "opening_hours", "lorry_access")

    @property
    def main(self) -> list[Any]:
        """What is needed to begin with."""
        return [self[name] for name in ("version", *self.first_fields)]

    @property
    def more(self) -> list[Any]:
        """What can wait for a quieter hour."""
        return [bound for bound in self if bound.name not in ("version", *self.first_fields)]


class AdoptForm(RecordForm):
    site = LookupField(
        label=_("Site"), key="orgs.site", model=Site,
        help_text=_("A hospital with a pharmacy, a camp with a store. It keeps its code and everything known of it."),
    )  # fmt: skip


class ZoneForm(RecordForm):
    name = forms.CharField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=ZoneKind.choices, help_text=_("What lies in a quarantine zone is never picked.")
    )
    coldest_c = degrees(_("Kept above, °C"))
    warmest_c = degrees(_("Kept below, °C"))
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class BinsForm(RecordForm):
    labels = forms.CharField(
        label=_("Labels of the bins"), max_length=5000, widget=forms.Textarea({"rows": 4}),
        help_text=_("As painted on them, one a line. A-01..A-12 makes twelve bins."),
    )  # fmt: skip
    pallet_places = forms.IntegerField(label=_("Pallet places in each"), min_value=0, max_value=30_000, required=False)


class BinForm(RecordForm):
    label = forms.CharField(label=_("Label"), max_length=30)
    zone = forms.ModelChoiceField(label=_("Zone"), queryset=Zone.objects.none())
    pallet_places = forms.IntegerField(label=_("Pallet places"), min_value=0, max_value=30_000, required=False)
    pick_order = forms.IntegerField(
        label=_("Order of walking"), min_value=0, max_value=2_000_000_000, help_text=_("Small numbers come first.")
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.record, Bin)
        zone: Any = self.fields["zone"]
        zone.queryset = Zone.objects.filter(warehouse=self.record.warehouse_id)
        zone.empty_label = None


class KeeperRow(RowForm):
    user = forms.ModelChoiceField(label=_("Account"), queryset=User.objects.none(), required=False, empty_label="–")
    name = forms.CharField(label=_("Or a name"), max_length=150)
    phone = ContactPhoneField(label=_("Phone"))
    note = forms.CharField(label=_("When to reach them"), max_length=200)

    def __init__(self, *args: Any, warehouse: Warehouse, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user: Any = self.fields["user"]
        user.queryset = User.objects.filter(memberships__organisation=warehouse.organisation_id).distinct()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_filled and not self.errors and not cleaned.get("user") and not cleaned.get("name"):
            self.add_error("name", _("Choose an account or write a name."))
        return cleaned


class KeepersForm(RowsForm):
    row_forms: ClassVar[dict[str, type[RowForm]]] = {"keepers": KeeperRow}
    spare_rows = 1

    def row_options(self) -> dict[str, Any]:
        return {"warehouse": self.record}

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        assert isinstance(self.record, Warehouse)
        rows = self.record.keepers.all()
        return [{"user": row.user_id, "name": row.name, "phone": row.phone, "note": row.note} for row in rows]


class LevelRow(RowForm):
    needed = ("item", "minimum")
    item = LookupField(label=_("Item"), key="supplies.item", model=Item, widget=RowLookup("supplies.item"))
    minimum = forms.DecimalField(label=_("Never below"), min_value=Decimal(0), max_digits=18, decimal_places=6)
    target = forms.DecimalField(label=_("Fill up to"), min_value=Decimal(0), max_digits=18, decimal_places=6)


class LevelsForm(RowsForm):
    row_forms: ClassVar[dict[str, type[RowForm]]] = {"levels": LevelRow}

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        return [
            {"item": row.item_id, "minimum": plain(row.minimum), "target": row.target and plain(row.target)}
            for row in self._rows()
        ]

    def row_options(self) -> dict[str, Any]:
        labels: Mapping[str, str] = {str(row.item_id): str(row.item) for row in self._rows()}
        return {"labels": {"item": labels}}

    def _rows(self) -> list[Any]:
        assert isinstance(self.record, Warehouse)
        if not hasattr(self, "_kept"):
            self._kept = list(self.record.levels.select_related("item__unit").order_by("item__name"))
        return self._kept


class TemperatureForm(RecordForm):
    zone = forms.ModelChoiceField(
        label=_("Zone"), queryset=Zone.objects.none(), required=False, empty_label=_("the warehouse as a whole")
    )
    celsius = forms.DecimalField(
        label=_("°C"), min_value=Decimal(-100), max_value=Decimal(100), max_digits=4, decimal_places=1,
        widget=forms.TextInput({"inputmode": "text", "size": 6}), localize=True,
    )  # fmt: skip
    occurred_at = forms.DateTimeField(
        label=_("Read at"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        initial=timezone.localtime,
    )
    reported_by = forms.CharField(label=_("Read by"), max_length=200, required=False)

    def __init__(self, *args: Any, warehouse: Warehouse, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone: Any = self.fields["zone"]
        zone.queryset = warehouse.zones.filter(is_active=True)
