"""Pages about promises and what came of them."""

from django.urls import path

from aid_requests import commitment_pages as pages

urlpatterns = [
    path("requests/<str:code>/lines/<int:pk>/promise/", pages.CommitmentAdd.as_view(), name="commitment_add"),
    path("requests/<str:code>/lines/<int:pk>/receive/", pages.ReceiptAdd.as_view(), name="receipt_add"),
    path(
        "requests/<str:code>/promises/<int:pk>/release/", pages.CommitmentRelease.as_view(), name="commitment_release"
    ),
    path(
        "requests/<str:code>/promises/<int:pk>/prolong/", pages.CommitmentProlong.as_view(), name="commitment_prolong"
    ),
    path("requests/<str:code>/receipts/<int:pk>/take-back/", pages.ReceiptTakeBack.as_view(), name="receipt_take_back"),
]
