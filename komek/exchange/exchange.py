"""Plugs for ``exchange`` of the rooms below this floor, which cannot import it."""

from komek.exchange import operation_tables, place_tables, supply_tables

PLUGS = [*operation_tables.PLUGS, *place_tables.PLUGS, *supply_tables.PLUGS]
