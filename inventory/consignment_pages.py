"""Pages about consignments: the list, one of them with what comes next, asking, picking, loading, dispatch, positions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory.consignment_forms import AskForm, CarrierForm, DispatchForm, PositionForm, ReasonForm
from inventory.consignments import BEFORE_LEAVING, UNDER_WAY, change_consignment, request_consignment, split_off
from inventory.dispatching import CARRIERS, dispatch_consignment, note_arrival, report_position, turn_back
from inventory.filters_consignments import ConsignmentFilter
from inventory.finding import found_consignment
from inventory.models import Consignment, ConsignmentState
from inventory.picking_consignments import Pick, load_parcels, pick_consignment, propose_picking, undo_picking
from inventory.policies import receives, sees_driver, sends
from inventory.quantities import checked, read_number
from inventory.receiving_consignments import outstanding
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.lists import Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView
from komek.web.rows import RowsFormView


class ConsignmentList(ListPage):
    key = "inventory.consignment"
    exchange_key = "inventory.consignment"
    model = Consignment
    title = gettext_lazy("Consignments")
    filterset_class = ConsignmentFilter
    default_sort = "-changed"
    add_url_name = "inventory:consignment_ask"
    add_title = gettext_lazy("Ask for goods")
    template_name = "inventory/consignment_list.html"
    empty_text = gettext_lazy("Goods that travel together from one site to another, from being asked for to received.")
    columns = (
        Column("code", gettext_lazy("Code"), "code", sort=("code",), cell=link_cell(), nowrap=True),
        Column("state", gettext_lazy("State"), "state", sort=("state",)),
        Column("origin", gettext_lazy("From"), lambda row: str(row.origin or row.sender), sort=("origin__name",)),
        Column("destination", gettext_lazy("To"), "destination.name", sort=("destination__name",)),
        Column("wanted_by", gettext_lazy("Wanted by"), "wanted_by", sort=("wanted_by",), nowrap=True),
        Column("dispatched_at", gettext_lazy("Left"), "dispatched_at", sort=("dispatched_at",), nowrap=True),
        Column("expected_at", gettext_lazy("Expected"), "expected_at", sort=("expected_at",), nowrap=True),
        Column("vehicle", gettext_lazy("Vehicle"), "vehicle", default=False),
        Column("changed", gettext_lazy("Changed"), "updated_at", sort=("updated_at",), default=False),
    )

    def queryset(self) -> Any:
        return Consignment.objects.select_related("origin", "destination")


def page_context(request: HttpRequest, record: Consignment) -> dict[str, Any]:
    """What pages of one consignment show and offer."""
    whose = standing(request)
    left = outstanding(record)
    parcels = list(record.parcels.select_related("batch__item__unit", "bin", "line__item__unit"))
    for parcel in parcels:
        parcel.left = left.get(parcel.pk, 0)  # type: ignore[attr-defined]
    state = record.state
    return {
        "consignment": record,
        "parcels": parcels,
        "unloaded": [parcel for parcel in parcels if not parcel.is_loaded],
        "lines": record.lines.select_related("item__unit", "pack"),
        "deliveries": record.deliveries.prefetch_related("lines__parcel__batch__item__unit", "lines__bin"),
        "positions": record.positions.all()[:20],
        "splits": record.splits.all(),
        "may_send": whose.runs_installation or sends(whose, record),
        "may_receive": whose.runs_installation or receives(whose, record),
        "sees_driver": sees_driver(whose, record),
        "is_waiting": state in BEFORE_LEAVING,
        "is_picked": state in (ConsignmentState.PICKED, ConsignmentState.LOADED),
        "is_under_way": state in UNDER_WAY,
        "is_receivable": state in (*UNDER_WAY, ConsignmentState.PARTLY_RECEIVED),
    }


@require_GET
@login_required
def consignment(request: HttpRequest, code: str) -> HttpResponse:
    """One consignment: where it stands and what comes next."""
    record = found_consignment(request, code)
    if record.code != code:
        return redirect(record)
    return render(request, "inventory/consignment.html", page_context(request, record))


@require_POST
@login_required
def step(request: HttpRequest, code: str) -> HttpResponse:
    """Steps that need nothing typed: load, split off what is not loaded, put back, arrived."""
    record = found_consignment(request, code)
    by = actor_of(request)
    ticked = {int(pk) for pk in request.POST.getlist("parcel") if pk.isdigit()}
    own = list(record.parcels.all())
    to: Any = record
    try:
        match request.POST.get("step"):
            case "load":
                load_parcels(by=by, consignment=record, parcels=[p for p in own if p.pk not in ticked], loaded=False)
                load_parcels(by=by, consignment=record, parcels=[p for p in own if p.pk in ticked])
            case "split":
                rest = {parcel: parcel.quantity for parcel in own if not parcel.is_loaded}
                to = split_off(by=by, operation=record.operation, consignment=record, parcels=rest)
            case "undo":
                undo_picking(by=by, consignment=record)
            case "arrived":
                note_arrival(by=by, consignment=record)
            case _:
                raise Http404
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect(to)


class ConsignmentAsk(RowsFormView):
    model = Consignment
    form_class = AskForm
    template_name = "inventory/consignment_ask.html"
    title = gettext_lazy("Ask for goods")

    def initial(self) -> dict[str, Any]:
        wanted = {name: self.request.GET.get(name, "") for name in ("origin", "destination")}
        return {name: value for name, value in wanted.items() if value.isdigit()}

    def save_record(self, form: RecordForm, by: Actor) -> Consignment:
        assert isinstance(form, AskForm)
        values = dict(form.cleaned_data)
        values["least_shelf_life_days"] = values["least_shelf_life_days"] or 0
        return request_consignment(by=by, operation=self.request.operation or None, lines=form.lines(), **values)  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@login_required
def pick(request: HttpRequest, code: str) -> HttpResponse:
    """What to take from where; quantities can be changed before they are confirmed."""
    record = found_consignment(request, code)
    if record.origin is None or record.state not in (ConsignmentState.REQUESTED, ConsignmentState.PICKED):
        messages.error(request, _("There is nothing to pick for this consignment now."))
        return redirect(record)
    proposal = propose_picking(record)
    faults: list[str] = []
    typed = {}
    if request.method == "POST":
        picks = []
        for place, one in enumerate(proposal.picks):
            text = typed[place] = request.POST.get(f"quantity-{place}", "").strip()
            same = request.POST.get(f"what-{place}") == what(one)
            try:
                if not same:
                    raise ValidationError(_("The stock changed meanwhile. Look at the new list and confirm it."))
                if text:
                    picks.append(Pick(one.line, one.batch, one.bin, checked(one.batch.item, read_number(text))))
            except ValidationError as refusal:
                faults += refusal.messages
                if not same:
                    typed = {}
                    break
        if not faults:
            try:
                less = "allow_less" in request.POST
                pick_consignment(by=actor_of(request), consignment=record, picks=picks, allow_less=less)
            except ValidationError as refusal:
                faults = refusal.messages
            else:
                messages.success(request, _("Picked and held for this consignment."))
                return redirect(record)
    rows = [(place, one, what(one), typed.get(place)) for place, one in enumerate(proposal.picks)]
    context = {**page_context(request, record), "rows": rows, "gaps": proposal.gaps, "faults": faults}
    return render(request, "inventory/consignment_pick.html", context, status=422 if faults else 200)


def what(one: Pick) -> str:
    """Names a proposed pick, so that a form sent late is not taken for another batch."""
    return f"{one.line.pk}-{one.batch.pk}-{one.bin.pk if one.bin else 0}"


class OneConsignment(RecordFormView):
    """A form about one consignment."""

    model = Consignment

    def record(self) -> Consignment:
        return found_consignment(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return f"{self.title}: {self.kept}"


class Dispatch(OneConsignment):
    form_class = DispatchForm
    title = gettext_lazy("Dispatch")
    saved_message = gettext_lazy("The goods are on their way. Print the waybill or send it as PDF.")

    def initial(self) -> dict[str, Any]:
        from inventory.consignment_forms import now_to_the_minute

        return {"occurred_at": now_to_the_minute()}

    def save_record(self, form: RecordForm, by: Actor) -> Consignment:
        assert self.kept is not None
        return dispatch_consignment(by=by, consignment=self.kept, **form.cleaned_data)  # type: ignore[arg-type]


class Carrier(OneConsignment):
    form_class = CarrierForm
    title = gettext_lazy("Change who carries it")
    saved_message = gettext_lazy("Changed. Print the waybill again if the vehicle is another one.")

    def initial(self) -> dict[str, Any]:
        assert self.kept is not None
        return {name: getattr(self.kept, name) for name in CARRIERS}

    def save_record(self, form: RecordForm, by: Actor) -> Consignment:
        assert self.kept is not None
        return change_consignment(
            by=by,
            operation=self.kept.operation,
            consignment=self.kept,
            **form.cleaned_data,  # type: ignore[arg-type, attr-defined]
        )


class PositionAdd(OneConsignment):
    form_class = PositionForm
    title = gettext_lazy("Where it was seen")
    template_name = "inventory/position_form.html"

    def initial(self) -> dict[str, Any]:
        from inventory.consignment_forms import now_to_the_minute

        return {"occurred_at": now_to_the_minute(), "note": "", "reported_by": ""}

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        assert self.kept is not None
        report_position(by=by, consignment=self.kept, **form.cleaned_data)  # type: ignore[arg-type]
        return self.kept


class Cancel(OneConsignment):
    form_class = ReasonForm
    title = gettext_lazy("Cancel, or call back")

    def save_record(self, form: RecordForm, by: Actor) -> Consignment:
        assert self.kept is not None
        return turn_back(by=by, consignment=self.kept, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]


@require_GET
@login_required
def way(request: HttpRequest, code: str) -> JsonResponse:
    """Where it was seen, and its two ends, for the map."""
    record = found_consignment(request, code)
    spots = [(position.location, str(position.occurred_at), "seen") for position in record.positions.all()[:200]]
    for site in (record.origin, record.destination):
        if site is not None and site.location is not None:
            spots.append((site.location, site.name, "end"))
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [spot.x, spot.y]},
         "properties": {"title": title, "lines": [], "level": kind}}
        for spot, title, kind in spots
    ]  # fmt: skip
    style = {"by": "level", "default": "#5b6472", "colours": {"seen": "#a11f1f", "end": "#2563a8"}}
    return JsonResponse({"type": "FeatureCollection", "features": features, "style": style})
