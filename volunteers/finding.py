"""Which pledge a code names, as the viewer may see it."""

from __future__ import annotations

from django.http import HttpRequest

from komek.web.finding import found_by_code
from volunteers.models import Pledge


def found_pledge(http: HttpRequest, code: str) -> Pledge:
    """The pledge with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    rows = Pledge.objects.select_related("operation", "donor", "item__unit", "site", "area", "entered_by")
    pledge: Pledge = found_by_code(http, rows.defer("area__geometry"), code, "G")
    return pledge
