"""Forms about what lies in one place: moved, lost, written off, taken apart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from inventory.consignment_forms import NUMBER
from inventory.kits import break_kits
from inventory.losses import record_loss, write_off
from inventory.models import Balance, Condition, LossReason, Movement, Warehouse
from inventory.moving import MoveLine, move_goods
from inventory.quantities import in_words, read_quantity
from inventory.receipt_pages import bin_named
from inventory.receiving import GoodsLine
from inventory.seeing import in_seen_warehouses
from inventory.tabs import page_context
from komek.accounts.authority import Action, require
from komek.records.actor import Actor
from komek.supplies.models import plain
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView

BIN = {"data-scan": "", "autocomplete": "off"}


class PlaceForm(RecordForm):
    quantity = forms.CharField(label=_("How much"), max_length=30, widget=forms.TextInput(NUMBER))
    measure = forms.CharField(
        label=_("Unit or pack"), max_length=60, required=False, help_text=_("Left empty, the item's own unit.")
    )


class MoveForm(PlaceForm):
    to_bin = forms.CharField(
        label=_("To bin"), max_length=60, required=False, widget=forms.TextInput(BIN),
        help_text=_("Empty: without a bin."),
    )  # fmt: skip
    to_condition = forms.ChoiceField(label=_("Condition"), choices=Condition.choices)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class LossForm(PlaceForm):
    loss_reason = forms.ChoiceField(label=_("Reason of the loss"), choices=LossReason.choices)
    reason = forms.CharField(label=_("What happened"), max_length=300, required=False)


class BreakForm(RecordForm):
    count = forms.IntegerField(label=_("How many kits"), min_value=1, max_value=1_000_000)
    to_bin = forms.CharField(
        label=_("Put the contents in bin"), max_length=60, required=False, widget=forms.TextInput(BIN)
    )


class _PlacePage(RecordFormView):
    model = Movement
    template_name = "inventory/place_form.html"
    form_class = LossForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            rows = Balance.objects.select_related("batch__item__unit", "batch__pack", "bin", "warehouse__organisation")
            self.place: Balance = get_object_or_404(in_seen_warehouses(rows, standing(request)), pk=kwargs["pk"])
            self.warehouse: Warehouse = self.place.warehouse
            require(standing(request), Action.CHANGE, self.warehouse)
        return super().dispatch(request, *args, **kwargs)

    def initial(self) -> dict[str, Any]:
        return {
            "quantity": plain(self.place.quantity), "to_condition": self.place.condition,
            "to_bin": str(self.place.bin or ""),
        }  # fmt: skip

    @property
    def common(self) -> dict[str, Any]:
        """Arguments of every function that moves what lies here."""
        return {
            "operation": self.request.operation or None,  # type: ignore[attr-defined]
            "warehouse": self.warehouse,
            "key": f"page-{self.request.POST.get('_once', '')}"[:200],
        }

    def amount(self, form: RecordForm) -> Decimal:
        said = form.cleaned_data
        return read_quantity(self.place.batch.item, said["quantity"], said["measure"])

    def line(self, form: RecordForm) -> GoodsLine:
        place = self.place
        return GoodsLine(self.amount(form), batch=place.batch, bin=place.bin, condition=place.condition)

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {
            **super().form_context(form),
            **page_context(self.warehouse, standing(self.request), "stock"),
            "place": self.place,
            "lies": in_words(self.place.batch.item, self.place.quantity, self.place.batch.pack),
        }


class Move(_PlacePage):
    form_class = MoveForm
    title = _("Move goods")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        said, place = form.cleaned_data, self.place
        line = MoveLine(
            place.batch, self.amount(form), bin=place.bin, condition=place.condition,
            to_bin=bin_named(said["to_bin"], self.warehouse), to_condition=said["to_condition"],
        )  # fmt: skip
        return move_goods(by=by, lines=[line], reason=said["reason"], **self.common)


class Lose(_PlacePage):
    title = _("Goods are lost")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        said = form.cleaned_data
        return record_loss(
            by=by, lines=[self.line(form)], loss_reason=said["loss_reason"], reason=said["reason"], **self.common
        )


class WriteOff(_PlacePage):
    title = _("Write off goods")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        said = form.cleaned_data
        return write_off(
            by=by, lines=[self.line(form)], loss_reason=said["loss_reason"], reason=said["reason"], **self.common
        )


class Break(_PlacePage):
    form_class = BreakForm
    title = _("Take kits apart")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        place, said = self.place, form.cleaned_data
        if said["count"] > place.quantity:
            raise ValidationError({"count": _t("There are not so many kits here.")})
        return break_kits(
            by=by, batch=place.batch, count=said["count"], bin=place.bin, condition=place.condition,
            to_bin=bin_named(said["to_bin"], self.warehouse), **self.common,
        )  # fmt: skip
