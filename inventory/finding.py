"""Which record a code in an address names, as the viewer may see it."""

from __future__ import annotations

from django.http import HttpRequest

from inventory.models import Batch, Consignment, Movement, Warehouse
from komek.web.finding import found_by_code


def found_warehouse(request: HttpRequest, code: str) -> Warehouse:
    """The warehouse with this code; 404 with a reason when the code is mistyped. A site made a warehouse kept its C."""
    rows = Warehouse.objects.select_related("organisation", "area", "operation", "entered_by").defer("area__geometry")
    warehouse: Warehouse = found_by_code(request, rows, code, "CW")
    return warehouse


def found_batch(request: HttpRequest, code: str) -> Batch:
    """The batch with this code, with its item, unit, pack, owner and donor."""
    rows = Batch.objects.select_related("item__unit", "pack", "owner", "donor", "operation", "entered_by")
    batch: Batch = found_by_code(request, rows, code, "B")
    return batch


def found_movement(request: HttpRequest, code: str) -> Movement:
    """The movement with this code."""
    rows = Movement.objects.select_related(
        "warehouse", "consignment", "count", "site", "organisation", "operation", "entered_by", "reverses"
    )
    movement: Movement = found_by_code(request, rows, code, "M")
    return movement


def found_consignment(request: HttpRequest, code: str) -> Consignment:
    """The consignment with this code, with both its ends."""
    rows = Consignment.objects.select_related(
        "origin__organisation", "destination__organisation", "operation", "entered_by", "split_from"
    )
    consignment: Consignment = found_by_code(request, rows, code, "K")
    return consignment
