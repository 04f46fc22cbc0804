"""Plugs for the ``alerts`` socket. Each part of the registry brings its own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

PLUGS: list[Any] = []
for _part in ("inventory.alerts_stock", "inventory.alerts_stores", "inventory.alerts_consignments"):
    if find_spec(_part):
        PLUGS += import_module(_part).PLUGS
