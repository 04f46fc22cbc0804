"""Plug for the ``lookups`` socket: choosing a pledge by typing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from orgs.filters import matching_text
from volunteers.models import WAITING, Pledge
from volunteers.notices import in_words
from volunteers.people.plugs import VolunteerLookup


class PledgeLookup:
    key = "volunteers.pledge"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = _rows(viewer)
        found = matching_text(rows, text) if text else rows.filter(state__in=WAITING)
        return [_choice(row) for row in found.order_by("-occurred_at", "-pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        row = _rows(viewer).filter(pk=int(value)).first()
        return _choice(row) if row else None


def _rows(viewer: Viewer) -> QuerySet[Pledge]:
    return visible(Pledge.objects.select_related("item__unit"), standing_of(viewer.user, viewer.operation))


def _choice(row: Pledge) -> Choice:
    return Choice(str(row.pk), str(row), ", ".join((in_words(row, row.quantity), str(row.get_state_display()))))


PLUGS = [PledgeLookup(), VolunteerLookup()]
