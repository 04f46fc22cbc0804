"""Addresses of the pages about operations and hazard types."""

from django.urls import path

from komek.web import hazard_type_pages, operation_pages

urlpatterns = [
    path("operations/add/", operation_pages.OperationAdd.as_view(), name="operation_add"),
    path("operations/<slug:slug>/", operation_pages.operation, name="operation"),
    path("operations/<slug:slug>/affected.geojson", operation_pages.operation_geojson, name="operation_geojson"),
    path("operations/<slug:slug>/change/", operation_pages.OperationChange.as_view(), name="operation_change"),
    path("operations/<slug:slug>/phase/", operation_pages.phase, name="operation_phase"),
    path("operations/<slug:slug>/phase/back/", operation_pages.phase_back, name="operation_phase_back"),
    path("operations/<slug:slug>/close/", operation_pages.close, name="operation_close"),
    path("operations/<slug:slug>/reopen/", operation_pages.open_again, name="operation_reopen"),
    path("hazard-types/", hazard_type_pages.HazardTypeList.as_view(), name="hazard_types"),
    path("hazard-types/add/", hazard_type_pages.HazardTypeAdd.as_view(), name="hazard_type_add"),
    path("hazard-types/<slug:key>/", hazard_type_pages.hazard_type, name="hazard_type"),
    path("hazard-types/<slug:key>/change/", hazard_type_pages.HazardTypeChange.as_view(), name="hazard_type_change"),
    path("hazard-types/<slug:key>/retire/", hazard_type_pages.retire, name="hazard_type_retire"),
]
