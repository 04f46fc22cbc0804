"""Plugs for the ``search`` socket: warehouses, batches, movements and consignments by code, number and name."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models import Batch, Consignment, Movement
from inventory.stock_words import expiry_words
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.search import Hit
from komek.records.codes import MistypedCode, parse_code


def _code(text: str, letter: str) -> str | None:
    try:
        return parse_code(text, letter)
    except MistypedCode:
        return None


class BatchSearch:
    """Warehouses are sites, and found as such; batches are found by their code or the number printed on them."""

    key = "inventory.batches"
    title = _("Batches of goods")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        rows = visible(Batch.objects.select_related("item"), standing_of(viewer.user, viewer.operation))
        code = _code(text, "B")
        if code is None and len(text) < 3:
            return []
        found = rows.filter(code=code) if code else rows.filter(Q(number__istartswith=text) | Q(gift__iexact=text))
        return [
            Hit(str(row), row.get_absolute_url(), self.title, expiry_words(row), row.code, 1.0 if code else 0.7)
            for row in found.order_by("-pk")[:limit]
        ]


class MovementSearch:
    key = "inventory.movements"
    title = _("Movements of stock")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        code = _code(text, "M")
        rows = visible(Movement.objects.select_related("warehouse"), standing_of(viewer.user, viewer.operation))
        found = rows.filter(code=code) if code else rows.filter(document__iexact=text)
        return [
            Hit(str(row), row.get_absolute_url(), self.title, str(row.warehouse), row.code, 1.0 if code else 0.6)
            for row in found.order_by("-pk")[:limit]
        ]


class ConsignmentSearch:
    key = "inventory.consignments"
    title = _("Consignments")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        code = _code(text, "K")
        rows = visible(
            Consignment.objects.select_related("origin", "destination"), standing_of(viewer.user, viewer.operation)
        )
        found = rows.filter(code=code) if code else rows.filter(request_reference__iexact=text)
        return [
            Hit(
                f"{row.code}: {row.origin or row.sender} → {row.destination}", row.get_absolute_url(), self.title,
                row.get_state_display(), row.code, 1.0 if code else 0.6,
            )
            for row in found.order_by("-pk")[:limit]
        ]  # fmt: skip


PLUGS = [BatchSearch(), MovementSearch(), ConsignmentSearch()]
