"""Addresses of import and export."""

from django.urls import include, path

from komek.exchange import views

pages = (
    [
        path("", views.index, name="index"),
        path("imports/<int:pk>/", views.batch, name="batch"),
        path("imports/<int:pk>/columns/", views.mapping, name="mapping"),
        path("imports/<int:pk>/sheet/", views.sheet, name="sheet"),
        path("imports/<int:pk>/apply/", views.apply, name="apply"),
        path("imports/<int:pk>/rows/<int:number>/", views.decide, name="decide"),
        path("imports/<int:pk>/reverse/", views.reverse, name="reverse"),
        path("imports/<int:pk>/refused.csv", views.faults, name="faults"),
        path("<str:key>/import/", views.upload, name="upload"),
        path("<str:key>/template.xlsx", views.template, name="template"),
        path("<str:key>/export/", views.export, name="export"),
    ],
    "exchange",
)
urlpatterns = [path("exchange/", include(pages))]
