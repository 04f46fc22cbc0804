"""Addresses of the API, of its documentation, and of what machines ask about the installation."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from komek.api import ground_floor, health, pages
from komek.api.place_description import PlaceDescription
from komek.api.place_resolution import PlaceResolution
from komek.api.router import ApiRouter, plug_in

router = ApiRouter()
ground_floor.register(router)
plug_in(router)

resources = (
    [
        path("places/describe", PlaceDescription.as_view(), name="places-describe"),
        path("places/resolve", PlaceResolution.as_view(), name="places-resolve"),
        *router.urls,
    ],
    "api",
)

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("account/tokens/", pages.tokens, name="account-tokens"),
    path("account/tokens/<int:pk>/revoke/", pages.revoke, name="account-token-revoke"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/v1/", include(resources)),
]
