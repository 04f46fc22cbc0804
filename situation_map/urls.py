from django.urls import path

from situation_map import pages, tables

app_name = "situation_map"
urlpatterns = [
    path("map/", pages.situation_map, name="map"),
    path("map/layers/<str:key>.geojson", pages.layer_geojson, name="geojson"),
    path("map/layers/<str:key>/tiles/<str:zoom>/<str:column>/<str:row>.mvt", pages.layer_tile, name="tile"),
    path("map/layers/<str:key>/", tables.table, name="table"),
]
