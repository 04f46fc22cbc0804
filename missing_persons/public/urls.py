"""Addresses of the public pages, and of photos."""

from django.urls import path

from missing_persons import emergency_pages
from missing_persons.public import (
    data_page,
    follow_pages,
    object_pages,
    photo_pages,
    report_pages,
    search_page,
    tell_pages,
)

urlpatterns = [
    path("find/", search_page.find, name="find"),
    path("find/person/<str:seal>/", search_page.person, name="public_person"),
    path("find/person/<str:seal>/objection/", object_pages.objection, name="public_objection"),
    path("find/person/<str:seal>/news/", tell_pages.tell_me, name="public_tell"),
    path("find/news/<str:seal>/", tell_pages.tell_code, name="public_tell_code"),
    path("find/no-more/<str:key>/", tell_pages.tell_no_more, name="public_tell_no_more"),
    path("find/photo/<str:seal>/<str:size>/", photo_pages.public_photo, name="public_photo"),
    path("find/report/<str:which>/", report_pages.report, name="public_report"),
    path("find/form/<str:token>/", report_pages.draft, name="public_draft"),
    path("find/follow/", follow_pages.follow, name="public_follow"),
    path("find/follow/answer/", follow_pages.follow_answer, name="public_follow_answer"),
    path("find/your-data/", data_page.your_data, name="public_data"),
    path("find/numbers/", emergency_pages.emergency_numbers, name="emergency_numbers"),
    path("find/numbers/add/", emergency_pages.EmergencyNumberEdit.as_view(), name="emergency_number_add"),
    path("find/numbers/<int:pk>/", emergency_pages.EmergencyNumberEdit.as_view(), name="emergency_number"),
    path("persons/photos/<int:pk>/", photo_pages.photo, name="photo"),
]
