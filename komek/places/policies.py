"""Who may see and change areas: every approved account sees, administrators of the installation change."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.places.models import Area, Generation, Settlement


class PlacesPolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return action in (Action.VIEW, Action.EXPORT)


def register() -> None:
    """Called once, when the app is ready."""
    for model in (Area, Generation, Settlement):
        register_policy(model, PlacesPolicy())
