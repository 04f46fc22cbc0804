"""Resources of the catalogue: units, categories, items, packs, kits with contents, needs.

Everybody with an approved account reads them; who may change the catalogue changes them, with a token of scope ``supplies:write``.
"""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from komek.accounts.authority import Action
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.supplies.catalogue import (
    remove_pack,
    retire_item,
    save_category,
    save_item,
    save_pack,
    save_unit,
    use_item_again,
)
from komek.supplies.conversion import CannotConvert, to_base
from komek.supplies.filters import ItemFilter
from komek.supplies.kits import set_kit_contents
from komek.supplies.models import Category, Item, KitContent, Need, Pack, Unit
from komek.supplies.needs import remove_need, save_need

SCOPE = "supplies"


class NamesField(serializers.DictField):
    """Language code → name. Only the languages of this installation."""

    child = serializers.CharField(max_length=150)

    def to_internal_value(self, data: Any) -> Any:
        names = super().to_internal_value(data)
        unknown = sorted(set(names) - set(dict(settings.LANGUAGES)))
        if unknown:
            known = ", ".join(dict(settings.LANGUAGES))
            raise serializers.ValidationError(
                _("“%(code)s” is not one of the languages here: %(known)s.") % {"code": unknown[0][:20], "known": known}
            )
        return names


def item_field(**options: Any) -> Any:
    """An item by its code."""
    return serializers.SlugRelatedField[Item](
        slug_field="code", queryset=Item.objects.select_related("unit"), **options
    )


def amount_field(**options: Any) -> serializers.DecimalField:
    """An exact quantity; what it must not be is said by the catalogue's own sentences."""
    return serializers.DecimalField(max_digits=18, decimal_places=6, **options)


class UnitSerializer(serializers.ModelSerializer[Unit]):
    factor = amount_field(required=False)
    names = NamesField(required=False)

    class Meta:
        model = Unit
        fields = ("symbol", "name", "names", "dimension", "factor", "updated_at")
        read_only_fields = ("updated_at",)


