"""The waybill: a page to print, and the same as PDF, with a QR code that holds the consignment's code."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from inventory.codes_drawn import qr_code
from inventory.consignment_pages import page_context
from inventory.finding import found_consignment
from komek.web.pdf import NoPdf, pdf_of


def _context(request: HttpRequest, code: str) -> dict[str, Any]:
    record = found_consignment(request, code)
    is_exercise = bool(getattr(record.operation, "is_exercise", False))
    return {**page_context(request, record), "qr": qr_code(record.code), "is_exercise": is_exercise}


@require_GET
@login_required
def waybill(request: HttpRequest, code: str) -> HttpResponse:
    """The waybill as a page."""
    return render(request, "inventory/waybill.html", _context(request, code))


@require_GET
@login_required
def waybill_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The waybill as PDF."""
    context = _context(request, code)
    record = context["consignment"]
    try:
        made = pdf_of(render_to_string("inventory/waybill_pdf.html", context, request=request))
    except NoPdf as refusal:
        messages.error(request, str(refusal))
        return redirect("inventory:waybill", record.code)
    response = HttpResponse(made, content_type="application/pdf")
    mark = "EXERCISE-" if context["is_exercise"] else ""
    response["Content-Disposition"] = f'inline; filename="{mark}{record.code}-waybill.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
