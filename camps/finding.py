"""Which site with people a code names, as the viewer may see it."""

from __future__ import annotations

from django.http import HttpRequest

from camps.models import Camp
from komek.web.finding import found_by_code


def found_camp(request: HttpRequest, code: str) -> Camp:
    """The site with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    camp: Camp = found_by_code(request, Camp.objects.select_related("organisation", "area", "entered_by"), code, "CW")
    return camp
