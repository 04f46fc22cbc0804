"""Addresses of the registry of missing persons. Each part brings its own."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from missing_persons import (
    note_forms,
    pair_pages,
    person_list_page,
    person_pages,
    photo_forms,
    queue_pages,
    report_forms,
    step_forms,
)

app_name = "missing_persons"
urlpatterns: list[URLPattern | URLResolver] = [
    path("persons/", person_list_page.PersonList.as_view(), name="persons"),
    path("persons/report/", report_forms.ReportAdd.as_view(), name="report_add"),
    path("persons/reports/<int:pk>/", report_forms.ReportChange.as_view(), name="report_change"),
    path("persons/reports/<int:pk>/photo/", photo_forms.PhotoAdd.as_view(), name="photo_add"),
    path("persons/photos/<int:pk>/remove/", photo_forms.photo_removed, name="photo_remove"),
    path("persons/waiting/", queue_pages.waiting_page, name="waiting"),
    path("persons/pairs/", pair_pages.pairs, name="pairs"),
    path("persons/pairs/<int:pk>/", pair_pages.pair_page, name="pair"),
    path("persons/pairs/<int:pk>/reopen/", queue_pages.pair_reopen, name="pair_reopen"),
    path("persons/sightings/<int:pk>/", queue_pages.sighting_answered, name="sighting"),
    path("persons/objections/", queue_pages.disputes, name="disputes"),
    path("persons/objections/<int:pk>/", queue_pages.DisputeDecided.as_view(), name="dispute"),
    path("persons/<str:code>/", person_pages.person_page, name="person"),
    path("persons/<str:code>/note/", note_forms.NoteAdd.as_view(), name="note_add"),
    path("persons/<str:code>/family/", note_forms.FamilyAdd.as_view(), name="family_add"),
    path("persons/<str:code>/join/", step_forms.PersonJoin.as_view(), name="join"),
    path("persons/<str:code>/split/", step_forms.PersonSplit.as_view(), name="split"),
    path("persons/<str:code>/messages/<int:pk>/", note_forms.MessagePassed.as_view(), name="pass_message"),
    path("persons/<str:code>/answers/<int:pk>/", note_forms.MessageAnswered.as_view(), name="answer_message"),
    path("persons/<str:code>/<slug:step>/<int:pk>/", step_forms.StepTaken.as_view(), name="step"),
]
for part in ("pfif", "public"):
    if find_spec(f"missing_persons.{part}") and find_spec(f"missing_persons.{part}.urls"):
        urlpatterns.append(path("", include(f"missing_persons.{part}.urls")))
