"""Pages of unsolicited goods: written down at the gate, sorted with a thumb, taken into stock or settled otherwise."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from inventory.filters_unsolicited import UnsolicitedFilter
from inventory.models import Outcome, Priority, UnsolicitedGoods
from inventory.page_forms import Landing, WarehousePage
from inventory.policies import KEEPERS
from inventory.tabs import page_context
from inventory.unsolicited import (
    change_unsolicited,
    register_unsolicited,
    settle_unsolicited,
    sort_unsolicited,
    stock_unsolicited,
)
from inventory.unsolicited_forms import SettleForm, StockForm, UnsolicitedForm
from inventory.warehouse_lists import OfOneWarehouse
from komek.accounts.authority import Action, may, standing_of, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.lists import BulkAction, Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView
from komek.web.templatetags.komek import ago

SHADES = {Priority.URGENT: "badge-danger", Priority.USEFUL: "badge-ok", Priority.UNSORTED: "badge-warn"}


def priority_cell(goods: UnsolicitedGoods) -> SafeString:
    shade = SHADES.get(Priority(goods.priority), "") if goods.outcome == Outcome.WAITING else ""
    return format_html('<span class="badge {}">{}</span>', shade, goods.get_priority_display())


def _sorter(priority: Priority) -> BulkAction:
    """Sort many heaps at once; those of others, and settled ones, stay as they are."""

    def act(rows: Any, by: Actor, operation: Any) -> str:
        done = left = 0
        whose = standing_of(by.user, operation)
        for goods in rows:
            if goods.outcome == Outcome.WAITING and may(whose, Action.CHANGE, goods):
                sort_unsolicited(by=by, operation=operation, goods=goods, priority=priority)
                done += 1
            else:
                left += 1
        return _("Sorted: %(done)d. Left, because settled or kept by others: %(left)d.") % {"done": done, "left": left}

    return BulkAction(priority.value, priority.label, act, lambda whose: whose.holds_anywhere(*KEEPERS))


class UnsolicitedList(ListPage):
    key = "inventory.unsolicited"
    model = UnsolicitedGoods
    title = gettext_lazy("Unsolicited goods")
    filterset_class = UnsolicitedFilter
    default_sort = "-occurred"
    template_name = "inventory/unsolicited_list.html"
    empty_text = gettext_lazy(
        "Goods that come without being asked for are written down here and sorted, so that they do not clog the stock."
    )
    actions = tuple(_sorter(priority) for priority in Priority if priority != Priority.UNSORTED)
    columns = (
        Column("description", gettext_lazy("What it is"), "description", sort=("description",), cell=link_cell()),
        Column("priority", gettext_lazy("Priority"), "priority", sort=("priority",), cell=priority_cell),
        Column("outcome", gettext_lazy("What became of it"), "outcome", sort=("outcome",)),
        Column("packages", gettext_lazy("Packages"), "packages", sort=("packages",), numeric=True),
        Column("place", gettext_lazy("Where it lies"), "place", sort=("place",)),
        Column("expires_on", gettext_lazy("Expires on"), "expires_on", sort=("expires_on",), nowrap=True),
        Column("donor", gettext_lazy("Donor"), lambda row: str(row.organisation or row.donor_name)),
        Column("occurred", gettext_lazy("Came"), "occurred_at", sort=("occurred_at",), nowrap=True,
               cell=lambda row: ago(row.occurred_at)),
        Column("warehouse", gettext_lazy("Warehouse"), "warehouse.name", sort=("warehouse__name",)),
        Column("weight_kg", gettext_lazy("Weight, kg"), "weight_kg", numeric=True, default=False),
        Column("volume_m3", gettext_lazy("Volume, m³"), "volume_m3", numeric=True, default=False),
        Column("note", gettext_lazy("Note"), "note", default=False),
    )  # fmt: skip

    def queryset(self) -> Any:
        return UnsolicitedGoods.objects.select_related("warehouse", "organisation")


class WarehouseUnsolicited(OfOneWarehouse, UnsolicitedList):
    """The heaps of one warehouse. Its address holds the warehouse's code."""

    key = "inventory.warehouse_unsolicited"
    template_name = "inventory/warehouse_unsolicited.html"
    tab = "unsolicited"
    columns = tuple(column for column in UnsolicitedList.columns if column.key != "warehouse")


