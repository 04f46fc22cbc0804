"""Addresses of unsolicited goods."""

from django.urls import path

from inventory import unsolicited_pages

urlpatterns = [
    path("stock/unsolicited/", unsolicited_pages.UnsolicitedList.as_view(), name="unsolicited"),
    path("stock/unsolicited/<int:pk>/", unsolicited_pages.unsolicited_one, name="unsolicited_one"),
    path("stock/unsolicited/<int:pk>/sort/", unsolicited_pages.sort, name="unsolicited_sort"),
    path(
        "stock/unsolicited/<int:pk>/change/", unsolicited_pages.UnsolicitedChange.as_view(), name="unsolicited_change"
    ),
    path("stock/unsolicited/<int:pk>/stock/", unsolicited_pages.Stock.as_view(), name="unsolicited_stock"),
    path("stock/unsolicited/<int:pk>/settle/", unsolicited_pages.Settle.as_view(), name="unsolicited_settle"),
    path(
        "warehouses/<str:code>/unsolicited/",
        unsolicited_pages.WarehouseUnsolicited.as_view(),
        name="warehouse_unsolicited",
    ),
    path("warehouses/<str:code>/unsolicited/add/", unsolicited_pages.UnsolicitedAdd.as_view(), name="unsolicited_add"),
]
