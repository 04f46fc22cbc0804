"""Addresses of the catalogue's pages that need forms of records and rows."""

from django.urls import path

from komek.web import catalogue_list, catalogue_pages, supply_pages

urlpatterns = [
    path("supplies/", catalogue_list.CatalogueList.as_view(), name="supplies"),
    path("catalogue/lists/", catalogue_pages.units_and_categories, name="catalogue_lists"),
    path("catalogue/units/add/", catalogue_pages.UnitEdit.as_view(), name="catalogue_unit_add"),
    path("catalogue/units/<int:pk>/", catalogue_pages.UnitEdit.as_view(), name="catalogue_unit"),
    path("catalogue/categories/add/", catalogue_pages.CategoryEdit.as_view(), name="catalogue_category_add"),
    path("catalogue/categories/<int:pk>/", catalogue_pages.CategoryEdit.as_view(), name="catalogue_category"),
    path("catalogue/packs/<int:pk>/", catalogue_pages.PackEdit.as_view(), name="catalogue_pack"),
    path("catalogue/packs/<int:pk>/remove/", catalogue_pages.pack_remove, name="catalogue_pack_remove"),
    path("catalogue/items/<int:pk>/names/", catalogue_pages.ItemNames.as_view(), name="catalogue_item_names"),
    path("catalogue/items/<int:pk>/use-again/", catalogue_pages.use_again, name="catalogue_item_use_again"),
    path("supplies/<str:code>/contents/", supply_pages.KitChange.as_view(), name="supply_kit"),
    path("supplies/<str:code>/needs/", supply_pages.NeedsChange.as_view(), name="supply_needs"),
]
