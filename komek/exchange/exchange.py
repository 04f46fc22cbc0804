"""Plugs for ``exchange`` of the rooms below this floor, which cannot import it."""

from komek.exchange import supply_tables

PLUGS = [*supply_tables.PLUGS]
