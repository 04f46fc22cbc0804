"""Addresses of the exchange with other registries."""

from django.urls import path

from missing_persons.pfif import feeds, pages

urlpatterns = [
    path("pfif/", pages.index, name="pfif"),
    path("pfif/registries/add/", pages.repository, name="pfif_repository_add"),
    path("pfif/registries/<int:pk>/", pages.repository, name="pfif_repository"),
    path("pfif/runs/<int:pk>/", pages.run_page, name="pfif_run"),
    path("pfif/runs/<int:pk>/faults.csv", pages.faults, name="pfif_faults"),
    path("pfif/runs/<int:pk>/reverse/", pages.reverse, name="pfif_reverse"),
    path("pfif/runs/<int:pk>/publish/", pages.release, name="pfif_release"),
    path("pfif/runs/<int:pk>/go-on/", pages.go_on, name="pfif_go_on"),
    path("pfif/<slug:slug>/persons", feeds.Feed.as_view(), name="pfif_persons"),
    path("pfif/<slug:slug>/persons.xml", feeds.Feed.as_view(is_plain=True), name="pfif_persons_plain"),
    path("pfif/<slug:slug>/notes", feeds.NoteFeed.as_view(), name="pfif_notes"),
    path("pfif/<slug:slug>/notes.xml", feeds.NoteFeed.as_view(is_plain=True), name="pfif_notes_plain"),
]
