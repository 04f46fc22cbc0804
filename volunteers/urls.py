"""Addresses of the registry of pledges. Each part brings its own."""

from django.urls import path

from volunteers import form_pages, list_page, pledge_pages, presence_pages, public_pages, reconcile_pages

app_name = "volunteers"
urlpatterns = [
    path("pledge/", public_pages.follow_start, name="follow_start"),
    path("pledge/offer/", public_pages.offer, name="offer"),
    path("pledge/<str:code>/", public_pages.follow, name="follow"),
    path("pledge/<str:code>/answer/", public_pages.follow_answer, name="follow_answer"),
    path("helpers/", presence_pages.presence, name="presence"),
    path("helpers/<int:pk>/well/", presence_pages.well, name="well"),
    path("pledges/", list_page.PledgeList.as_view(), name="pledges"),
    path("pledges/add/", form_pages.PledgeAdd.as_view(), name="pledge_add"),
    path("pledges/reconciliation/", reconcile_pages.reconciliation, name="reconciliation"),
    path("pledges/<str:code>/", pledge_pages.pledge_page, name="pledge"),
    path("pledges/<str:code>/change/", form_pages.PledgeChange.as_view(), name="pledge_change"),
    path("pledges/<str:code>/item/", form_pages.PledgeItem.as_view(), name="pledge_item"),
    path("pledges/<str:code>/commit/", form_pages.PledgeCommit.as_view(), name="pledge_commit"),
    path("pledges/<str:code>/step/<slug:step>/", form_pages.PledgeStepTaken.as_view(), name="pledge_step"),
    path("pledges/<str:code>/uses/<int:pk>/release/", form_pages.use_released, name="use_released"),
]
