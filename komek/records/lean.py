"""Rows with no more of their relations than is shown: a long list otherwise reads and parses many texts for one name."""

from __future__ import annotations

from django.db.models import Model


def all_but(relation: str, model: type[Model], *kept: str) -> list[str]:
    """Names to ``defer`` so that of a joined ``relation`` to ``model`` only the key and the ``kept`` fields are read."""
    fields = model._meta.concrete_fields
    return [f"{relation}__{field.name}" for field in fields if not field.primary_key and field.name not in kept]
