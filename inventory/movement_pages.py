"""Pages of what moved: the list, one movement, one batch, one item over all warehouses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from inventory.filters_stock import MovementFilter
from inventory.finding import found_batch, found_movement
from inventory.models import Balance, Batch, Entry, Movement, MovementKind
from inventory.moving import unblock_batch
from inventory.quantities import in_words
from inventory.seeing import in_seen_warehouses
from inventory.stock import balances
from inventory.stock_words import apart_badge, expiry_badge, expiry_words
from inventory.warehouse_lists import OfOneWarehouse
from komek.accounts.authority import Action, may
from komek.records.middleware import actor_of
from komek.supplies.models import Item
from komek.web.context import standing
from komek.web.lists import Column, ListPage, link_cell

ENTRIES_SHOWN = 100
WITH_CONSIGNMENTS = (MovementKind.DISPATCH, MovementKind.ARRIVAL)


def other_side(movement: Movement) -> str:
    """To whom goods went or from whom they came."""
    return str(movement.site or movement.organisation or movement.recipient or movement.consignment or "")


class MovementList(ListPage):
    key = "inventory.movement"
    exchange_key = "inventory.movement"
    model = Movement
    title = gettext_lazy("Movements of stock")
    filterset_class = MovementFilter
    default_sort = "-occurred"
    empty_text = gettext_lazy(
        "What is received, given out, moved and lost is written here and never changed afterwards."
    )
    columns = (
        Column("code", gettext_lazy("Code"), "code", sort=("code",), cell=link_cell(), nowrap=True),
        Column("occurred", gettext_lazy("When"), "occurred_at", sort=("occurred_at",), nowrap=True),
        Column("kind", gettext_lazy("What happened"), "kind", sort=("kind",)),
        Column("warehouse", gettext_lazy("Warehouse"), "warehouse.name", sort=("warehouse__name",)),
        Column("other", gettext_lazy("To or from"), other_side),
        Column("document", gettext_lazy("Paper document"), "document", default=False),
        Column("reason", gettext_lazy("Reason"), "reason"),
        Column("entered", gettext_lazy("Entered"), "entered_at", sort=("entered_at",), nowrap=True, default=False),
        Column("by", gettext_lazy("Reported by"), "reported_by", default=False),
    )

    def queryset(self) -> Any:
        return Movement.objects.select_related("warehouse", "site", "organisation", "consignment")


class WarehouseMovements(OfOneWarehouse, MovementList):
    key = "inventory.warehouse_movement"
    title = gettext_lazy("Movements")
    template_name = "inventory/warehouse_stock.html"
    tab = "movements"
    columns = tuple(column for column in MovementList.columns if column.key != "warehouse")


@dataclass(frozen=True)
class MovedLine:
    """A quantity of a batch that left one account for another. sides: the entry it left by, the entry it came in by."""

    batch: Batch
    quantity: Decimal
    sides: tuple[Entry | None, Entry | None]

    @property
    def words(self) -> str:
        return in_words(self.batch.item, self.quantity, self.batch.pack)


def paired(entries: Sequence[Entry]) -> list[MovedLine]:
    """Entries, in the order of writing, as lines with both their sides; one without a counterpart of its size stands alone."""
    lines, waiting = [], list(entries)
    while waiting:
        first = waiting.pop(0)
        other = next(
            (one for one in waiting if one.batch_id == first.batch_id and one.quantity == -first.quantity), None
        )
        if other is not None:
            waiting.remove(other)
        out, into = (first, other) if first.quantity < 0 else (other, first)
        lines.append(MovedLine(first.batch, abs(first.quantity), (out, into)))
    return lines


@require_GET
@login_required
def movement(request: HttpRequest, code: str) -> HttpResponse:
    """One movement: from where to where, how much, and whether it was taken back."""
    record = found_movement(request, code)
    entries = record.entries.select_related("batch__item__unit", "batch__pack", "bin", "consignment").order_by("pk")
    taken_back = Movement.objects.filter(reverses=record).first()
    may_move = may(standing(request), Action.ADD, record)
    context = {
        "movement": record,
        "other": other_side(record),
        "lines": paired(list(entries)),
        "taken_back": taken_back,
        "may_take_back": may_move
        and taken_back is None
        and record.kind not in (MovementKind.REVERSAL, *WITH_CONSIGNMENTS),
    }
    return render(request, "inventory/movement.html", context)


@require_GET
@login_required
def batch(request: HttpRequest, code: str) -> HttpResponse:
    """One batch: what it is, where it lies, what became of it."""
    record = found_batch(request, code)
    whose = standing(request)
    rows = Balance.objects.filter(batch=record, quantity__gt=0).select_related(
        "warehouse", "bin__zone", "item__unit", "batch__item", "batch__pack"
    )
    places = [(row, apart_badge(row)) for row in in_seen_warehouses(rows, whose).order_by("warehouse__name", "pk")]
    entries = (
        Entry.objects.filter(batch=record, movement__operation=record.operation)
        .select_related("movement__warehouse", "bin", "consignment")
        .order_by("-occurred_at", "-pk")[:ENTRIES_SHOWN]
    )
    context = {
        "batch": record,
        "places": places,
        "entries": entries,
        "expiry": expiry_badge(record.expires_on) or expiry_words(record),
        "may_change": may(whose, Action.CHANGE, record),
    }
    return render(request, "inventory/batch.html", context)


@require_POST
@login_required
def unblock(request: HttpRequest, code: str) -> HttpResponse:
    record = found_batch(request, code)
    unblock_batch(by=actor_of(request), operation=request.operation or None, batch=record)  # type: ignore[attr-defined]
    messages.success(request, _("The batch may be given out again."))
    return redirect(record)


@require_GET
@login_required
def item_stock(request: HttpRequest, code: str) -> HttpResponse:
    """Where an item lies: every batch in every warehouse, the first to expire first."""
    item = get_object_or_404(Item.objects.select_related("unit"), code=code)
    rows = (
        balances(standing(request).operation)
        .filter(item=item)
        .select_related("warehouse", "bin__zone", "item__unit", "batch__item", "batch__pack")
    )
    rows = in_seen_warehouses(rows, standing(request)).order_by("batch__expires_on", "warehouse__name", "pk")
    context = {"item": item, "places": [(row, apart_badge(row)) for row in rows[:500]]}
    return render(request, "inventory/item_stock.html", context)
