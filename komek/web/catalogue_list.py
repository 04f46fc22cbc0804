"""The catalogue's items as a list like any other: sorted, filtered, exported as shown."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.supplies.filters import ItemFilter
from komek.supplies.models import CatalogueVersion, Item, written
from komek.web.drawing import badge
from komek.web.lists import Column, ListPage, link_cell


class UseFilter(filters.ChoiceFilter):
    """Left open, items out of use are not shown."""

    when_open = gettext_lazy("in use")


class CatalogueFilter(ItemFilter):
    is_active = None
    use = UseFilter(
        method="by_use",
        label=gettext_lazy("In use"),
        choices=(("ended", gettext_lazy("out of use")), ("all", gettext_lazy("in use or not"))),
    )

    class Meta(ItemFilter.Meta):
        fields = tuple(name for name in ItemFilter.Meta.fields if name != "is_active")

    def by_use(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(is_active=False) if value == "ended" else queryset


def _to_keep_in_mind(item: Item) -> list[tuple[str, str]]:
    """Words and the shade of their badge."""
    holding = (
        (item.is_perishable, _("expires"), ""),
        (item.warmest_c is not None, _("cold chain"), "badge-warn"),
        (item.is_hazardous, _("dangerous goods"), "badge-danger"),
        (not item.is_active, _("out of use"), ""),
    )
    return [(word, shade) for holds, word, shade in holding if holds]


def _badges(item: Item) -> SafeString:
    return format_html_join(" ", "{}", ((badge(*one),) for one in _to_keep_in_mind(item)))


class CatalogueList(ListPage):
    key = "supplies.item"
    model = Item
    title = gettext_lazy("Catalogue")
    filterset_class = CatalogueFilter
    default_sort = "category"
    exchange_key = "supplies.item"
    template_name = "supplies/catalogue.html"
    add_url_name = "supply_item_add"
    add_title = gettext_lazy("Add an item")
    empty_text = gettext_lazy("The catalogue says what can be asked for, stocked and sent, and how it is counted.")
    columns = (
        Column("name", gettext_lazy("Item"), str, sort=("name",), cell=link_cell()),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column(
            "category",
            gettext_lazy("Category"),
            lambda item: str(item.category),
            sort=("category__order", "category__name", "name"),
        ),
        Column("unit", gettext_lazy("Counted in"), lambda item: str(item.unit), sort=("unit__name",)),
        Column(
            "keep_in_mind",
            gettext_lazy("Keep in mind"),
            lambda item: ", ".join(word for word, _shade in _to_keep_in_mind(item)),
            cell=_badges,
        ),
        Column(
            "weight_kg",
            gettext_lazy("Weight of one unit, kg"),
            lambda item: "" if item.weight_kg is None else written(item.weight_kg),
            sort=("weight_kg",),
            numeric=True,
            default=False,
        ),
        Column(
            "volume_l",
            gettext_lazy("Volume of one unit, l"),
            lambda item: "" if item.volume_l is None else written(item.volume_l),
            sort=("volume_l",),
            numeric=True,
            default=False,
        ),
        Column("updated_at", gettext_lazy("Changed"), "updated_at", sort=("updated_at",), default=False, nowrap=True),
    )

    def queryset(self) -> QuerySet[Any]:
        rows = Item.objects.select_related("unit", "category").defer("search_key", "description")
        return rows if self.request.GET.get("use") else rows.filter(is_active=True)

    def extra_context(self) -> dict[str, Any]:
        return {"version": CatalogueVersion.objects.first()}
