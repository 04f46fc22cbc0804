"""Plug for the ``search`` socket: requests by code, and by what is needed and where, in any script."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from aid_requests.models import AidRequest
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.search import Hit
from orgs.filters import matching_text


class RequestSearch:
    key = "requests.requests"
    title = _("Requests")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        rows = visible(AidRequest.objects.select_related("site"), standing_of(viewer.user, viewer.operation))
        return [
            Hit(row.title or row.code, row.get_absolute_url(), self.title, _detail(row), row.code,
                1.0 if row.code == text.upper().replace(" ", "") else 0.7)
            for row in matching_text(rows, text).order_by("rank", "occurred_at", "pk")[:limit]
        ]  # fmt: skip


def _detail(row: AidRequest) -> str:
    return ", ".join(filter(None, (row.get_state_display(), str(row.site or row.landmark), row.code)))


PLUGS = [RequestSearch()]
