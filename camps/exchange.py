"""Plugs for the ``exchange`` socket: each part of the registry brings its own tables."""

from __future__ import annotations

from camps import exchange_health, exchange_people, exchange_sites, exchange_standards

PLUGS = [*exchange_sites.PLUGS, *exchange_people.PLUGS, *exchange_standards.PLUGS, *exchange_health.PLUGS]
