"""Pages about operations. The room itself is a floor below and cannot import the parts that pages are made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.core.exceptions import ValidationError
from django.db.models import F, Func, Value
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, may, require, standing_of, visible
from komek.operations.current import choose_operation
from komek.operations.models import Operation, PhaseChange
from komek.operations.opening import change_operation, close_operation, open_operation, reopen
from komek.operations.phases import change_phase, take_back_phase
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.operation_forms import CloseForm, OperationForm, PhaseForm
from komek.web.records import RecordForm
from komek.web.rows import RowsFormView

SIMPLIFIED_BY_DEGREES = 0.002  # about 200 m: outlines on a small map


def found_operation(request: HttpRequest, slug: str) -> Operation:
    """The operation as the viewer may see it, or 404."""
    found: Operation | None = visible(Operation.objects.all(), standing(request)).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def phases_of(operation: Operation) -> list[tuple[PhaseChange, datetime | None]]:
    """Each phase with its end, the newest first; ``None`` for the one that lasts."""
    changes = list(operation.phase_changes.select_related("entered_by"))
    ends = [*(change.occurred_at for change in changes[1:]), operation.ended_at]
    return list(zip(changes, ends, strict=True))[::-1] if changes else []


@require_GET
@login_required
def operation(request: HttpRequest, slug: str) -> HttpResponse:
    """One operation: what happened, where, and which phase it is in since when."""
    return _page(request, found_operation(request, slug))


def _page(
    request: HttpRequest, found: Operation, phase: PhaseForm | None = None, close: CloseForm | None = None
) -> HttpResponse:
    may_change = may(standing_of(request.user, found), Action.CHANGE, found)
    context: dict[str, Any] = {
        "record": found,
        "hazards": found.hazard_types.all(),
        "areas": found.affected_areas.select_related("parent").defer("geometry", "parent__geometry"),
        "phases": phases_of(found),
        "is_mine": found.pk == getattr(standing(request).operation, "pk", None),
        "may_change": may_change,
    }
    if may_change and found.is_open:
        context["phase_form"] = phase or PhaseForm(request=request, record=found)
        context["close_form"] = close or CloseForm(request=request, record=found)
    return render(request, "operations/operation.html", context, status=422 if phase or close else 200)


@require_GET
@login_required
def operation_geojson(request: HttpRequest, slug: str) -> JsonResponse:
    """The outlines of what is affected, EPSG:4326, for the map on the page."""
    found = found_operation(request, slug)
    outline = Func(
        F("geometry"),
        Value(SIMPLIFIED_BY_DEGREES),
        function="ST_SimplifyPreserveTopology",
        output_field=GeometryField(),
    )
    areas = found.affected_areas.filter(geometry__isnull=False).annotate(shape=AsGeoJSON(outline, precision=4))
    features = [
        _feature(json.loads(area.shape), str(area), reverse("area", args=[area.pk]))
        for area in areas.defer("geometry", "centre")
    ]
    if found.affected_geometry is not None and not features:
        features.append(_feature(json.loads(found.affected_geometry.geojson), str(found), ""))
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _feature(geometry: Any, title: str, url: str) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"title": title, "url": url}}


class OperationAdd(RowsFormView):
    model = Operation
    form_class = OperationForm
    template_name = "operations/form.html"
    title = gettext_lazy("Open an operation")
    saved_message = gettext_lazy("The operation is open, and you work in it now.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            require(standing_of(request.user, None), Action.ADD, Operation)
        return super().dispatch(request, *args, **kwargs)

    def save_record(self, form: Any, by: Actor) -> Operation:
        opened = open_operation(by=by, **form.fields_to_store())
        choose_operation(self.request, opened)
        return opened


class OperationChange(RowsFormView):
    model = Operation
    form_class = OperationForm
    template_name = "operations/form.html"

    def record(self) -> Operation:
        found = found_operation(self.request, self.kwargs["slug"])
        require(standing_of(self.request.user, found), Action.CHANGE, found)
        return found

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: Any, by: Actor) -> Operation:
        return change_operation(by=by, operation=self.kept, **form.fields_to_store())


@require_POST
@login_required
def phase(request: HttpRequest, slug: str) -> HttpResponse:
    """Enter another phase."""
    found = found_operation(request, slug)
    form = PhaseForm(request.POST, request=request, record=found)
    if not _done(form, lambda: change_phase(by=actor_of(request), operation=found, **form.cleaned_data)):
        return _page(request, found, phase=form)
    messages.success(request, _("The phase is changed."))
    return redirect(found)


@require_POST
@login_required
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """End an operation."""
    found = found_operation(request, slug)
    form = CloseForm(request.POST, request=request, record=found)
    if not _done(form, lambda: close_operation(by=actor_of(request), operation=found, **form.cleaned_data)):
        return _page(request, found, close=form)
    messages.success(request, _("The operation has ended. Everything recorded in it stays."))
    return redirect(found)


def _done(form: RecordForm, act: Callable[[], Any]) -> bool:
    """Whether the form was right and the action went through; if not, the form says why."""
    if not form.is_valid():
        return False
    try:
        act()
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    return True


@require_POST
@login_required
def open_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the end of an operation back."""
    return _act(request, slug, reopen, _("The operation is open again."))


@require_POST
@login_required
def phase_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the last change of phase back."""
    return _act(request, slug, take_back_phase, _("The last change of phase is taken back."))


def _act(request: HttpRequest, slug: str, act: Callable[..., Any], sentence: str) -> HttpResponse:
    found = found_operation(request, slug)
    try:
        act(by=actor_of(request), operation=found)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, sentence)
    return redirect(found)
