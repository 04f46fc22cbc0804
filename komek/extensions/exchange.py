"""Socket ``exchange``: what a registry can import and export. See ``komek.exchange.resources`` for the base to build on."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from django.db.models import QuerySet

from komek.extensions.sockets import Socket, Viewer


@runtime_checkable
class ExchangePlug(Protocol):
    """key: ``app_label.model``. columns: what a table of these records may hold."""

    key: str
    title: Any
    model: Any
    columns: tuple[Any, ...]

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        """Rows the viewer may export."""
        ...


exchange: Socket[ExchangePlug] = Socket("exchange", ExchangePlug)
