"""Everybody with an account reads the catalogue; coordinators of the whole operation and warehouse keepers change it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS, Role
from komek.supplies.models import Category, Item, KitContent, Need, Pack, Unit


class CataloguePolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.user.may_work else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return True
        if standing.is_confined and not standing.holds_everywhere(*MANAGERS):
            return False  # the catalogue is the real operations' too
        return standing.holds(*MANAGERS) or standing.holds_anywhere(Role.WAREHOUSE_KEEPER)


def register() -> None:
    """Called once, when the app is ready."""
    for model in (Item, Category, Unit, Pack, KitContent, Need):
        register_policy(model, CataloguePolicy())
