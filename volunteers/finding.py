"""Which pledge a code names, as the viewer may see it."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from komek.accounts.authority import visible
from komek.records.codes import MistypedCode, parse_code
from komek.web.context import standing
from volunteers.models import Pledge


def found_pledge(http: HttpRequest, code: str) -> Pledge:
    """The pledge with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    try:
        canonical = parse_code(code, "G")
    except MistypedCode as fault:
        raise Http404(str(fault)) from fault
    rows = Pledge.objects.select_related("operation", "donor", "item__unit", "site", "area", "entered_by")
    found: Pledge | None = visible(rows.defer("area__geometry"), standing(http)).filter(code=canonical).first()
    if found is None:
        raise Http404
    return found
