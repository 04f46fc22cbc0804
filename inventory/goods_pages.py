"""Pages on which goods come and go by the row: receive, give out, take back, put kits together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from inventory.goods_forms import IssueForm, KitForm, ReceiveForm, ReturnForm, kits
from inventory.issue_plans import explained
from inventory.issuing import issue_goods, return_goods
from inventory.kits import assemble_kits
from inventory.models import Batch, Bin, Movement
from inventory.page_forms import WarehousePage
from inventory.quantities import read_number
from inventory.receiving import GoodsLine, receive_goods
from inventory.refusals import Refused
from inventory.stock import NOTHING, stock_by_item
from komek.accounts.authority import Action, require, visible
from komek.records.actor import Actor
from komek.supplies.models import Item, Unit, plain
from komek.web.context import standing
from komek.web.records import RecordForm


class GoodsPage(WarehousePage):
    """Moves stock of a warehouse. A saved form leads to the movement it wrote; the same form sent twice is the same movement."""

    model = Movement
    tab = "stock"
    template_name = "inventory/goods_form.html"
    form_of: ClassVar[Any]
    legend: ClassVar[Any] = gettext_lazy("Goods")
    rows_help: ClassVar[Any] = ""

    def record(self) -> None:
        self.form_class = partial(self.form_of, warehouse=self.warehouse)  # type: ignore[assignment]

    @property
    def key(self) -> str:
        return f"page-{self.request.POST.get('_once', '')}"[:200]

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        bins = self.warehouse.bins.filter(is_active=True).order_by("pick_order", "label")
        return {
            **super().form_context(form),
            "bins": bins.values_list("label", flat=True)[:1000],
            "legend": self.legend,
            "rows_help": self.rows_help,
        }


class Receive(GoodsPage):
    form_of = ReceiveForm
    title = gettext_lazy("Receive goods")
    save_title = gettext_lazy("Received")
    legend = gettext_lazy("What came")
    rows_help = gettext_lazy("Count in packs or in the item's own unit: 40, sack of 25 kg.")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        assert isinstance(form, ReceiveForm)
        said = form.cleaned_data
        batch = {name: said[name] for name in ("donor", "donor_name", "gift", "owner")}
        lines = [row.line(**batch) for row in form.filled("goods")]  # type: ignore[attr-defined]
        return receive_goods(
            by=by, operation=self.operation, warehouse=self.warehouse, lines=lines, occurred_at=said["occurred_at"],
            organisation=said["donor"], recipient=said["donor_name"], document=said["document"], key=self.key,
        )  # fmt: skip


class GiveBack(GoodsPage):
    form_of = ReturnForm
    title = gettext_lazy("Take back goods that were given out")
    save_title = gettext_lazy("Taken back")
    legend = gettext_lazy("What comes back")
    rows_help = gettext_lazy("Its code stands on the label; else type the item or the batch number.")

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        assert isinstance(form, ReturnForm)
        said = form.cleaned_data
        lines = [
            GoodsLine(
                row.cleaned_data["amount"], batch=row.cleaned_data["batch"], bin=row.cleaned_data["bin"],
                condition=row.cleaned_data["condition"] or "good",
            )
            for row in form.filled("goods")
        ]  # fmt: skip
        return return_goods(
            by=by, operation=self.operation, warehouse=self.warehouse, lines=lines, site=said["site"],
            recipient=said["recipient"], reason=said["reason"], document=said["document"],
            occurred_at=said["occurred_at"], key=self.key,
        )  # fmt: skip


class Issue(GoodsPage):
    """First what would be taken is shown with its reasons; then it is given out as shown, or as the keeper changed it.

    Steps: the rows are checked; first expired first is proposed; the keeper sends the proposal back, and only that is taken.
    A proposal for other rows than those sent is made anew.
    """

    form_of = IssueForm
    title = gettext_lazy("Give out goods")
    template_name = "inventory/issue.html"
    legend = gettext_lazy("What is given out")
    rows_help = gettext_lazy("The first to expire leaves first. You see from where before anything is written.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST, request=request, record=None)
        if not form.is_valid() or (
            request.POST.get("do") == "issue" and request.POST.get("planned") == self._rows(form)
        ):
            return super().post(request, *args, **kwargs)
        return self._show(form, None)

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        assert isinstance(form, IssueForm)
        said = form.cleaned_data
        return issue_goods(
            by=by, operation=self.operation, warehouse=self.warehouse, lines=self._taken(form.wanted()),
            site=said["site"], organisation=said["organisation"], recipient=said["recipient"],
            document=said["document"], occurred_at=said["occurred_at"], key=self.key,
        )  # fmt: skip

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        context = super().form_context(form)
        if not form.is_bound or not hasattr(form, "cleaned_data") or not _are_rows_valid(form):
            return context
        assert isinstance(form, IssueForm)
        at = form.cleaned_data.get("occurred_at") or timezone.now()
        plans = explained(
            self.operation, self.warehouse, form.wanted(), on=timezone.localdate(at),
            usable_for_days=form.cleaned_data.get("usable_for_days") or 0,
        )  # fmt: skip
        typed = self.request.POST if self.request.POST.get("planned") == self._rows(form) else {}
        rows = [(plan, [(line, typed.get(line.name, line.proposed)) for line in plan.taken]) for plan in plans]
        can_issue = any(plan.taken for plan in plans)
        return {**context, "plans": rows, "planned": self._rows(form), "can_issue": can_issue}

    def _rows(self, form: Any) -> str:
        """What the rows ask for, so that a proposal is known to be for them."""
        wanted = sorted((item.pk, plain(quantity)) for item, quantity in form.wanted().items())
        days = form.cleaned_data.get("usable_for_days") or 0
        return ";".join([*(f"{pk}:{quantity}" for pk, quantity in wanted), str(days)])

    def _taken(self, wanted: dict[Item, Decimal]) -> list[GoodsLine]:
        """The places and quantities sent back. Raises Refused."""
        boxes = {
            name: text.strip()
            for name, text in self.request.POST.items()
            if name.startswith("take-") and str(text).strip() not in ("", "0")
        }
        places = {}
        for name in boxes:
            parts = name.split("-")[1:]
            if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
                raise Refused({"__all__": gettext_lazy("Look at the proposal again, then give out.")})
            places[name] = (int(parts[0]), int(parts[1]))
        rows = Batch.objects.select_related("item__unit", "pack")
        batches = visible(rows, standing(self.request)).in_bulk({batch for batch, _bin in places.values()})
        bins = Bin.objects.filter(warehouse=self.warehouse).in_bulk(
            {bin_pk for _batch, bin_pk in places.values() if bin_pk}
        )
        lines = []
        for name, (batch_pk, bin_pk) in places.items():
            batch = batches.get(batch_pk)
            if batch is None or batch.item not in wanted or (bin_pk and bin_pk not in bins):
                raise Refused({"__all__": gettext_lazy("Look at the proposal again, then give out.")})
            lines.append(GoodsLine(_number(batch, boxes[name]), batch=batch, bin=bins.get(bin_pk)))
        if not lines:
            raise Refused({"__all__": gettext_lazy("Nothing would move. Give at least one quantity above zero.")})
        return lines


def _number(batch: Batch, text: str) -> Decimal:
    try:
        return read_number(text)
    except ValidationError as fault:
        raise Refused({"__all__": f"{batch}: {' '.join(fault.messages)}"}) from fault


def _are_rows_valid(form: Any) -> bool:
    return all(row.is_valid() for row in form.rows["goods"]) and bool(list(form.filled("goods")))


@dataclass(frozen=True)
class PossibleKit:
    """How many of a kit could be put together now, and which content runs out first."""

    kit: Item
    count: int
    first_out: Item | None
    contents: Sequence[Any]


class Kits(GoodsPage):
    form_of = KitForm
    title = gettext_lazy("Put kits together")
    save_title = gettext_lazy("Put together")
    template_name = "inventory/kits.html"

    def save_record(self, form: RecordForm, by: Actor) -> Movement:
        said = form.cleaned_data
        return assemble_kits(
            by=by, operation=self.operation, warehouse=self.warehouse, kit=said["kit"], count=said["count"],
            bin=said["bin"], reason=said["reason"], key=self.key,
        )  # fmt: skip

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        found = list(kits()[:200])
        parts = {content.item_id for kit in found for content in kit.contents.all()}
        stock = stock_by_item(self.operation, self.warehouse, items=parts)
        rows = [_possible(kit, stock) for kit in found]
        rows.sort(key=lambda row: -row.count)
        return {**super().form_context(form), "possible": rows}


def _possible(kit: Item, stock: dict[int, Any]) -> PossibleKit:
    contents = list(kit.contents.all())  # type: ignore[attr-defined]
    counts = [
        (int((stock[content.item_id].free if content.item_id in stock else NOTHING) // content.quantity), content.item)
        for content in contents
    ]
    count, first_out = min(counts, key=lambda one: one[0])
    return PossibleKit(kit, count, first_out, contents)


@require_GET
@login_required
def measures(request: HttpRequest, pk: int) -> JsonResponse:
    """In what an item can be counted: its packs, then units of its kind. For the suggestions beside a quantity."""
    require(standing(request), Action.VIEW, Item)
    item = get_object_or_404(visible(Item.objects.select_related("unit"), standing(request)), pk=pk)
    packs = [str(pack) for pack in item.packs.all()]
    units = [unit.symbol for unit in Unit.objects.filter(dimension=item.unit.dimension).order_by("factor")]
    first = [item.unit.symbol]
    return JsonResponse({"unit": item.unit.symbol, "measures": [*packs, *first, *(u for u in units if u not in first)]})
