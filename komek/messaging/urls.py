"""Addresses of messaging: for providers."""

from django.urls import include, path

from komek.messaging import gateway_views

pages = (
    [
        path("in/<slug:key>/", gateway_views.inbound, name="inbound"),
        path("receipts/<slug:key>/", gateway_views.receipt, name="receipt"),
    ],
    "messaging",
)
urlpatterns = [path("messaging/", include(pages))]
