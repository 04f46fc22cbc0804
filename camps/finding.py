"""Which site with people a code names, as the viewer may see it."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from camps.models import Camp
from komek.accounts.authority import visible
from komek.records.codes import MistypedCode, parse_code
from komek.web.context import standing


def found_camp(request: HttpRequest, code: str) -> Camp:
    """The site with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    try:
        canonical = parse_code(code, "CW")
    except MistypedCode as fault:
        raise Http404(str(fault)) from fault
    rows = visible(Camp.objects.select_related("organisation", "area", "entered_by"), standing(request))
    camp: Camp | None = rows.filter(code=canonical).first()
    if camp is None:
        raise Http404
    return camp
