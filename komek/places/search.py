"""Plugs for ``search``: areas by code or name, settlements by name."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.search import Hit
from komek.places.resolver import resolve


class AreaSearch:
    key = "places.area"
    title = _("Areas")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        if viewer.user is None or not viewer.user.may_work:
            return []
        found = resolve(text, operation=viewer.operation, limit=min(limit, 8), settlements=False).candidates
        return [
            Hit(str(c.area), reverse("area", args=[c.area.pk]), _("Areas"), detail=c.area.pcode, score=0.9 * c.score)
            for c in found
            if c.area is not None and c.score > 0.6
        ]


class SettlementSearch:
    key = "places.settlement"
    title = _("Towns and villages")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        if viewer.user is None or not viewer.user.may_work:
            return []
        found = resolve(text, operation=viewer.operation, limit=min(limit, 8)).candidates
        return [
            Hit(
                str(c.settlement),
                c.settlement.get_absolute_url(),
                self.title,
                detail=str(c.area or ""),
                score=0.85 * c.score,
            )
            for c in found
            if c.settlement is not None and c.score > 0.6
        ]


PLUGS = [AreaSearch(), SettlementSearch()]
