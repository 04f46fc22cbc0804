"""Plugs for ``reference_data``. Each part brings its own."""

from importlib import import_module
from importlib.util import find_spec

PARTS = ("camps.reference_data_standards", "camps.reference_data_syndromes")

PLUGS = [plug for part in PARTS if find_spec(part) for plug in import_module(part).PLUGS]
