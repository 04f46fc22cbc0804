"""Pages for what piled up."""

from django.urls import path

from aid_requests import triage_pages

urlpatterns = [
    path("requests/piles/", triage_pages.piles_part, name="piles"),
    path("requests/ageing/", triage_pages.ageing_page, name="ageing"),
    path("requests/bulk/<slug:step>/", triage_pages.bulk, name="bulk"),
    path("requests/duplicates/", triage_pages.duplicates, name="duplicates"),
    path("requests/duplicates/compare/", triage_pages.compare, name="compare"),
    path("requests/duplicates/decide/", triage_pages.decide, name="decide"),
    path("requests/not-in-the-catalogue/", triage_pages.unknown_items, name="unknown_items"),
]
