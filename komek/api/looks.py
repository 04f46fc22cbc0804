"""Resources with names of people in them: each look at them is written down."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from komek.api.viewsets import RecordViewSet


class NotedViewSet(RecordViewSet):
    """A registry says in ``note_look`` how it writes down who saw what."""

    reads: str = ""

    def paginate_queryset(self, queryset: QuerySet[Any]) -> Any:
        rows = super().paginate_queryset(queryset)
        self.note_look(rows or [])
        return rows

    def get_object(self) -> Any:
        record = super().get_object()
        self.note_look([record])
        return record

    def note_look(self, records: Any) -> None:
        raise NotImplementedError
