"""Pages for everybody about what is needed, and the appeals."""

from django.urls import path

from aid_requests import appeal_pages, public_pages

urlpatterns = [
    path("needs/", public_pages.public_needs_page, name="public_needs"),
    path("needs/feed.atom", public_pages.needs_feed, name="needs_feed"),
    path("needs/feed.json", public_pages.needs_json, name="needs_json"),
    path("appeals/", appeal_pages.appeals, name="appeals"),
    path("appeals/add/", appeal_pages.AppealEdit.as_view(), name="appeal_add"),
    path("appeals/<slug:slug>/", public_pages.appeal_page, name="appeal"),
    path("appeals/<slug:slug>/change/", appeal_pages.AppealEdit.as_view(), name="appeal_change"),
    path("appeals/<slug:slug>/do/", appeal_pages.appeal_do, name="appeal_do"),
]
