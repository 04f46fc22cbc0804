"""Plug for the ``search`` socket: pledges by code, and by what is offered and where, in any script."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.search import Hit
from orgs.filters import matching_text
from volunteers.models import Pledge
from volunteers.notices import in_words
from volunteers.people.plugs import VolunteerSearch
from volunteers.work.plugs import TaskSearch


class PledgeSearch:
    key = "volunteers.pledges"
    title = _("Pledges")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        rows = visible(Pledge.objects.select_related("item__unit"), standing_of(viewer.user, viewer.operation))
        return [
            Hit(row.what, row.get_absolute_url(), self.title, _detail(row), row.code,
                1.0 if row.code == text.upper().replace(" ", "") else 0.6)
            for row in matching_text(rows, text).order_by("-occurred_at", "-pk")[:limit]
        ]  # fmt: skip


def _detail(row: Pledge) -> str:
    return ", ".join(filter(None, (in_words(row, row.quantity), row.get_state_display(), row.landmark, row.code)))


PLUGS = [PledgeSearch(), VolunteerSearch(), TaskSearch()]
