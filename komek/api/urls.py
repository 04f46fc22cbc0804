"""Addresses of the API, of its documentation, and of what machines ask about the installation."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from komek.api import ground_floor
from komek.api.router import ApiRouter, plug_in

router = ApiRouter()
ground_floor.register(router)
plug_in(router)

resources = (router.urls, "api")

urlpatterns = [
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/v1/redoc/", SpectacularRedocView.as_view(url_name="api-schema"), name="api-redoc"),
    path("api/v1/", include(resources)),
]
