"""Plug for the ``search`` socket: persons by code, and by name in any script and spelling."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.search import Hit
from missing_persons.filters import listed, matching
from missing_persons.models import Person
from missing_persons.person_list_page import age_of


class PersonSearch:
    key = "missing_persons.persons"
    title = _("Missing persons")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in:
            return []
        rows = listed(visible(Person.objects.select_related("home_area"), standing).defer("home_area__geometry"))
        return [_hit(row, text) for row in matching(rows, text, viewer.operation)[:limit]]


def _hit(row: Person, text: str) -> Hit:
    parts = (
        str(row.get_status_display()),
        str(row.get_sex_display()),
        age_of(row),
        row.home_text or str(row.home_area or ""),
    )
    score = 1.0 if row.code == text.upper().replace(" ", "") else 0.7
    return Hit(
        row.display_name or row.code,
        row.get_absolute_url(),
        _("person"),
        ", ".join(filter(None, parts)),
        row.code,
        score,
    )


PLUGS = [PersonSearch()]
