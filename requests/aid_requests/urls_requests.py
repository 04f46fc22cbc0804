"""Pages about requests. The address of one request takes any word, so these come after all others."""

from django.urls import path

from aid_requests import attachment_pages, form_pages, list_page, request_pages

urlpatterns = [
    path("requests/", list_page.RequestList.as_view(), name="requests"),
    path("requests/add/", form_pages.RequestAdd.as_view(), name="request_add"),
    path("requests/<str:code>/", request_pages.request_page, name="request"),
    path("requests/<str:code>/change/", form_pages.RequestChange.as_view(), name="request_change"),
    path("requests/<str:code>/step/<slug:step>/", form_pages.RequestStepTaken.as_view(), name="request_step"),
    path("requests/<str:code>/claim/", form_pages.claim_request, name="request_claim"),
    path("requests/<str:code>/discard/", form_pages.discard, name="request_discard"),
    path("requests/<str:code>/files/add/", attachment_pages.attachment_add, name="attachment_add"),
    path("requests/<str:code>/files/<int:pk>/", attachment_pages.attachment, name="attachment"),
    path("requests/<str:code>/files/<int:pk>/remove/", attachment_pages.attachment_remove, name="attachment_remove"),
    path("requests/<str:code>/lines/<int:pk>/", attachment_pages.line_openness, name="line_openness"),
    path("requests/<str:code>/lines/<int:pk>/item/", attachment_pages.LineItem.as_view(), name="line_item"),
]
