"""Plugs for the ``alerts`` socket. Each part of the registry brings its own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

PLUGS: list[Any] = []
for _part in ("camps.alerts_sites", "camps.alerts_standards", "camps.alerts_health", "camps.alerts_people"):
    if find_spec(_part):
        PLUGS += import_module(_part).PLUGS
