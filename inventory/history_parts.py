"""What the history of a warehouse and of a consignment tells beside their own fields, and whom it does not tell who drives."""

from __future__ import annotations

from typing import Any

from inventory.models import Consignment, ConsignmentLine, Keeper, Warehouse
from inventory.policies import sees_driver
from komek.accounts.authority import Standing
from komek.records.parts import Guard, Part, register_guard, register_parts

DRIVER = frozenset({"driver", "driver_phone"})


def register() -> None:
    """Called once, when the app is ready."""
    register_parts(Warehouse, Part(Keeper, "warehouse", named="name", follows_record=True))
    register_parts(Consignment, Part(ConsignmentLine, "consignment", named="item", follows_record=True))
    register_guard(Consignment, Guard(hidden=_hidden))


def _hidden(standing: Standing, consignment: Any) -> frozenset[str]:
    return frozenset() if sees_driver(standing, consignment) else DRIVER
