"""Addresses of the exchange with other registries."""

from django.urls import path

from missing_persons.pfif import feeds

urlpatterns = [
    path("pfif/<slug:slug>/persons", feeds.Feed.as_view(), name="pfif_persons"),
    path("pfif/<slug:slug>/persons.xml", feeds.Feed.as_view(is_plain=True), name="pfif_persons_plain"),
    path("pfif/<slug:slug>/notes", feeds.NoteFeed.as_view(), name="pfif_notes"),
    path("pfif/<slug:slug>/notes.xml", feeds.NoteFeed.as_view(is_plain=True), name="pfif_notes_plain"),
]
