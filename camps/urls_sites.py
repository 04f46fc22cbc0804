"""Addresses of sites with people and their headcounts."""

from django.urls import path

from camps import camp_pages, headcount_pages, map_pages

urlpatterns = [
    path("camps/", camp_pages.CampList.as_view(), name="camps"),
    path("camps/add/", camp_pages.CampAdd.as_view(), name="camp_add"),
    path("camps/placement/", map_pages.placement, name="placement"),
    path("camps.geojson", map_pages.camps_geojson, name="camps_geojson"),
    path("camps/<str:code>/", camp_pages.camp, name="camp"),
    path("camps/<str:code>/change/", camp_pages.CampChange.as_view(), name="camp_change"),
    path("camps/<str:code>/state/", camp_pages.CampStateChange.as_view(), name="camp_state"),
    path("camps/<str:code>/adopt/", camp_pages.camp_adopt, name="camp_adopt"),
    path("camps/<str:code>/shelters/", camp_pages.shelters, name="shelters"),
    path("camps/<str:code>/photos/add/", camp_pages.photo_add, name="photo_add"),
    path("camps/<str:code>/photos/<int:pk>/", camp_pages.photo, name="photo"),
    path("camps/<str:code>/photos/<int:pk>/remove/", camp_pages.photo_remove, name="photo_remove"),
    path("camps/<str:code>/site.geojson", map_pages.camp_geojson, name="camp_geojson"),
    path("camps/<str:code>/headcounts/", headcount_pages.headcounts, name="headcounts"),
    path("camps/<str:code>/headcounts/add/", headcount_pages.HeadcountAdd.as_view(), name="headcount_add"),
    path(
        "camps/<str:code>/headcounts/<int:pk>/correct/",
        headcount_pages.HeadcountCorrect.as_view(),
        name="headcount_correct",
    ),
    path("camps/<str:code>/headcounts/<int:pk>/decide/", headcount_pages.decide, name="headcount_decide"),
]
