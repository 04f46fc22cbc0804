"""A site's profile: a page to read and print, and the same as PDF to send."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from camps.finding import found_camp
from camps.profile import profile_of
from camps.profile_pdf import profile_pdf_of
from camps.tabs import page_context
from komek.web.context import standing
from komek.web.pdf import NoPdf


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
    """The profile as PDF; where none can be made, the page with the reason."""
    record = found_camp(request, code)
    try:
        return profile_pdf_of(record, standing(request), request)
    except NoPdf as refusal:
        messages.error(request, str(refusal))
        return redirect("camps:profile", record.code)
