"""Forms that move stock of one warehouse: receive, give out, write off what expired, take back; and blocking a batch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.consignment_forms import NUMBER, moment_field, now_to_the_minute
from inventory.finding import found_batch, found_movement
from inventory.issuing import issue_goods
from inventory.losses import write_off_expired
from inventory.models import Batch, Condition, Movement
from inventory.moving import block_batch
from inventory.page_forms import Landing, WarehousePage
from inventory.quantities import read_quantity
from inventory.receipt_pages import bin_named
from inventory.receiving import GoodsLine, receive_goods
from inventory.reversing import reverse_movement
from komek.accounts.authority import Action, require
from komek.records.actor import Actor
from komek.supplies.models import Item
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm, RecordFormView
from orgs.models import Organisation, Site


class QuantityForm(RecordForm):
    """An item with a quantity in any unit or pack that converts; ``amount`` is in its base unit."""

    item = LookupField(label=_("Item"), key="supplies.item", model=Item)
    quantity = forms.CharField(label=_("How much"), max_length=30, widget=forms.TextInput(NUMBER))
    measure = forms.CharField(
        label=_("Unit or pack"), max_length=60, required=False, help_text=_("Left empty, the item's own unit.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("item") and cleaned.get("quantity"):
            try:
                cleaned["amount"] = read_quantity(cleaned["item"], cleaned["quantity"], cleaned.get("measure") or "")
            except ValidationError as refusal:
                self.add_error("quantity", refusal.messages)
        return cleaned


class ReceiveForm(QuantityForm):
    number = forms.CharField(label=_("Batch number"), max_length=60, required=False)
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    expiry_is_unknown = forms.BooleanField(label=_("Expiry not known"), required=False)
    bin = forms.CharField(label=_("Put in bin"), max_length=60, required=False)
    condition = forms.ChoiceField(label=_("Condition"), choices=Condition.choices, initial=Condition.GOOD)
    donor = LookupField(label=_("Donor"), key="orgs.organisation", model=Organisation, required=False)
    donor_name = forms.CharField(label=_("Donor, when not registered"), max_length=200, required=False)
    gift = forms.CharField(label=_("Donor's reference"), max_length=100, required=False)
    document = forms.CharField(label=_("Paper document"), max_length=100, required=False)
    occurred_at = moment_field(label=_("When"), initial=now_to_the_minute)


class IssueForm(QuantityForm):
    site = LookupField(label=_("To site"), key="orgs.site", model=Site, required=False)
    recipient = forms.CharField(
        label=_("To whom, when it is no site"), max_length=200, required=False,
        help_text=_("The first to expire leaves first; expired, damaged and blocked goods stay."),
    )  # fmt: skip
    document = forms.CharField(label=_("Paper document"), max_length=100, required=False)
    occurred_at = moment_field(label=_("When"), initial=now_to_the_minute)


class _StockPage(WarehousePage):
    """Who may move stock here: the warehouse's keepers. A saved form leads to the movement it wrote."""

    model = Movement
    tab = "stock"

    @property
    def key(self) -> str:
        """The same form sent twice is the same movement."""
        return f"page-{self.request.POST.get('_once', '')}"[:200]


class Receive(_StockPage):
    form_class = ReceiveForm
    title = _("Receive goods")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        said = form.cleaned_data
        line = GoodsLine(
            said["amount"], item=said["item"], bin=bin_named(said["bin"], self.warehouse), condition=said["condition"],
            number=said["number"], expires_on=said["expires_on"], expiry_is_unknown=said["expiry_is_unknown"],
            donor=said["donor"], donor_name=said["donor_name"], gift=said["gift"],
        )  # fmt: skip
        return receive_goods(
            by=by, operation=self.operation, warehouse=self.warehouse, lines=[line], occurred_at=said["occurred_at"],
            organisation=said["donor"], recipient=said["donor_name"], document=said["document"], key=self.key,
        )  # fmt: skip


class Issue(_StockPage):
    form_class = IssueForm
    title = _("Give out goods")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        said = form.cleaned_data
        return issue_goods(
            by=by, operation=self.operation, warehouse=self.warehouse,
            lines=[GoodsLine(said["amount"], item=said["item"])], site=said["site"], recipient=said["recipient"],
            document=said["document"], occurred_at=said["occurred_at"], key=self.key,
        )  # fmt: skip


class ExpiredForm(RecordForm):
    reason = forms.CharField(
        label=_("How it is destroyed or returned"), max_length=300,
        help_text=_("Everything in this warehouse that has expired leaves the stock in one movement."),
    )  # fmt: skip
    document = forms.CharField(label=_("Paper document"), max_length=100, required=False)


class WriteOffExpired(_StockPage):
    form_class = ExpiredForm
    title = _("Write off what expired")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        return write_off_expired(
            by=by, operation=self.operation, warehouse=self.warehouse, on=timezone.localdate(),
            reason=form.cleaned_data["reason"], document=form.cleaned_data["document"], key=self.key,
        )  # fmt: skip


class ReasonForm(RecordForm):
    reason = forms.CharField(label=_("Reason"), max_length=300)


class _AboutOne(RecordFormView):
    """A form about one batch or movement."""

    form_class = ReasonForm
    template_name = "inventory/reason.html"

    def one(self, request: HttpRequest) -> Any:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.found = self.one(request)
            require(standing(request), Action.CHANGE, self.found)
        return super().dispatch(request, *args, **kwargs)

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {**super().form_context(form), "one": self.found}


class TakeBack(_AboutOne):
    model = Movement
    title = _("Take this movement back")

    def one(self, request: HttpRequest) -> Movement:
        return found_movement(request, self.kwargs["code"])

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        return reverse_movement(
            by=by,
            operation=self.request.operation or None,
            movement=self.found,
            reason=form.cleaned_data["reason"],  # type: ignore[attr-defined]
        )


class Block(_AboutOne):
    model = Batch
    title = _("Block this batch")

    def one(self, request: HttpRequest) -> Batch:
        return found_batch(request, self.kwargs["code"])

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        record = block_batch(
            by=by,
            operation=self.request.operation or None,
            batch=self.found,
            reason=form.cleaned_data["reason"],  # type: ignore[attr-defined]
        )
        return Landing(reverse("inventory:batch", args=[record.code]))
