"""Pages for those without an account: following a request by its code."""

from django.urls import path

from aid_requests import follow_pages

urlpatterns = [
    path("follow/<str:code>/", follow_pages.follow, name="follow"),
]
