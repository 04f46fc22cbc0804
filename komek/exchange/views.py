"""Pages for bringing files in and taking them out."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, NotAllowed, may, standing_of, visible
from komek.exchange import importing
from komek.exchange.exporting import FORMATS, chosen_columns, formats_of, write_template
from komek.exchange.faults import FileFault
from komek.exchange.forms import MappingForm, UploadForm
from komek.exchange.models import OUTCOMES, BatchState, ImportBatch
from komek.exchange.planning import Outcome
from komek.exchange.resources import ModelResource
from komek.exchange.reversing import begin
from komek.exchange.tasks import start
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.records.middleware import actor_of
from komek.records.spreadsheets import harmless

ROWS_SHOWN = 100


def _standing(request: HttpRequest) -> Any:
    return standing_of(request.user, request.operation or None)  # type: ignore[attr-defined]


def _resource(request: HttpRequest, key: str, action: str) -> ModelResource:
    resource = exchange.get(key)
    if not isinstance(resource, ModelResource) or not (resource.takes_files or action == Action.EXPORT):
        raise Http404
    if not may(_standing(request), action, resource.model):
        raise NotAllowed(_("Your account may not do this with these records. Ask a coordinator for a role."))
    return resource


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    batch: ImportBatch = get_object_or_404(ImportBatch.objects.select_related("owner", "operation"), pk=pk)
    if batch.owner_id != request.user.pk and not _standing(request).holds("administrator", "coordinator"):
        raise Http404
    return batch


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """What can be brought in and taken out, and earlier imports."""
    standing = _standing(request)
    plugs = [
        {
            "plug": plug,
            "may_import": plug.takes_files and may(standing, Action.ADD, plug.model),
            "formats": formats_of(plug),
        }
        for plug in exchange
        if may(standing, Action.EXPORT, plug.model)
    ]
    batches = ImportBatch.objects.filter(operation=request.operation or None).select_related("owner")  # type: ignore[attr-defined]
    if not standing.holds("administrator", "coordinator"):
        batches = batches.filter(owner=request.user)
    return render(request, "exchange/index.html", {"plugs": plugs, "batches": batches[:30]})


@login_required
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Step one: choose a file."""
    resource = _resource(request, key, Action.ADD)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        what = {
            "by": actor_of(request),
            "operation": request.operation or None,
            "resource": resource,
            "name": file.name,
        }  # type: ignore[attr-defined]
        try:
            if file.size < importing.READ_INLINE_BELOW:
                return redirect("exchange:mapping", importing.receive(**what, content=file.read()).pk)
            batch = importing.keep_upload(**what, file=file)
        except FileFault as fault:
            form.add_error("file", str(fault))
        else:
            start(batch, BatchState.READING)
            return redirect(batch)
    status = 422 if form.errors else 200
    return render(request, "exchange/upload.html", {"form": form, "resource": resource}, status=status)


@login_required
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Step two: which column is which."""
    batch = _batch(request, pk)
    if batch.state not in (BatchState.UPLOADED, BatchState.CHECKED, BatchState.FAILED) or not batch.headers:
        return redirect(batch)
    resource = importing.resource_of(batch)
    form = MappingForm(request.POST or None, batch=batch, resource=resource)
    if request.method == "POST" and form.is_valid():
        try:
            importing.match_columns(batch, form.asked(), create_missing=form.cleaned_data.get("create_missing", False))
        except FileFault as fault:
            form.add_error(None, str(fault))
        else:
            start(batch, BatchState.CHECKING)
            return redirect(batch)
    samples = list(batch.rows.values_list("cells", flat=True)[:3])
    columns = [
        (form[f"column_{place}"], [row[place] for row in samples if place < len(row)])
        for place in range(len(batch.headers))
    ]
    return render(
        request,
        "exchange/mapping.html",
        {"batch": batch, "form": form, "columns": columns, "resource": resource},
        status=422 if form.errors else 200,
    )


@require_POST
@login_required
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Read another sheet of the same workbook."""
    found = _batch(request, pk)
    try:
        importing.read_sheet(found, request.POST.get("sheet", ""))
    except FileFault as fault:
        messages.error(request, str(fault))
    return redirect("exchange:mapping", found.pk)


