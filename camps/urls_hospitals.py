"""Addresses of the pages about hospitals."""

from django.urls import path

from camps import hospital_pages

urlpatterns = [
    path("camps/<str:code>/hospital/", hospital_pages.hospital, name="hospital"),
    path("camps/<str:code>/hospital/report/", hospital_pages.HospitalReportAdd.as_view(), name="hospital_report"),
]
