"""A site's profile as a PDF to send: the same for the page and for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from camps.models import Camp
from camps.profile import profile_of
from komek.accounts.authority import Standing
from komek.web.pdf import pdf_of


def profile_pdf_of(camp: Camp, whose: Standing, request: HttpRequest) -> HttpResponse:
    """The file, with a name that tells site and day. It holds what its reader may see, so no cache keeps it.

    Raises NoPdf when this machine cannot make PDF.
    """
    is_exercise = bool(getattr(camp.operation, "is_exercise", False))
    context = {"profile": profile_of(camp, whose), "camp": camp, "is_exercise": is_exercise, "reader": request.user}
    made = pdf_of(render_to_string("camps/profile_pdf.html", context, request=request))
    response = HttpResponse(made, content_type="application/pdf")
    mark = "EXERCISE-" if is_exercise else ""
    name = f"{mark}{camp.code}-profile-{timezone.localdate():%Y-%m-%d}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
