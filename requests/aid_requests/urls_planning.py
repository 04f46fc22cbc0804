"""The page that shares scarce goods out."""

from django.urls import path

from aid_requests import plan_pages

urlpatterns = [path("requests/plan/", plan_pages.plan, name="plan")]