class CategorySerializer(serializers.ModelSerializer[Category]):
    names = NamesField(required=False)
    parent = serializers.SlugRelatedField[Category](
        slug_field="key", queryset=Category.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = Category
        fields = ("key", "name", "names", "parent", "order", "updated_at")
        read_only_fields = ("updated_at",)


class ItemSerializer(serializers.ModelSerializer[Item]):
    """``aliases``: language code → other words people use for it."""

    names = NamesField(required=False)
    aliases = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=100)), required=False
    )
    external_codes = serializers.DictField(child=serializers.CharField(max_length=100), required=False)
    category = serializers.SlugRelatedField[Category](slug_field="key", queryset=Category.objects.all())
    unit = serializers.SlugRelatedField[Unit](slug_field="symbol", queryset=Unit.objects.all())
    replaced_by = serializers.SlugRelatedField[Item](slug_field="code", read_only=True)
    is_kit = serializers.BooleanField(read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Item
        fields = (
            "code", "name", "names", "aliases", "category", "unit", "description", "external_codes", "is_perishable",
            "is_hazardous", "coldest_c", "warmest_c", "weight_kg", "volume_l", "is_active", "replaced_by", "is_kit",
            "updated_at", "url",
        )  # fmt: skip
        read_only_fields = ("is_active", "updated_at")


class RetireSerializer(serializers.Serializer[Any]):
    replaced_by = item_field(required=False, allow_null=True, default=None)


class PackSerializer(serializers.ModelSerializer[Pack]):
    """``quantity``: base units of the item in one pack."""

    names = NamesField(required=False)
    item = item_field()
    quantity = amount_field()

    class Meta:
        model = Pack
        fields = ("id", "item", "name", "names", "quantity", "gtin", "updated_at")
        read_only_fields = ("id", "updated_at")
        validators = ()


class ContentSerializer(serializers.ModelSerializer[KitContent]):
    """``unit``: the unit the quantity is given in; left out, the item's own. Answers are always in the item's own."""

    item = item_field()
    quantity = amount_field()
    unit = serializers.SlugRelatedField[Unit](slug_field="symbol", queryset=Unit.objects.all(), required=False)

    class Meta:
        model = KitContent
        fields = ("item", "quantity", "unit")

    def to_representation(self, instance: KitContent) -> dict[str, Any]:
        instance.unit = instance.item.unit  # type: ignore[attr-defined]
        return super().to_representation(instance)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unit, item = attrs.pop("unit", None), attrs["item"]
        if unit is not None:
            try:
                attrs["quantity"] = to_base(attrs["quantity"], unit.measure, item.unit.measure)
            except CannotConvert as refusal:
                raise serializers.ValidationError({"unit": str(refusal)}) from refusal
        return attrs


class KitSerializer(serializers.ModelSerializer[Item]):
    """What the kit holds, as a whole: contents left out of a change are taken out of the kit."""

    contents = ContentSerializer(many=True)

    class Meta:
        model = Item
        fields = ("code", "name", "names", "contents", "is_active", "updated_at")
        read_only_fields = ("code", "name", "names", "is_active", "updated_at")

    def validate_contents(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        codes = [row["item"].code for row in rows]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise serializers.ValidationError(
                _("%(items)s: in two rows. Put them together in one.") % {"items": ", ".join(twice)}
            )
        return rows


class NeedSerializer(serializers.ModelSerializer[Need]):
    """``quantity``: in the item's base unit. ``purpose``: empty for all that is needed, else which part of it."""

    item = item_field()
    quantity = amount_field()

    class Meta:
        model = Need
        fields = (
            "id", "item", "quantity", "whom", "how_often", "purpose", "source", "note", "valid_from", "updated_at"
        )  # fmt: skip
        read_only_fields = ("id", "updated_at")
        validators = ()


class OfItemFilter(django_filters.FilterSet):
    item = django_filters.CharFilter(field_name="item__code")


class NeedFilter(OfItemFilter):
    class Meta:
        model = Need
        fields = ("whom", "how_often")


class CatalogueViewSet(RecordViewSet):
    """Any part of the catalogue. A change goes through the catalogue's functions and raises its version."""

    scope = SCOPE
    lookup_value_regex = "[^/]+"

    def who(self, actor: Actor) -> dict[str, Any]:
        """For the catalogue's functions."""
        return {"by": actor, "standing": self.standing}


def _with(record: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(record, name, value)
    return record


class UnitViewSet(CatalogueViewSet):
    """Units of measure. ``factor``: how many of the dimension's base unit one of it is."""

    queryset = Unit.objects.all()
    serializer_class = UnitSerializer
    lookup_field = "symbol"
    sort_fields = ("symbol", "dimension", "factor")
    default_sort = ("dimension", "factor")

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Unit:
        return save_unit(**self.who(actor), unit=Unit(**validated))

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Unit:
        return save_unit(**self.who(actor), unit=_with(record, validated))


class CategoryViewSet(CatalogueViewSet):
    """Categories of items."""

    queryset = Category.objects.select_related("parent")
    serializer_class = CategorySerializer
    lookup_field = "key"
    sort_fields = ("key", "name", "order")
    default_sort = ("order", "name")

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Category:
        return save_category(**self.who(actor), category=Category(**validated))

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Category:
        return save_category(**self.who(actor), category=_with(record, validated))


class ItemViewSet(CatalogueViewSet):
    """What relief goods there are. An item is never deleted: it is retired, perhaps replaced by another."""

    queryset = Item.objects.select_related("category", "unit", "replaced_by").annotate(
        is_kit=Exists(KitContent.objects.filter(kit=OuterRef("pk")))
    )
    serializer_class = ItemSerializer
    lookup_field = "code"
    filterset_class = ItemFilter
    sort_fields = ("code", "name", "updated_at")
    default_sort = ("code",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Item:
        return save_item(**self.who(actor), item=Item(**validated))

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Item:
        return save_item(**self.who(actor), item=_with(record, validated))

    @extend_schema(request=RetireSerializer, responses=ItemSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, **kwargs: Any) -> Any:
        """Take the item out of use, naming what replaces it if anything does."""
        asked = RetireSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with self.changing(Action.CHANGE) as (actor, record):
            retire_item(**self.who(actor), item=record, replaced_by=asked.validated_data["replaced_by"])
            return self._written(record)

    @extend_schema(request=None, responses=ItemSerializer)
    @action(detail=True, methods=["post"], url_path="use-again")
    def use_again(self, request: Request, **kwargs: Any) -> Any:
        """Take the item back into use."""
        with self.changing(Action.CHANGE) as (actor, record):
            use_item_again(**self.who(actor), item=record)
            return self._written(record)


class PackViewSet(CatalogueViewSet):
    """Packages of items: a carton of 24."""

    queryset = Pack.objects.select_related("item")
    serializer_class = PackSerializer
    filterset_class = OfItemFilter
    sort_fields = ("name", "quantity", "updated_at")
    default_sort = ("name",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Pack:
        return save_pack(**self.who(actor), pack=Pack(**validated))

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Pack:
        return save_pack(**self.who(actor), pack=_with(record, validated))

    def perform_delete_with(self, actor: Actor, record: Any) -> None:
        remove_pack(**self.who(actor), pack=record)


class KitViewSet(CatalogueViewSet):
    """Kits and what they hold. Any item becomes a kit by being given contents."""

    queryset = Item.objects.prefetch_related("contents__item__unit")
    serializer_class = KitSerializer
    lookup_field = "code"
    filterset_class = ItemFilter
    sort_fields = ("code", "name", "updated_at")
    default_sort = ("code",)
    row_version_includes_related = True

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kits = queryset.filter(Exists(KitContent.objects.filter(kit=OuterRef("pk"))))
        return super().filter_queryset(kits)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Item:
        if "contents" in validated:
            contents = {row["item"]: row["quantity"] for row in validated["contents"]}
            set_kit_contents(**self.who(actor), kit=record, contents=contents)
        kit: Item = record
        return kit


class NeedViewSet(CatalogueViewSet):
    """How much people need: dated, cited figures to plan with."""

    queryset = Need.objects.select_related("item")
    serializer_class = NeedSerializer
    filterset_class = NeedFilter
    sort_fields = ("valid_from", "updated_at")
    default_sort = ("-valid_from",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Need:
        return save_need(**self.who(actor), need=Need(**validated))

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Need:
        return save_need(**self.who(actor), need=_with(record, validated))

    def perform_delete_with(self, actor: Actor, record: Any) -> None:
        remove_need(**self.who(actor), need=record)


def register(router: ApiRouter) -> None:
    router.register("supplies/units", UnitViewSet)
    router.register("supplies/categories", CategoryViewSet)
    router.register("supplies/items", ItemViewSet)
    router.register("supplies/packs", PackViewSet)
    router.register("supplies/kits", KitViewSet)
    router.register("supplies/needs", NeedViewSet)
