from django.urls import path

from komek.places import views

urlpatterns = [
    path("places/", views.areas, name="areas"),
    path("places/areas/<int:pk>/", views.area, name="area"),
    path("places/areas/<int:pk>.geojson", views.area_geojson, name="area_geojson"),
    path("places/basemap.json", views.basemap, name="basemap"),
]
