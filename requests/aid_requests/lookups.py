"""Plug for the ``lookups`` socket: choosing a request by typing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from aid_requests.models import OPEN_STATES, AidRequest
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from orgs.filters import matching_text


class RequestLookup:
    key = "requests.request"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = _rows(viewer)
        found = matching_text(rows, text) if text else rows.filter(state__in=OPEN_STATES)
        return [_choice(row) for row in found.order_by("rank", "-occurred_at", "pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        row = _rows(viewer).filter(pk=int(value)).first()
        return _choice(row) if row else None


def _rows(viewer: Viewer) -> QuerySet[AidRequest]:
    return visible(AidRequest.objects.select_related("site"), standing_of(viewer.user, viewer.operation))


def _choice(row: AidRequest) -> Choice:
    detail = ", ".join(filter(None, (str(row.site or row.landmark), row.get_state_display())))
    return Choice(str(row.pk), str(row), detail)


PLUGS = [RequestLookup()]
