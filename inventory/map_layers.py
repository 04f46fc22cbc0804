"""Plugs for the ``map_layers`` socket. Each part brings its own."""

from importlib import import_module
from importlib.util import find_spec

PLUGS = []
for part in ("inventory.map_layers_warehouses", "inventory.map_layers_consignments"):
    if find_spec(part):
        PLUGS += import_module(part).PLUGS
