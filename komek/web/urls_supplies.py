"""Addresses of the catalogue's pages with rows."""

from django.urls import path

from komek.web import supply_pages

urlpatterns = [
    path("supplies/<str:code>/contents/", supply_pages.KitChange.as_view(), name="supply_kit"),
    path("supplies/<str:code>/needs/", supply_pages.NeedsChange.as_view(), name="supply_needs"),
]
