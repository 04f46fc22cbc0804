"""Addresses of the registry of missing persons. Each part brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "missing_persons"
urlpatterns: list[URLPattern | URLResolver] = []
