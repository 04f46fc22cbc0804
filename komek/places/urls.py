from django.urls import include, path

from komek.places import edition_pages, finding_pages, views

editions = (
    [
        path("", edition_pages.editions, name="editions"),
        path("files/", edition_pages.upload_files, name="upload_files"),
        path("files/<int:pk>/", edition_pages.upload, name="upload"),
        path("files/<int:pk>/map.geojson", edition_pages.upload_map, name="upload_map"),
        path("files/<int:pk>/layers/", edition_pages.reading, name="reading"),
        path("files/<int:pk>/load/", edition_pages.load, name="load"),
        path("<int:pk>/", edition_pages.edition, name="edition"),
        path("<int:pk>/map.geojson", edition_pages.edition_map, name="edition_map"),
        path("<int:pk>/compare/", edition_pages.comparison, name="comparison"),
        path("<int:pk>/activate/", edition_pages.activate, name="activate"),
    ],
    "places",
)
urlpatterns = [
    path("places/", views.areas, name="areas"),
    path("places/areas/<int:pk>/", views.area, name="area"),
    path("places/areas/<int:pk>.geojson", views.area_geojson, name="area_geojson"),
    path("places/find/", finding_pages.find, name="place_find"),
    path("places/settlements/<int:pk>/", finding_pages.settlement, name="settlement"),
    path("places/settlements/<int:pk>.geojson", finding_pages.settlement_geojson, name="settlement_geojson"),
    path("places/basemap.json", views.basemap, name="basemap"),
    path("places/editions/", include(editions)),
]
