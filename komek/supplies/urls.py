from django.urls import path

from komek.supplies import views

urlpatterns = [
    path("supplies/add/", views.edit, name="supply_item_add"),
    path("supplies/<str:code>/", views.item, name="supply_item"),
    path("supplies/<str:code>/change/", views.edit, name="supply_item_change"),
    path("supplies/<str:code>/pack/", views.pack, name="supply_pack_add"),
    path("supplies/<str:code>/retire/", views.retire, name="supply_item_retire"),
]
