"""Hospitals in other systems' words: EDXL-HAVE out, and in by way of a look at what it would record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from camps.finding import found_camp
from camps.have import importing
from camps.have.checking import SIZE_LIMIT, HaveFault
from camps.have.exporting import document_of
from camps.have.importing import BECAME, OUTCOMES, Outcome
from camps.hospital_pages import status_badge
from camps.models import Camp, CampType, HaveImport, HaveImportState, HospitalReport
from komek.accounts.authority import Action, may, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing


@require_GET
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """The latest reports of all hospitals, or of the one named by ``?site=``, as EDXL-HAVE 2.0."""
    whose = standing(request)
    require(whose, Action.EXPORT, HospitalReport)
    operation = request.operation or None  # type: ignore[attr-defined]
    camps = visible(Camp.objects.filter(camp_type=CampType.HOSPITAL), whose)
    code = request.GET.get("site", "")
    if code:
        camps = camps.filter(pk=found_camp(request, code).pk)
    content = document_of(camps, operation)
    if content is None:
        raise Http404(_("No hospital has a report yet, so there is nothing to export."))
    prefix = "EXERCISE-" if getattr(operation, "is_exercise", False) else ""
    response = HttpResponse(content, content_type="application/xml; charset=utf-8")
    name = f"{prefix}hospitals-{code or 'all'}-{timezone.localdate():%Y-%m-%d}.xml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class HaveUploadForm(forms.Form):
    """Which document."""

    file = forms.FileField(
        label=gettext_lazy("EDXL-HAVE document"),
        help_text=gettext_lazy("Version 2.0, XML. Nothing is recorded yet: first you see what it would be."),
    )


@require_http_methods(["GET", "POST"])
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Step one: choose a document."""
    require(standing(request), Action.ADD, HaveImport)
    form = HaveUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = importing.receive(
                by=actor_of(request),
                operation=request.operation or None,  # type: ignore[attr-defined]
                content=file.read(SIZE_LIMIT + 1),
                file_name=file.name,
            )
        except HaveFault as fault:
            for sentence in fault.sentences:
                form.add_error("file", sentence)
        except ValidationError as refusal:
            form.add_error("file", refusal.messages)  # type: ignore[arg-type]
        else:
            return redirect(kept)
    earlier = visible(HaveImport.objects.defer("content").select_related("entered_by"), standing(request))[:20]
    context = {"form": form, "earlier": earlier}
    return render(request, "camps/have_upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Step two: what would be recorded. Step three, on pressing the button: record it and show what became of it."""
    whose = standing(request)
    document: HaveImport | None = visible(HaveImport.objects.select_related("entered_by"), whose).filter(pk=pk).first()
    if document is None:
        raise Http404
    operation = request.operation or None  # type: ignore[attr-defined]
    if request.method == "POST":
        was_open = document.state == HaveImportState.CHECKED
        document = importing.record(by=actor_of(request), operation=operation, document=document)
        if was_open:
            recorded = sum(row["outcome"] == Outcome.RECORD for row in document.result)
            messages.success(request, _("Reports recorded: %(n)d.") % {"n": recorded})
        else:
            messages.warning(request, _("This document was recorded already."))
        return redirect(document)
    context: dict[str, Any] = {"document": document, "is_recorded": document.state == HaveImportState.RECORDED}
    if context["is_recorded"]:
        rows, warnings, words = document.result, [], BECAME
    else:
        plan = importing.plan(bytes(document.content), operation=operation, standing=whose)
        rows, warnings, words = [importing.shown(row) for row in plan.rows], plan.warnings, OUTCOMES
        context |= {"sender": plan.message.sender, "to_record": plan.to_record}
    counts = [(words[kind], sum(row["outcome"] == kind for row in rows)) for kind in Outcome]
    context |= {
        "rows": [
            {**row, "word": words[Outcome(row["outcome"])], "badge": status_badge(row["overall"]), "at": _moment(row)}
            for row in rows
        ],
        "warnings": warnings,
        "counts": [(word, number) for word, number in counts if number],
        "may_record": may(whose, Action.CHANGE, document),
    }
    return render(request, "camps/have_preview.html", context)


def _moment(row: dict[str, Any]) -> Any:
    return timezone.datetime.fromisoformat(row["reported_at"]) if row["reported_at"] else None