@require_GET
@login_required
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Steps three to five: progress, what would become of each row, and the report."""
    found = _batch(request, pk)
    if request.headers.get("HX-Target") == "progress":
        if not found.is_running:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(request, "exchange/progress.html", {"batch": found})
    if found.state == BatchState.UPLOADED:
        return redirect("exchange:mapping", found.pk)
    resource = importing.resource_of(found)
    outcome = request.GET.get("outcome", "")
    rows = found.rows.all()
    if outcome in dict(OUTCOMES):
        rows = rows.filter(outcome=outcome)
    titles = {column.name: str(column.title) for column in resource.columns}
    page = Paginator(rows, ROWS_SHOWN).get_page(request.GET.get("page"))
    addresses = _addresses(request, resource, page.object_list)
    for row in page.object_list:
        row.address = addresses.get(row.target, "")
        row.fault_lines = [(titles.get(fault["column"], ""), fault["sentence"]) for fault in row.faults]
        row.change_lines = [(titles.get(name, name), before, after) for name, (before, after) in row.changes.items()]
        row.shown_cells = [cell for cell in row.cells if cell][:4]
    counts = [(value, label, found.counts.get(value, 0)) for value, label in OUTCOMES if found.counts.get(value)]
    context = {
        "batch": found,
        "resource": resource,
        "page": page,
        "counts": counts,
        "outcome": outcome,
        "is_checked": found.state == BatchState.CHECKED,
        "is_applied": found.state == BatchState.APPLIED,
        "may_decide": found.state in (BatchState.CHECKED, BatchState.APPLIED),
        "may_go_on": found.state == BatchState.FAILED and bool(found.counts),
        "will_write": importing.rows_to_write(found),
        "undecided": found.counts.get(Outcome.AMBIGUOUS, 0),
        "unknown": found.unknown,
    }
    return render(request, "exchange/batch.html", context)


def _addresses(request: HttpRequest, resource: ModelResource, rows: Any) -> dict[int, str]:
    """Where the records are that rows became or were found to be, by primary key; none that the viewer may not see."""
    records = visible(resource.model._default_manager.filter(pk__in={row.target for row in rows}), _standing(request))
    return {record.pk: record.get_absolute_url() for record in records if hasattr(record, "get_absolute_url")}


@require_POST
@login_required
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what was checked."""
    found = _batch(request, pk)
    if not importing.may_be_written(found):
        messages.warning(request, _("This import was written already."))
    else:
        start(found, BatchState.APPLYING)
    return redirect(found)


@require_POST
@login_required
def decide(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Say which record a row means."""
    found = _batch(request, pk)
    try:
        importing.decide(found, number, request.POST.get("decision", ""))
    except FileFault as fault:
        messages.error(request, str(fault))
    waits = Outcome.AMBIGUOUS in found.counts
    return HttpResponseRedirect(found.get_absolute_url() + (f"?outcome={Outcome.AMBIGUOUS}" if waits else ""))


@require_POST
@login_required
def reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back."""
    found = _batch(request, pk)
    try:
        begin(by=actor_of(request), batch=found)
    except FileFault as fault:
        messages.error(request, str(fault))
    else:
        start(found, BatchState.REVERSING)
    return redirect(found)


@require_GET
@login_required
def faults(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows refused, with why, as CSV to correct and bring in again."""
    found = _batch(request, pk)
    titles = {column.name: str(column.title) for column in importing.resource_of(found).columns}
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_("row"), _("what is wrong"), *found.headers])
    for row in found.rows.filter(outcome__in=(Outcome.REFUSED, Outcome.AMBIGUOUS)).iterator():
        sentences = "; ".join(f"{titles.get(f['column'], '')}: {f['sentence']}".lstrip(": ") for f in row.faults)
        writer.writerow([row.number, sentences, *(harmless(cell) for cell in row.cells)])
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-rows-{found.pk}.csv"'
    return response


@require_GET
@login_required
def template(request: HttpRequest, key: str) -> HttpResponse:
    """An empty workbook to fill in."""
    resource = _resource(request, key, Action.EXPORT)
    if not resource.takes_files:
        raise Http404
    response = HttpResponse(write_template(resource), content_type=FORMATS["xlsx"][1])
    response["Content-Disposition"] = f'attachment; filename="{key}-template.xlsx"'
    return response


@require_GET
@login_required
def export(request: HttpRequest, key: str) -> StreamingHttpResponse:
    """Take whole records out, those that the list's filters leave: every column, so that the file can be brought in again."""
    resource = _resource(request, key, Action.EXPORT)
    asked = request.GET.get("format", "csv")
    ending, media_type, write = FORMATS[asked if asked in formats_of(resource) else "csv"]
    operation = request.operation or None  # type: ignore[attr-defined]
    records = resource.export_queryset(Viewer(user=request.user, operation=operation))
    if resource.filterset_class is not None:
        records = resource.filterset_class(request.GET, queryset=records, request=request).qs
    if not records.ordered:
        records = records.order_by("pk")
    if resource.shape_field and asked != "geojson":
        records = records.defer(resource.shape_field)
    is_exercise = bool(getattr(operation, "is_exercise", False))
    prefix = "EXERCISE-" if is_exercise else ""
    name = f"{prefix}{key.replace('.', '-')}-{timezone.localdate():%Y-%m-%d}.{ending}"
    columns = chosen_columns(resource)
    response = StreamingHttpResponse(
        write(resource, columns, records, is_exercise=is_exercise), content_type=media_type
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
