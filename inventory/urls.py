"""Addresses of the inventory. Each part brings its own."""

from importlib import import_module
from importlib.util import find_spec

app_name = "inventory"
urlpatterns = []
for part in (
    "inventory.urls_warehouses",
    "inventory.urls_stock",
    "inventory.urls_counts",
    "inventory.urls_unsolicited",
    "inventory.urls_consignments",
    "inventory.urls_labels",
    "inventory.urls_reports",
):
    if find_spec(part):
        urlpatterns += import_module(part).urlpatterns
