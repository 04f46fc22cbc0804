"""Pages of physical counts: begun, counted blind on a phone, reviewed, posted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory.counting import (
    Decision,
    abandon_count,
    add_found,
    beyond_stock,
    count_again,
    end_counting,
    expected_now,
    open_count,
    post_count,
    review_lines,
    write_counts,
)
from inventory.filters_counts import CountFilter
from inventory.finding import found_warehouse
from inventory.models import Condition, Count, CountLine, CountState, Movement, Zone
from inventory.page_forms import Landing, WarehousePage
from inventory.quantities import read_quantity, read_sum
from inventory.receipt_pages import bin_named
from inventory.receiving import GoodsLine
from inventory.refusals import Refused
from inventory.tabs import page_context
from komek.accounts.authority import Action, may, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.supplies.models import Item
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.lists import Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView

NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


class CountList(ListPage):
    key = "inventory.count"
    model = Count
    title = gettext_lazy("Physical counts")
    filterset_class = CountFilter
    default_sort = "-begun"
    empty_text = gettext_lazy("A count is begun on a warehouse's page, under Counts.")
    columns = (
        Column("begun", gettext_lazy("Begun"), "occurred_at", sort=("occurred_at",), cell=link_cell(), nowrap=True),
        Column("warehouse", gettext_lazy("Warehouse"), "warehouse.name", sort=("warehouse__name",)),
        Column("zones", gettext_lazy("Zones"), lambda row: ", ".join(str(zone) for zone in row.zones.all())),
        Column("state", gettext_lazy("State"), "state", sort=("state",)),
        Column("posted", gettext_lazy("Posted"), "posted_at", sort=("posted_at",), nowrap=True),
    )

    def queryset(self) -> Any:
        return Count.objects.select_related("warehouse").prefetch_related("zones")


@require_GET
@login_required
def warehouse_counts(request: HttpRequest, code: str) -> HttpResponse:
    """The counts of one warehouse, newest first."""
    record = found_warehouse(request, code)
    whose = standing(request)
    rows = (
        visible(Count.objects.filter(warehouse=record), whose).prefetch_related("zones").order_by("-occurred_at", "-pk")
    )
    context = {**page_context(record, whose, "counts"), "rows": rows[:200]}
    return render(request, "inventory/warehouse_counts.html", context)


class CountForm(RecordForm):
    zones = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Zones"), queryset=Zone.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: the whole warehouse, with the goods that lie in no bin."),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        house = found_warehouse(request, request.resolver_match.kwargs["code"])  # type: ignore[union-attr]
        self.fields["zones"].queryset = Zone.objects.filter(warehouse=house, is_active=True)  # type: ignore[attr-defined]


class CountAdd(WarehousePage):
    model = Count
    form_class = CountForm
    title = gettext_lazy("Begin a count")
    tab = "counts"
    back = "inventory:warehouse_counts"

    def save_record(self, form: RecordForm, by: Actor) -> Count:
        return open_count(
            by=by, operation=self.operation, warehouse=self.warehouse, zones=list(form.cleaned_data["zones"]),
            note=form.cleaned_data["note"],
        )  # fmt: skip


def found_count(request: HttpRequest, pk: int) -> Count:
    """The count, as the viewer may see it, or 404."""
    rows = Count.objects.select_related("warehouse__organisation", "posted_by", "entered_by")
    found: Count = get_object_or_404(visible(rows, standing(request)), pk=pk)
    return found


@require_http_methods(["GET", "POST"])
@login_required
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """One count, as its state asks for: the blind list, the differences, or what was posted."""
    record = found_count(request, pk)
    if record.state == CountState.OPEN:
        return _sheet(request, record)
    return _review(request, record)


def _lines(record: Count) -> list[CountLine]:
    rows = record.lines.select_related("bin", "batch__item__unit", "batch__pack", "counted_by")
    return list(rows.order_by("bin__pick_order", "bin__label", "batch__item__name", "pk"))


def _context(request: HttpRequest, record: Count) -> dict[str, Any]:
    whose = standing(request)
    return {
        **page_context(record.warehouse, whose, "counts"),
        "count": record,
        "zones": list(record.zones.all()),
        "may_count": may(whose, Action.CHANGE, record),
    }


def _sheet(request: HttpRequest, record: Count) -> HttpResponse:
    """The list to walk with: what lies where, never how much."""
    context = _context(request, record)
    faults: list[str] = []
    typed: dict[int, str] = {}
    lines = _lines(record)
    if request.method == "POST":
        typed = {line.pk: request.POST.get(f"counted-{line.pk}", "").strip() for line in lines}
        try:
            found = {line.pk: _number(line, typed[line.pk]) for line in lines if typed[line.pk]}
            changed = write_counts(
                by=actor_of(request),
                operation=request.operation or None,
                count=record,
                found=found,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            faults = refusal.messages
        else:
            messages.success(request, ngettext("Kept: %(n)d line.", "Kept: %(n)d lines.", changed) % {"n": changed})
            return redirect(record)
    context |= {
        "rows": [(line, typed.get(line.pk)) for line in lines],
        "faults": faults,
        "missing": sum(line.counted is None for line in lines),
    }
    return render(request, "inventory/count_sheet.html", context, status=422 if faults else 200)


def _number(line: CountLine, text: str) -> Decimal:
    try:
        return read_sum(line.batch.item, text)
    except ValidationError as refusal:
        place = f"{line.bin or _('Without a bin')}, {line.batch}"
        raise Refused({"counted": f"{place}: {' '.join(refusal.messages)}"}) from refusal


def _review(request: HttpRequest, record: Count) -> HttpResponse:
    """Each difference with its two figures, to accept or reject; afterwards what was decided."""
    context = _context(request, record)
    lines = _lines(record)
    is_under_review = record.state == CountState.REVIEW
    expected = expected_now(record) if is_under_review else {line.pk: line.expected for line in lines}
    faults: list[str] = []
    if request.method == "POST":
        decisions = {
            line.pk: Decision(request.POST[f"accept-{line.pk}"] == "yes", request.POST.get(f"why-{line.pk}", ""))
            for line in lines
            if request.POST.get(f"accept-{line.pk}") in ("yes", "no")
        }
        try:
            review_lines(
                by=actor_of(request),
                operation=request.operation or None,
                count=record,
                decisions=decisions,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            faults = refusal.messages
        else:
            messages.success(request, _("Your decisions are kept."))
            return redirect(record)
    rows = []
    for line in lines:
        before = expected.get(line.pk)
        difference = None if before is None or line.counted is None else line.counted - before
        rows.append(
            (line, before, difference, request.POST.get(f"accept-{line.pk}", ""), request.POST.get(f"why-{line.pk}"))
        )
    context |= {
        "differing": [row for row in rows if row[2]],
        "equal": [row for row in rows if not row[2]],
        "waiting": sum(bool(row[2]) and row[0].accepted is None for row in rows),
        "faults": faults,
        "is_under_review": is_under_review,
        "beyond": beyond_stock(record, expected) if is_under_review else [],
        "movement": Movement.objects.filter(count=record).first(),
    }
    return render(request, "inventory/count_review.html", context, status=422 if faults else 200)


def _do(request: HttpRequest, pk: int, act: Any, said: Any, **more: Any) -> HttpResponse:
    """One step of a count; a refusal is said on its page."""
    record = found_count(request, pk)
    try:
        act(by=actor_of(request), operation=request.operation or None, count=record, **more)  # type: ignore[attr-defined]
    except ValidationError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
    else:
        messages.success(request, said)
    return redirect(record)


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("Counting has ended. Look at the differences.")
    return _do(request, pk, end_counting, said, rest_is_zero="rest_is_zero" in request.POST)


@require_POST
@login_required
def again(request: HttpRequest, pk: int) -> HttpResponse:
    lines = [int(text) for text in request.POST.getlist("line") if text.isdigit()]
    return _do(request, pk, count_again, _("Count these again."), lines=lines)


@require_POST
@login_required
def post(request: HttpRequest, pk: int) -> HttpResponse:
    if "leave_out" not in request.POST:
        return _do(request, pk, post_count, _("Posted. The ledger says what was found."))
    said = _("Posted, without what left after it was counted. Count that again soon.")
    return _do(request, pk, post_count, said, leave_out=True)


class _CountForm(RecordFormView):
    """A form below one count, for those who may change it."""

    model = Count
    template_name = "inventory/form.html"

    def count(self) -> Count:
        return found_count(self.request, self.kwargs["pk"])

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        record = self.count()
        return {
            **super().form_context(form),
            **page_context(record.warehouse, standing(self.request), "counts"),
            "back": record.get_absolute_url(),
        }


class FoundForm(RecordForm):
    item = LookupField(label=gettext_lazy("Item"), key="supplies.item", model=Item)
    quantity = forms.CharField(label=gettext_lazy("How much"), max_length=30, widget=forms.TextInput(NUMBER))
    measure = forms.CharField(
        label=gettext_lazy("Unit or pack"), max_length=60, required=False,
        help_text=gettext_lazy("Left empty, the item's own unit."),
    )  # fmt: skip
    bin = forms.CharField(label=gettext_lazy("Bin"), max_length=60, required=False)
    number = forms.CharField(label=gettext_lazy("Batch number"), max_length=60, required=False)
    expires_on = forms.DateField(
        label=gettext_lazy("Expires on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    expiry_is_unknown = forms.BooleanField(label=gettext_lazy("Expiry not known"), required=False)
    condition = forms.ChoiceField(label=gettext_lazy("Condition"), choices=Condition.choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("item") and cleaned.get("quantity"):
            try:
                cleaned["amount"] = read_quantity(cleaned["item"], cleaned["quantity"], cleaned.get("measure") or "")
            except ValidationError as refusal:
                self.add_error("quantity", refusal.messages)
        return cleaned


class FoundAdd(_CountForm):
    form_class = FoundForm
    title = gettext_lazy("Goods that are not on the list")

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        record, said = self.count(), form.cleaned_data
        goods = GoodsLine(
            said["amount"], item=said["item"], bin=bin_named(said["bin"], record.warehouse), condition=said["condition"],
            number=said["number"], expires_on=said["expires_on"], expiry_is_unknown=said["expiry_is_unknown"],
        )  # fmt: skip
        add_found(by=by, operation=self.operation, count=record, goods=goods)
        return Landing(record.get_absolute_url())


class AbandonForm(RecordForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class Abandon(_CountForm):
    form_class = AbandonForm
    title = gettext_lazy("Give this count up")

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        record = self.count()
        abandon_count(by=by, operation=self.operation, count=record, reason=form.cleaned_data["reason"])
        return Landing(reverse("inventory:warehouse_counts", args=[record.warehouse.code]))
