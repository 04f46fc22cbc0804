"""Plug for the ``lookups`` socket: choosing a person by typing a name in any script, or the code."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from missing_persons.filters import listed, matching
from missing_persons.models import Person
from missing_persons.person_list_page import age_of


class PersonLookup:
    key = "missing_persons.person"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        """People are found by name or code; without either there is no list of them."""
        if not text.strip():
            return []
        return [_choice(row) for row in matching(_rows(viewer), text, viewer.operation)[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        row = _rows(viewer).filter(pk=int(value)).first()
        return _choice(row) if row else None


def _rows(viewer: Viewer) -> QuerySet[Person]:
    return listed(visible(Person.objects.all(), standing_of(viewer.user, viewer.operation)))


def _choice(row: Person) -> Choice:
    details = (str(row.get_status_display()), row.get_sex_display(), age_of(row), row.home_text)
    return Choice(str(row.pk), str(row), ", ".join(filter(None, map(str, details))))


PLUGS = [PersonLookup()]
