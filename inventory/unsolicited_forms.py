"""Forms about unsolicited goods."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.consignment_forms import moment_field, now_to_the_minute
from inventory.goods_forms import ReceivedRow
from inventory.models import Outcome, Priority, UnsolicitedGoods
from komek.web.fields import LookupField
from komek.web.records import RecordForm
from komek.web.rows import RowForm, RowsForm
from orgs.models import Organisation


class UnsolicitedForm(RecordForm):
    description = forms.CharField(
        label=_("What it is"),
        max_length=300,
        help_text=_("As one sees it: “mixed clothes”, “medicines, labels in Italian”."),
    )
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.UNSORTED)
    packages = forms.IntegerField(label=_("Packages"), min_value=0, max_value=2_000_000_000, required=False)
    place = forms.CharField(label=_("Where it lies"), max_length=100, required=False)
    organisation = LookupField(label=_("Donor"), key="orgs.organisation", model=Organisation, required=False)
    donor_name = forms.CharField(label=_("Donor, when not registered"), max_length=200, required=False)
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    weight_kg = forms.DecimalField(
        label=_("Weight, kg (estimated)"), min_value=Decimal(0), max_digits=12, decimal_places=3, required=False
    )
    volume_m3 = forms.DecimalField(
        label=_("Volume, m³ (estimated)"), min_value=Decimal(0), max_digits=12, decimal_places=3, required=False
    )
    occurred_at = moment_field(label=_("When it came"), initial=now_to_the_minute)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class StockForm(RowsForm):
    row_forms: ClassVar[dict[str, type[RowForm]]] = {"goods": ReceivedRow}
    spare_rows = 1
    rest_stays = forms.BooleanField(
        label=_("More of it waits to be sorted"), required=False,
        help_text=_("Tick this when only a part of the heap is taken into stock now."),
    )  # fmt: skip

    def row_options(self) -> dict[str, Any]:
        assert isinstance(self.record, UnsolicitedGoods)
        return {"warehouse": self.record.warehouse}


class SettleForm(RecordForm):
    outcome = forms.ChoiceField(
        label=_("What became of it"), widget=forms.RadioSelect,
        choices=[(value, label) for value, label in Outcome.choices if value in (Outcome.PASSED_ON, Outcome.DISCARDED)],
    )  # fmt: skip
    note = forms.CharField(label=_("To whom it went, or how it was discarded"), max_length=300)
