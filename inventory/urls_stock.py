"""Addresses of stock, batches and movements."""

from django.urls import path

from inventory import batch_pages, goods_pages, movement_pages, place_pages, stock_forms_pages, stock_pages

urlpatterns = [
    path("stock/", stock_pages.StockList.as_view(), name="stock"),
    path("stock/measures/<int:pk>/", goods_pages.measures, name="measures"),
    path("stock/items/<str:code>/", movement_pages.item_stock, name="item_stock"),
    path("stock/movements/", movement_pages.MovementList.as_view(), name="movements"),
    path("stock/movements/<str:code>/", movement_pages.movement, name="movement"),
    path("stock/movements/<str:code>/take-back/", stock_forms_pages.TakeBack.as_view(), name="movement_reverse"),
    path("stock/batches/<str:code>/", movement_pages.batch, name="batch"),
    path("stock/batches/<str:code>/change/", batch_pages.BatchChange.as_view(), name="batch_change"),
    path("stock/batches/<str:code>/block/", stock_forms_pages.Block.as_view(), name="batch_block"),
    path("stock/batches/<str:code>/unblock/", movement_pages.unblock, name="batch_unblock"),
    path("stock/places/<int:pk>/move/", place_pages.Move.as_view(), name="place_move"),
    path("stock/places/<int:pk>/lose/", place_pages.Lose.as_view(), name="place_lose"),
    path("stock/places/<int:pk>/write-off/", place_pages.WriteOff.as_view(), name="place_write_off"),
    path("stock/places/<int:pk>/break/", place_pages.Break.as_view(), name="place_break"),
    path("warehouses/<str:code>/stock/", stock_pages.WarehouseStock.as_view(), name="warehouse_stock"),
    path("warehouses/<str:code>/places/", stock_pages.PlaceList.as_view(), name="warehouse_places"),
    path("warehouses/<str:code>/movements/", movement_pages.WarehouseMovements.as_view(), name="warehouse_movements"),
    path("warehouses/<str:code>/receive/", goods_pages.Receive.as_view(), name="receive"),
    path("warehouses/<str:code>/give-out/", goods_pages.Issue.as_view(), name="issue"),
    path("warehouses/<str:code>/take-back/", goods_pages.GiveBack.as_view(), name="give_back"),
    path("warehouses/<str:code>/kits/", goods_pages.Kits.as_view(), name="kits"),
    path("warehouses/<str:code>/expired/", stock_forms_pages.WriteOffExpired.as_view(), name="write_off_expired"),
]
