"""Whose warehouses somebody sees and keeps. Rows without an operation of their own follow their warehouse's."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from inventory.models import Batch, Warehouse
from inventory.policies import KEEPERS
from komek.accounts.authority import Standing, visible


def warehouses_seen(standing: Standing) -> QuerySet[Warehouse]:
    """The warehouses of the standing's operation; none for who may not look."""
    return visible(Warehouse.objects.all(), standing)


def warehouses_kept(standing: Standing) -> QuerySet[Warehouse]:
    """Those of them whose stock the standing may move."""
    seen = warehouses_seen(standing)
    if standing.runs_installation or standing.holds(*KEEPERS):
        return seen
    return seen.filter(organisation_id__in=standing.organisation_ids(*KEEPERS, write=True))


def in_seen_warehouses(rows: QuerySet[Any], standing: Standing, path: str = "warehouse") -> QuerySet[Any]:
    """Rows whose warehouse is seen: bins and balances have no operation of their own to be narrowed by."""
    return rows.filter(**{f"{path}__in": warehouses_seen(standing).values("pk")})


def batches_seen(standing: Standing) -> QuerySet[Batch]:
    return visible(Batch.objects.select_related("item__unit", "pack", "donor", "owner"), standing)
