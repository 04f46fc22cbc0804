"""Plug for the ``lookups`` socket: choosing a site with people by typing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from camps.models import Camp
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from orgs.filters import matching_text


class CampLookup:
    key = "camps.camp"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = _rows(viewer)
        found = matching_text(rows, text) if text else rows
        return [_choice(camp) for camp in found.order_by("name", "pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        rows = _rows(viewer)
        camp = rows.filter(pk=int(value)).first()
        return _choice(camp) if camp else None


def _rows(viewer: Viewer) -> QuerySet[Camp]:
    rows = Camp.objects.select_related("area").defer("area__geometry", "perimeter")
    return visible(rows, standing_of(viewer.user, viewer.operation))


def _choice(camp: Camp) -> Choice:
    detail = ", ".join(filter(None, (camp.get_camp_type_display(), str(camp.area or ""), camp.code)))
    return Choice(str(camp.pk), camp.name, detail)


PLUGS = [CampLookup()]
