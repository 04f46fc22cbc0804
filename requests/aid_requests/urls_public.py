"""Pages for those without an account: following a request by its code."""

from django.urls import path

from aid_requests import follow_pages

urlpatterns = [
    path("follow/", follow_pages.follow_start, name="follow_start"),
    path("follow/<str:code>/", follow_pages.follow, name="follow"),
    path("follow/<str:code>/confirm/", follow_pages.confirm, name="follow_confirm"),
]
