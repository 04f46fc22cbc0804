"""Addresses of messaging: for providers, and the pages of the inbox."""

from django.urls import include, path

from komek.messaging import broadcast_pages, gateway_views, inbox_pages, ready_pages, simulator_pages

pages = (
    [
        path("in/<slug:key>/", gateway_views.inbound, name="inbound"),
        path("receipts/<slug:key>/", gateway_views.receipt, name="receipt"),
        path("", inbox_pages.index, name="inbox"),
        path("bulk/", inbox_pages.bulk, name="bulk"),
        path("texts/<int:pk>/", inbox_pages.conversation, name="conversation"),
        path("sent/", inbox_pages.outbox, name="outbox"),
        path("many/", broadcast_pages.write, name="many"),
        path("answers/", ready_pages.ready_answers, name="ready"),
        path("answers/<int:pk>/", ready_pages.ready_answers, name="ready_one"),
        path("join/", ready_pages.join_code, name="join"),
        path("phones/", simulator_pages.simulator, name="simulator"),
    ],
    "messaging",
)
urlpatterns = [path("messaging/", include(pages))]
