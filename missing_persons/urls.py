"""Addresses of the registry of missing persons. Each part brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from missing_persons.pfif import urls as pfif

app_name = "missing_persons"
urlpatterns: list[URLPattern | URLResolver] = [*pfif.urlpatterns]