class UnsolicitedAdd(WarehousePage):
    model = UnsolicitedGoods
    form_class = UnsolicitedForm
    title = gettext_lazy("Unsolicited goods came")
    tab = "unsolicited"
    back = "inventory:warehouse_unsolicited"

    def save_record(self, form: RecordForm, by: Actor) -> UnsolicitedGoods:
        return register_unsolicited(by=by, operation=self.operation, warehouse=self.warehouse, **form.cleaned_data)


def found_goods(request: HttpRequest, pk: int) -> UnsolicitedGoods:
    """The heap, as the viewer may see it, or 404."""
    rows = UnsolicitedGoods.objects.select_related("warehouse__organisation", "organisation", "movement", "entered_by")
    found: UnsolicitedGoods = get_object_or_404(visible(rows, standing(request)), pk=pk)
    return found


@require_GET
@login_required
def unsolicited_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One heap: what is known of it, and what to do with it."""
    record = found_goods(request, pk)
    whose = standing(request)
    is_waiting = record.outcome == Outcome.WAITING
    context = {
        **page_context(record.warehouse, whose, "unsolicited"),
        "goods": record,
        "priority": priority_cell(record),
        "priorities": [choice for choice in Priority.choices if choice[0] != Priority.UNSORTED],
        "is_waiting": is_waiting,
        "may_settle": is_waiting and may(whose, Action.CHANGE, record),
    }
    return render(request, "inventory/unsolicited_one.html", context)


@require_POST
@login_required
def sort(request: HttpRequest, pk: int) -> HttpResponse:
    """One press: how urgent it is."""
    record = found_goods(request, pk)
    try:
        sort_unsolicited(
            by=actor_of(request), operation=request.operation or None, goods=record,  # type: ignore[attr-defined]
            priority=request.POST.get("priority", ""),
        )  # fmt: skip
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Sorted."))
    return redirect(record)


class _GoodsPage(RecordFormView):
    """A form about one heap."""

    model = UnsolicitedGoods
    template_name = "inventory/form.html"

    def record(self) -> UnsolicitedGoods:
        return found_goods(self.request, self.kwargs["pk"])

    @property
    def goods(self) -> UnsolicitedGoods:
        assert isinstance(self.kept, UnsolicitedGoods)
        return self.kept

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        house = self.goods.warehouse
        return {
            **super().form_context(form),
            **page_context(house, standing(self.request), "unsolicited"),
            "back": self.goods.get_absolute_url(),
        }


class UnsolicitedChange(_GoodsPage):
    form_class = UnsolicitedForm

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> UnsolicitedGoods:
        return change_unsolicited(by=by, operation=self.operation, goods=self.goods, **form.cleaned_data)


class Settle(_GoodsPage):
    form_class = SettleForm

    def heading(self) -> Any:
        return _("Pass on or discard: %(what)s") % {"what": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> UnsolicitedGoods:
        return settle_unsolicited(by=by, operation=self.operation, goods=self.goods, **form.cleaned_data)


class Stock(_GoodsPage):
    form_class = StockForm
    template_name = "inventory/unsolicited_stock.html"

    def heading(self) -> Any:
        return _("Take into stock: %(what)s") % {"what": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        assert isinstance(form, StockForm)
        lines = [row.line() for row in form.filled("goods")]  # type: ignore[attr-defined]
        stocked = stock_unsolicited(
            by=by, operation=self.operation, goods=self.goods, lines=lines, rest_stays=form.cleaned_data["rest_stays"]
        )
        return Landing(stocked.get_absolute_url())
