"""Which request a code names, as the viewer may see it."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from aid_requests.models import AidRequest
from komek.accounts.authority import visible
from komek.records.codes import MistypedCode, parse_code
from komek.web.context import standing


def found_request(http: HttpRequest, code: str) -> AidRequest:
    """The request with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    try:
        canonical = parse_code(code, "R")
    except MistypedCode as fault:
        raise Http404(str(fault)) from fault
    rows = AidRequest.objects.select_related(
        "operation", "site__organisation", "area", "asked_by", "responsible", "entered_by", "claimed_by", "merged_into"
    ).defer("area__geometry")
    found: AidRequest | None = visible(rows, standing(http)).filter(code=canonical).first()
    if found is None:
        raise Http404
    return found
