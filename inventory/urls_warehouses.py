"""Addresses of warehouses, their zones and bins, keepers, levels and temperatures."""

from django.urls import path

from inventory import warehouse_pages, zone_pages

urlpatterns = [
    path("warehouses/", warehouse_pages.WarehouseList.as_view(), name="warehouses"),
    path("warehouses/add/", warehouse_pages.WarehouseAdd.as_view(), name="warehouse_add"),
    path("warehouses/adopt/", warehouse_pages.WarehouseAdopt.as_view(), name="warehouse_adopt"),
    path("warehouses.geojson", warehouse_pages.warehouses_geojson, name="warehouses_geojson"),
    path("warehouses/<str:code>/", warehouse_pages.warehouse, name="warehouse"),
    path("warehouses/<str:code>/change/", warehouse_pages.WarehouseChange.as_view(), name="warehouse_change"),
    path("warehouses/<str:code>/keepers/", warehouse_pages.Keepers.as_view(), name="keepers"),
    path("warehouses/<str:code>/levels/", warehouse_pages.levels, name="levels"),
    path("warehouses/<str:code>/levels/change/", warehouse_pages.Levels.as_view(), name="levels_change"),
    path("warehouses/<str:code>/zones/", zone_pages.zones, name="zones"),
    path("warehouses/<str:code>/zones/add/", zone_pages.ZoneAdd.as_view(), name="zone_add"),
    path("warehouses/<str:code>/zones/<int:pk>/", zone_pages.ZoneChange.as_view(), name="zone_change"),
    path("warehouses/<str:code>/zones/<int:pk>/bins/", zone_pages.BinsAdd.as_view(), name="bins_add"),
    path("warehouses/<str:code>/bins/<int:pk>/", zone_pages.BinChange.as_view(), name="bin_change"),
    path("warehouses/<str:code>/temperatures/", zone_pages.temperatures, name="temperatures"),
    path("warehouses/<str:code>/temperatures/add/", zone_pages.TemperatureAdd.as_view(), name="temperature_add"),
]
