"""Pages about requests."""

from django.urls import path

from aid_requests import list_page, request_pages

urlpatterns = [
    path("requests/", list_page.RequestList.as_view(), name="requests"),
    path("requests/<str:code>/", request_pages.request_page, name="request"),
]
