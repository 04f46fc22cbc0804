"""Filters of stock, of places on the shelf and of movements, shared by the pages and the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.models import Balance, Condition, Entry, Movement, MovementKind, ZoneKind
from inventory.shelf import is_usable
from komek.records.codes import MistypedCode, parse_code
from komek.supplies.catalogue import matching_items
from komek.supplies.models import Category, Item

STANDINGS = (
    ("usable", _("can be given out")),
    ("expired", _("expired")),
    ("blocked", _("blocked")),
    ("quarantine", _("in quarantine")),
    ("damaged", _("damaged")),
)


class ItemLookup(filters.CharFilter):
    """A text that names an item: its primary key, its code or its name; pages offer items by name."""

    lookup = "supplies.item"

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        if value.isdigit() and len(value) < 19:
            return queryset.filter(**{f"{self.field_name}__pk": int(value)})
        exact = Item.objects.filter(code__iexact=value)
        rows = exact if exact.exists() else matching_items(value, Item.objects.all())
        return queryset.filter(**{f"{self.field_name}__in": rows.values("pk")})


class ItemText(filters.CharFilter):
    """The same, where what is done with it is the filter set's ``method``."""

    lookup = "supplies.item"


class WarehouseLookup(filters.CharFilter):
    """A text that names a warehouse: its primary key or its code; pages offer warehouses by name."""

    lookup = "inventory.warehouse"

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        if value.isdigit() and len(value) < 19:
            return queryset.filter(**{f"{self.field_name}__pk": int(value)})
        try:
            return queryset.filter(**{f"{self.field_name}__code": parse_code(value, "CW")})
        except MistypedCode:
            return queryset.filter(**{f"{self.field_name}__name__icontains": value})


class StockFilter(filters.FilterSet):
    """Items with what there is of them (``stock_figures.stocked_items``)."""

    text = filters.CharFilter(label=_("Item: name or code"), method="by_text")
    category = filters.ModelMultipleChoiceFilter(label=_("Category"), queryset=Category.objects.all())
    is_out = filters.BooleanFilter(label=_("Out of stock"), method="by_out")
    is_below = filters.BooleanFilter(label=_("Below minimum"), method="by_minimum")
    has_expired = filters.BooleanFilter(label=_("Has expired goods"), method="by_expired")
    expiring_within = filters.NumberFilter(label=_("Expires within so many days"), method="by_expiry", min_value=0)

    class Meta:
        model = Item
        fields = ("text", "category")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return matching_items(value, queryset)

    def by_out(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(usable__lte=0) if value else queryset.filter(usable__gt=0)

    def by_minimum(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        below = Q(usable__lt=F("minimum"))
        return queryset.filter(below) if value else queryset.filter(Q(minimum=None) | Q(usable__gte=F("minimum")))

    def by_expired(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(expired__gt=0) if value else queryset.filter(expired=0)

    def by_expiry(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset.filter(first_expiry__lte=last_day(value))


def last_day(days: Any) -> Any:
    """The day so many days from today, however large the number."""
    return timezone.localdate() + timedelta(days=min(int(days), 40_000))


class PlaceFilter(filters.FilterSet):
    """Places on the shelf: what lies of a batch in a bin in a condition."""

    text = filters.CharFilter(
        label=_("Item, batch number, code or bin"), method="by_text", widget=forms.TextInput({"data-scan": "send"})
    )
    item = ItemLookup(label=_("Item"))
    bin = filters.CharFilter(label=_("Bin"), field_name="bin__label", lookup_expr="iexact")
    zone = filters.CharFilter(label=_("Zone"), field_name="bin__zone__name", lookup_expr="iexact")
    standing = filters.MultipleChoiceFilter(
        label=_("What can be done with it"), choices=STANDINGS, method="by_standing"
    )
    expiring_within = filters.NumberFilter(label=_("Expires within so many days"), method="by_expiry", min_value=0)

    class Meta:
        model = Balance
        fields: Any = ("text", "item", "bin", "zone")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """A code alone, a label as it is scanned (``W1232 A-01``), or words of an item, a batch number, a bin."""
        words = value.strip()
        first, _blank, label = words.partition(" ")
        try:
            code = parse_code(first if label and first[:1].upper() in "CW" else words, "BCW")
        except MistypedCode:
            items = matching_items(words, Item.objects.all()).values("pk")
            return queryset.filter(
                Q(item__in=items) | Q(batch__number__icontains=words) | Q(bin__label__icontains=words)
            )
        if code.startswith("B"):
            return queryset.filter(batch__code=code)
        rows = queryset.filter(warehouse__code=code)
        if label.startswith("#") and label[1:].isascii() and label[1:].isdigit() and len(label) < 19:
            return rows.filter(bin=int(label[1:]))
        return rows.filter(bin__label__iexact=label.strip()) if label else rows

    def by_standing(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        if not value:
            return queryset
        today = timezone.localdate()
        quarantine = Q(condition=Condition.QUARANTINE) | Q(bin__isnull=False, bin__zone__kind=ZoneKind.QUARANTINE)
        conditions = {
            "usable": is_usable(today),
            "expired": Q(batch__expires_on__lt=today),
            "blocked": Q(batch__is_blocked=True),
            "quarantine": quarantine,
            "damaged": Q(condition=Condition.DAMAGED),
        }
        wanted = Q()
        for key in value:
            wanted |= conditions[key]
        return queryset.filter(wanted)

    def by_expiry(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset.filter(is_usable(timezone.localdate()), batch__expires_on__lte=last_day(value))


class StockRowFilter(PlaceFilter):
    """The same for places of all warehouses."""

    warehouse = WarehouseLookup(field_name="warehouse", label=_("Warehouse"))


class MovementFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Code, document or recipient"), method="by_text")
    kind = filters.MultipleChoiceFilter(label=_("What happened"), choices=MovementKind.choices)
    warehouse = WarehouseLookup(label=_("Warehouse"))
    item = ItemText(label=_("Item"), method="by_item")
    since = filters.DateFilter(label=_("From this day"), field_name="occurred_at", lookup_expr="date__gte")
    until = filters.DateFilter(label=_("Until this day"), field_name="occurred_at", lookup_expr="date__lte")
    is_reversed = filters.BooleanFilter(
        label=_("Taken back"), field_name="reversed_by", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Movement
        fields = ("text", "kind")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        try:
            code = parse_code(value, "MBK")
        except MistypedCode:
            words = value.strip()
            return queryset.filter(
                Q(document__icontains=words) | Q(recipient__icontains=words) | Q(reason__icontains=words)
                | Q(site__name__icontains=words) | Q(organisation__name__icontains=words)
            )  # fmt: skip
        if code.startswith("M"):
            return queryset.filter(code=code)
        if code.startswith("K"):
            return queryset.filter(consignment__code=code)
        return queryset.filter(pk__in=Entry.objects.filter(batch__code=code).values("movement"))

    def by_item(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        entries = ItemLookup(field_name="item").filter(Entry.objects.all(), value)
        return queryset.filter(pk__in=entries.values("movement"))


class EntryFilter(MovementFilter):
    """The same questions asked of the lines of movements: those of the movements that ``MovementFilter`` leaves."""

    class Meta:
        model = Entry
        fields: Any = ()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = super().filter_queryset(Movement.objects.all())
        return queryset.filter(movement__in=chosen.order_by().values("pk"))
