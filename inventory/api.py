"""API resources of the inventory. Each part registers its own."""

from importlib import import_module
from importlib.util import find_spec

from komek.api.router import ApiRouter

PARTS = ("inventory.api_warehouses", "inventory.api_stock", "inventory.api_movements", "inventory.api_consignments")


def register(router: ApiRouter) -> None:
    for part in PARTS:
        if find_spec(part):
            import_module(part).register(router)
