"""Addresses of the pages about organisations."""

from django.urls import path

from orgs import duplicate_pages, membership_pages, organisation_edit_pages, organisation_pages

urlpatterns = [
    path("organisations/", organisation_pages.OrganisationList.as_view(), name="organisations"),
    path("organisations/add/", organisation_edit_pages.OrganisationAdd.as_view(), name="organisation_add"),
    path("organisations/duplicates/", duplicate_pages.duplicates, name="duplicates"),
    path("organisations/duplicates/different/", duplicate_pages.different, name="different"),
    path("organisations/merges/<int:pk>/undo/", duplicate_pages.undo, name="merge_undo"),
    path("organisations/requests/", membership_pages.requests, name="requests"),
    path("organisations/memberships/<int:pk>/", membership_pages.decide, name="membership_decide"),
    path("organisations/confirm/<str:token>/", organisation_edit_pages.confirm_by_link, name="confirm_by_link"),
    path("organisations/<str:code>/", organisation_pages.organisation, name="organisation"),
    path("organisations/<str:code>/logo/", organisation_pages.logo, name="organisation_logo"),
    path(
        "organisations/<str:code>/change/",
        organisation_edit_pages.OrganisationChange.as_view(),
        name="organisation_change",
    ),
    path("organisations/<str:code>/decide/", organisation_pages.decide, name="organisation_decide"),
    path("organisations/<str:code>/merge/", duplicate_pages.merge, name="organisation_merge"),
    path("organisations/<str:code>/join/", membership_pages.ask, name="membership_ask"),
    path("organisations/<str:code>/members/", membership_pages.give, name="membership_give"),
]
