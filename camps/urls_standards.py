"""Addresses of services and standards, and of a site's profile."""

from django.urls import path

from camps import profile_pages, service_pages, standard_list_pages, standard_pages

urlpatterns = [
    path("services/", service_pages.services, name="services"),
    path("services.geojson", service_pages.services_geojson, name="services_geojson"),
    path("standards/", standard_list_pages.StandardList.as_view(), name="standard_list"),
    path("standards/add/", standard_list_pages.StandardAdd.as_view(), name="standard_add"),
    path("standards/<slug:key>/", standard_list_pages.standard, name="standard"),
    path("standards/<slug:key>/change/", standard_list_pages.StandardChange.as_view(), name="standard_change"),
    path("camps/<str:code>/profile/", profile_pages.profile, name="profile"),
    path("camps/<str:code>/profile.pdf", profile_pages.profile_pdf, name="profile_pdf"),
    path("camps/<str:code>/standards/", standard_pages.standards, name="standards"),
    path("camps/<str:code>/visit/", standard_pages.Visit.as_view(), name="visit"),
    path("camps/<str:code>/standards/<slug:key>/", standard_pages.standard_history, name="standard_history"),
    path("camps/<str:code>/standards/<slug:key>/ask/", standard_pages.standard_ask, name="standard_ask"),
    path(
        "camps/<str:code>/measurements/<int:pk>/withdraw/",
        standard_pages.measurement_withdraw,
        name="measurement_withdraw",
    ),
]
