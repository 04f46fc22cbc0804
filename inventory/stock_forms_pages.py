"""Forms about what expired in a warehouse, about a movement that is taken back, and about a batch that is blocked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.finding import found_batch, found_movement
from inventory.losses import write_off_expired
from inventory.models import Batch, Movement
from inventory.moving import block_batch
from inventory.page_forms import Landing, WarehousePage
from inventory.quantities import in_words
from inventory.reversing import reverse_movement
from inventory.stock import balances
from komek.accounts.authority import Action, require
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView


class _StockPage(WarehousePage):
    """Who may move stock here: the warehouse's keepers. A saved form leads to the movement it wrote."""

    model = Movement
    tab = "stock"

    @property
    def key(self) -> str:
        """The same form sent twice is the same movement."""
        return f"page-{self.request.POST.get('_once', '')}"[:200]


class ExpiredForm(RecordForm):
    reason = forms.CharField(
        label=_("How it is destroyed or returned"), max_length=300,
        help_text=_("Everything in this warehouse that has expired leaves the stock in one movement."),
    )  # fmt: skip
    document = forms.CharField(label=_("Paper document"), max_length=100, required=False)


class WriteOffExpired(_StockPage):
    form_class = ExpiredForm
    title = _("Write off what expired")
    template_name = "inventory/expired.html"
    save_title = _("Write off")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        return write_off_expired(
            by=by, operation=self.operation, warehouse=self.warehouse, on=timezone.localdate(),
            reason=form.cleaned_data["reason"], document=form.cleaned_data["document"], key=self.key,
        )  # fmt: skip

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        rows = balances(self.operation, warehouse=self.warehouse).filter(batch__expires_on__lt=timezone.localdate())
        rows = rows.select_related("item__unit", "batch__pack", "batch__item", "bin")
        places = [
            (row, in_words(row.item, row.quantity, row.batch.pack))
            for row in rows.order_by("bin__pick_order", "bin__label", "item__name", "pk")
        ]
        return {**super().form_context(form), "places": places}


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
