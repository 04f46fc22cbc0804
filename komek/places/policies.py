"""Who may see and change areas.

Every approved account sees them. Who coordinates the whole operation loads editions of boundaries and compares them; which edition
is in use holds for all operations, so nobody changes that from inside an exercise.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS
from komek.places.models import Area, Generation, Settlement


class PlacesPolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return action in (Action.VIEW, Action.EXPORT)


class GenerationPolicy(PlacesPolicy):
    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if super().may(standing, action, record):
            return True
        return standing.holds(*MANAGERS)


def register() -> None:
    """Called once, when the app is ready."""
    for model in (Area, Settlement):
        register_policy(model, PlacesPolicy())
    register_policy(Generation, GenerationPolicy())
