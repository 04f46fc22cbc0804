"""The catalogue: what relief goods there are, in which units and packs, what kits hold, and what a person needs."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.supplies.conversion import UnitOfMeasure

POSITIVE = MinValueValidator(Decimal("0.000001"))


def plain(quantity: Decimal) -> str:
    """A quantity without needless zeros and without an exponent: ``2.5``, ``1500``."""
    return f"{quantity.normalize():f}"


def written(quantity: Decimal) -> str:
    """The same for reading, in the reader's language: ``2.5``, ``1,500``, in Russian ``2,5`` and ``1 500``."""
    return number_format(plain(quantity), force_grouping=True)


def amount(label: object, **options: object) -> models.DecimalField[Decimal, Decimal]:
    """An exact quantity: eighteen digits, six of them after the point."""
    return models.DecimalField(label, max_digits=18, decimal_places=6, **options)  # type: ignore[arg-type]


class Dated(models.Model):
    """When it was last changed, so that two people, or a person and an import, do not overwrite each other unknowingly."""

    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        abstract = True


class Named(Dated):
    """A name in the installation's working language, and names by language code."""

    name = models.CharField(_("name"), max_length=150)
    names = models.JSONField(_("names by language"), default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name


class Dimension(models.TextChoices):
    COUNT = "count", _("number")
    MASS = "mass", _("mass")
    VOLUME = "volume", _("volume")
    LENGTH = "length", _("length")
    AREA = "area", _("area")
    TIME = "time", _("time")


@tracked()
class Unit(Named):
    """A unit of measure. ``factor``: how many of the dimension's base unit (piece, kg, l, m, m², day) one of it is."""

    symbol = models.CharField(_("symbol"), max_length=12, unique=True)
    dimension = models.CharField(_("dimension"), max_length=8, choices=Dimension.choices)
    factor = amount(_("in base units"), default=Decimal(1), validators=[POSITIVE])

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ("dimension", "factor")

    def get_absolute_url(self) -> str:
        return reverse("catalogue_lists")

    @property
    def measure(self) -> UnitOfMeasure:
        """The unit as plain data, for ``conversion``."""
        return UnitOfMeasure(self.symbol, self.dimension, self.factor)


@tracked()
class Category(Named):
    key = models.SlugField(_("key"), max_length=40, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("order", "name")

    def get_absolute_url(self) -> str:
        return reverse("catalogue_lists")


@tracked(exclude=("search_key",))
class Item(Named):
    """Something that can be asked for, stocked and sent. Never deleted once used: retired, perhaps replaced.

    code: opaque text. aliases: language code → words people use for it, for search and SMS.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="items", verbose_name=_("category"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("base unit"))
    aliases = models.JSONField(_("other names by language"), default=dict, blank=True)
    description = models.TextField(_("description"), blank=True)
    external_codes = models.JSONField(_("codes in other catalogues"), default=dict, blank=True)
    is_perishable = models.BooleanField(_("expires"), default=False)
    is_hazardous = models.BooleanField(_("dangerous goods"), default=False)
    coldest_c = models.DecimalField(_("keep above, °C"), max_digits=4, decimal_places=1, null=True, blank=True)
    warmest_c = models.DecimalField(_("keep below, °C"), max_digits=4, decimal_places=1, null=True, blank=True)
    weight_kg = amount(_("weight of one unit, kg"), null=True, blank=True)
    volume_l = amount(_("volume of one unit, l"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaced by")
    )
    search_key = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ("category", "name")
        indexes = (
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="supplies_item_search"),
            models.Index(fields=("name",), name="supplies_item_name"),  # for lists in the order of their items' names
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(coldest_c=None)
                | models.Q(warmest_c=None)
                | models.Q(coldest_c__lte=models.F("warmest_c")),
                name="supplies_item_temperature_range",
            ),
            models.CheckConstraint(
                condition=~models.Q(replaced_by=models.F("pk")), name="supplies_item_not_replaced_by_itself"
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("supply_item", args=[self.code])


@tracked()
class Pack(Named):
    """A package of an item: a carton of 24. ``quantity``: base units of the item in it. ``gtin``: its barcode's number."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="packs", verbose_name=_("item"))
    quantity = amount(_("units in it"), validators=[POSITIVE])
    gtin = models.CharField(_("barcode number (GTIN)"), max_length=14, blank=True)

    class Meta:
        verbose_name = _("pack")
        verbose_name_plural = _("packs")
        ordering = ("quantity",)
        constraints = (
            models.UniqueConstraint(fields=("item", "name"), name="supplies_pack_unique_name"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="supplies_pack_holds_something"),
        )

    def get_absolute_url(self) -> str:
        return self.item.get_absolute_url()


@tracked()
class KitContent(Dated):
    """One kind of thing in a kit. A kit never holds itself, at any depth (``supplies.catalogue``)."""

    kit = models.ForeignKey(Item, models.PROTECT, related_name="contents", verbose_name=_("kit"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="in_kits", verbose_name=_("item"))
    quantity = amount(_("units in it"), validators=[POSITIVE])

    class Meta:
        verbose_name = _("content of a kit")
        verbose_name_plural = _("contents of kits")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("kit", "item"), name="supplies_kit_content_unique"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="supplies_kit_content_is_something"),
        )

    def __str__(self) -> str:
        return f"{self.kit}: {self.item} × {plain(self.quantity)}"


class Whom(models.TextChoices):
    PERSON = "person", _("per person")
    HOUSEHOLD = "household", _("per household")


class HowOften(models.TextChoices):
    ONCE = "once", _("once")
    DAY = "day", _("a day")
    MONTH = "month", _("a month")


@tracked()
class Need(Dated):
    """How much somebody needs, as a dated, cited, editable figure. An indicator to plan with, not a standard to pass.

    purpose: empty for all that is needed of the item; else which part of it, such as "of it for drinking".
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="needs", verbose_name=_("item"))
    purpose = models.CharField(_("for what"), max_length=80, blank=True)
    quantity = amount(_("quantity in base units"), validators=[POSITIVE])
    whom = models.CharField(_("for whom"), max_length=10, choices=Whom.choices, default=Whom.PERSON)
    how_often = models.CharField(_("how often"), max_length=8, choices=HowOften.choices, default=HowOften.ONCE)
    source = models.CharField(_("source"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ("item", "-valid_from", "purpose", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("item", "purpose", "whom", "how_often", "valid_from", "source"),
                name="supplies_need_said_once",
                deferrable=models.Deferrable.DEFERRED,  # two figures may swap what tells them apart
                violation_error_message=_("This source says this of the same day already."),
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="supplies_need_is_something"),
        )

    def __str__(self) -> str:
        words = (
            f"{plain(self.quantity)} {self.item.unit.symbol} {self.get_whom_display()} {self.get_how_often_display()}"
        )
        return f"{words} ({self.purpose})" if self.purpose else words


class CatalogueVersion(models.Model):
    """One edition of the catalogue: raised by every change, so that two installations can tell whose is newer."""

    LOADED: ClassVar[str] = "shipped"

    number = models.PositiveIntegerField(unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return str(self.number)
