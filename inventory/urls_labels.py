"""Addresses of labels and of scanning."""

from django.urls import path

from inventory import label_pages

urlpatterns = [
    path("stock/labels/", label_pages.labels, name="labels"),
    path("stock/scan/", label_pages.scan, name="scan"),
]
