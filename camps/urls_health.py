"""Addresses of the pages of the health watch."""

from django.urls import path

from camps import health_pages

urlpatterns = [
    # Not below camps/: there the next part is a site's code.
    path("health-watch/", health_pages.alerts, name="health_alerts"),
    path("health-watch/thresholds/", health_pages.thresholds, name="health_thresholds"),
    path("health-watch/thresholds/add/", health_pages.SyndromeAdd.as_view(), name="syndrome_add"),
    path("health-watch/thresholds/<slug:key>/", health_pages.SyndromeChange.as_view(), name="syndrome_change"),
    path("camps/<str:code>/health/", health_pages.health, name="health"),
]
