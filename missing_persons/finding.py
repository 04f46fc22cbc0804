"""Which person a code names, as the viewer may see them."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from komek.accounts.authority import visible
from komek.records.codes import MistypedCode, parse_code
from komek.web.context import standing
from missing_persons.models import Person


def found_person(request: HttpRequest, code: str) -> Person:
    """The person with this code as the viewer may see them; 404 with a reason when the code is mistyped.

    Of a person who was joined to another, the emptied entry: ``current`` leads on.
    """
    try:
        canonical = parse_code(code, Person.CODE_LETTER)
    except MistypedCode as fault:
        raise Http404(str(fault)) from fault
    rows = Person.objects.select_related("operation", "home_area", "last_seen_area", "entered_by", "joined_into")
    rows = rows.defer("home_area__geometry", "last_seen_area__geometry")
    found: Person | None = visible(rows, standing(request)).filter(code=canonical).first()
    if found is None:
        raise Http404
    return found
