"""Feeds of hazards: CAP 1.2 and 1.1 (also in Atom, RSS and EDXL-DE), USGS earthquakes and GDACS → alerts; and our own CAP.

Everything here is pure: no database, no network, no clock, no settings. Guide: ``docs/hazard-feeds.md``.
"""
