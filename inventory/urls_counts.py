"""Addresses of physical counts."""

from django.urls import path

from inventory import count_pages

urlpatterns = [
    path("stock/counts/", count_pages.CountList.as_view(), name="counts"),
    path("stock/counts/<int:pk>/", count_pages.count, name="count"),
    path("stock/counts/<int:pk>/found/", count_pages.FoundAdd.as_view(), name="count_found"),
    path("stock/counts/<int:pk>/end/", count_pages.end, name="count_end"),
    path("stock/counts/<int:pk>/again/", count_pages.again, name="count_again"),
    path("stock/counts/<int:pk>/post/", count_pages.post, name="count_post"),
    path("stock/counts/<int:pk>/abandon/", count_pages.Abandon.as_view(), name="count_abandon"),
    path("warehouses/<str:code>/counts/", count_pages.warehouse_counts, name="warehouse_counts"),
    path("warehouses/<str:code>/counts/add/", count_pages.CountAdd.as_view(), name="count_add"),
]
