"""Addresses of the pages about hospitals."""

from django.urls import path

from camps import have_pages, hospital_list_page, hospital_pages

urlpatterns = [
    # Not below camps/: there the next part is a site's code.
    path("hospitals/", hospital_list_page.HospitalList.as_view(), name="hospitals"),
    path("camps/hospitals/have.xml", have_pages.export, name="have_export"),
    path("camps/hospitals/import/", have_pages.upload, name="have_import"),
    path("camps/hospitals/import/<int:pk>/", have_pages.preview, name="have_preview"),
    path("camps/<str:code>/hospital/", hospital_pages.hospital, name="hospital"),
    path("camps/<str:code>/hospital/report/", hospital_pages.HospitalReportAdd.as_view(), name="hospital_report"),
]
