"""A site's profile: a page to read and print, and the same as PDF to send."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET

from camps.finding import found_camp
from camps.profile import profile_of
from camps.tabs import page_context
from komek.web.context import standing
from komek.web.pdf import NoPdf, pdf_of


@require_GET
@login_required
def profile(request: HttpRequest, code: str) -> HttpResponse:
    """The profile as a page."""
    record = found_camp(request, code)
    if record.code != code:
        return redirect("camps:profile", record.code)
    whose = standing(request)
    context = {**page_context(record, whose, "profile"), "profile": profile_of(record, whose)}
    return render(request, "camps/profile.html", context)


@require_GET
@login_required
def profile_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The profile as PDF. It holds what its reader may see, so it is not kept by any cache."""
    record = found_camp(request, code)
    whose = standing(request)
    is_exercise = bool(getattr(record.operation, "is_exercise", False))
    context = {"profile": profile_of(record, whose), "camp": record, "is_exercise": is_exercise, "reader": request.user}
    try:
        made = pdf_of(render_to_string("camps/profile_pdf.html", context, request=request))
    except NoPdf as refusal:
        messages.error(request, str(refusal))
        return redirect("camps:profile", record.code)
    response = HttpResponse(made, content_type="application/pdf")
    mark = "EXERCISE-" if is_exercise else ""
    name = f"{mark}{record.code}-profile-{timezone.localdate():%Y-%m-%d}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
