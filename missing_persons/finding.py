"""Which person a code names, as the viewer may see them."""

from __future__ import annotations

from django.http import HttpRequest

from komek.web.finding import found_by_code
from missing_persons.models import Person


def found_person(request: HttpRequest, code: str) -> Person:
    """The person with this code as the viewer may see them; 404 with a reason when the code is mistyped.

    Of a person who was joined to another, the emptied entry: ``current`` leads on.
    """
    rows = Person.objects.select_related("operation", "home_area", "last_seen_area", "entered_by", "joined_into")
    rows = rows.defer("home_area__geometry", "last_seen_area__geometry")
    person: Person = found_by_code(request, rows, code, Person.CODE_LETTER)
    return person
