"""Pages that bring needs and offers together."""

from django.urls import path

from aid_requests import match_pages

urlpatterns = [
    path("requests/needs-for/", match_pages.needs_for, name="needs_for"),
    path("requests/<str:code>/lines/<int:pk>/offers/", match_pages.match, name="match"),
]
