"""Which request a code names, as the viewer may see it."""

from __future__ import annotations

from django.http import HttpRequest

from aid_requests.models import AidRequest
from komek.web.finding import found_by_code


def found_request(http: HttpRequest, code: str) -> AidRequest:
    """The request with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    rows = AidRequest.objects.select_related(
        "operation", "site__organisation", "area", "asked_by", "responsible", "entered_by", "claimed_by", "merged_into"
    ).defer("area__geometry")
    request: AidRequest = found_by_code(http, rows, code, "R")
    return request
