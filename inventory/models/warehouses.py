"""Warehouses: sites with zones and bins, what they hold at most, who keeps them, and how lorries get there."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.core.validators import MinValueValidator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from komek.records.history import tracked
from komek.records.models import Provenance
from komek.supplies.models import amount
from orgs.models import Site


class LorryAccess(models.TextChoices):
    UNKNOWN = "unknown", _("not known")
    TRAILER = "trailer", _("any lorry, with trailer")
    TWENTY_TONNES = "t20", _("lorries up to 20 t")
    TEN_TONNES = "t10", _("lorries up to 10 t")
    VAN = "van", _("vans only")
    OFF_ROAD = "off_road", _("off-road vehicles only")
    NONE = "none", _("cut off")


@tracked()
class Warehouse(Site):
    """A site that keeps stock. The site keeps name, location, who runs it, opening hours, and whether it is open.

    floor_area_m2, volume_m3, pallet_places: what it holds at most. coldest_c and warmest_c: the range it keeps, when it
    is a cold store as a whole; a single cold room is a zone. silent_after_days: with no movement entered for longer, its
    ledger counts as silent.
    """

    CODE_LETTER: ClassVar[str] = "W"

    floor_area_m2 = models.PositiveIntegerField(_("floor area, m²"), null=True, blank=True)
    volume_m3 = models.PositiveIntegerField(_("room for goods, m³"), null=True, blank=True)
    pallet_places = models.PositiveIntegerField(_("pallet places"), null=True, blank=True)
    coldest_c = models.DecimalField(_("kept above, °C"), max_digits=4, decimal_places=1, null=True, blank=True)
    warmest_c = models.DecimalField(_("kept below, °C"), max_digits=4, decimal_places=1, null=True, blank=True)
    lorry_access = models.CharField(
        _("access for lorries"), max_length=8, choices=LorryAccess.choices, default=LorryAccess.UNKNOWN
    )
    lorry_note = models.CharField(_("about getting there and unloading"), max_length=300, blank=True)
    has_loading_dock = models.BooleanField(_("loading dock"), default=False)
    has_forklift = models.BooleanField(_("forklift"), default=False)
    silent_after_days = models.PositiveSmallIntegerField(_("counts as silent after, days"), default=7)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(coldest_c=None)
                | models.Q(warmest_c=None)
                | models.Q(coldest_c__lte=models.F("warmest_c")),
                name="inventory_warehouse_temperature_range",
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("inventory:warehouse", args=[self.code])


@tracked()
class Keeper(models.Model):
    """Somebody who keeps a warehouse: an account, or a name with a number where there is none."""

    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="keepers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    note = models.CharField(_("when to reach them"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("keeper")
        verbose_name_plural = _("keepers")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("warehouse", "user"), condition=~models.Q(user=None), name="inventory_keeper_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(user=None) | ~models.Q(name=""), name="inventory_keeper_is_somebody"
            ),
        )

    def __str__(self) -> str:
        return self.name or str(self.user)


class ZoneKind(models.TextChoices):
    GENERAL = "general", pgettext_lazy("zone of a warehouse", "general")
    RECEIVING = "receiving", _("receiving")
    DISPATCH = "dispatch", _("dispatch")
    COLD = "cold", _("cold room")
    HAZARDOUS = "hazardous", _("dangerous goods")
    QUARANTINE = "quarantine", _("quarantine")
    SORTING = "sorting", _("sorting of unsolicited goods")


@tracked()
class Zone(models.Model):
    """A part of a warehouse: a hall, a cold room, the yard. Goods in a quarantine zone are never picked."""

    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="zones")
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=ZoneKind.choices, default=ZoneKind.GENERAL)
    coldest_c = models.DecimalField(_("kept above, °C"), max_digits=4, decimal_places=1, null=True, blank=True)
    warmest_c = models.DecimalField(_("kept below, °C"), max_digits=4, decimal_places=1, null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ("warehouse", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("warehouse", "name"),
                name="inventory_zone_name_once",
                violation_error_message=_("This warehouse has a zone of this name already."),
            ),
            models.CheckConstraint(
                condition=models.Q(coldest_c=None)
                | models.Q(warmest_c=None)
                | models.Q(coldest_c__lte=models.F("warmest_c")),
                name="inventory_zone_temperature_range",
            ),
        )

    def __str__(self) -> str:
        return self.name


@tracked()
class Bin(models.Model):
    """A place in a zone that one can walk to and scan: a rack, a shelf, a pallet place.

    label: as painted on it (``A-03-2``), once in a warehouse. pick_order: the order in which one walks by.
    """

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="bins")
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="bins")
    label = models.CharField(_("label"), max_length=30)
    pallet_places = models.PositiveSmallIntegerField(_("pallet places"), null=True, blank=True)
    pick_order = models.PositiveIntegerField(_("order of walking"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("bin")
        verbose_name_plural = _("bins")
        ordering = ("warehouse", "pick_order", "label")
        constraints = (
            models.UniqueConstraint(
                fields=("warehouse", "label"),
                name="inventory_bin_label_once",
                violation_error_message=_("This warehouse has a bin of this label already."),
            ),
        )

    def __str__(self) -> str:
        return self.label


@tracked()
class StockLevel(models.Model):
    """The least a warehouse should have of an item, and up to how much to fill it again. In the item's base unit."""

    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="levels")
    item = models.ForeignKey("supplies.Item", models.PROTECT, related_name="+", verbose_name=_("item"))
    minimum = amount(_("never below"), validators=[MinValueValidator(0)])
    target = amount(_("fill up to"), null=True, blank=True, validators=[MinValueValidator(0)])
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ("warehouse", "item")
        constraints = (
            models.UniqueConstraint(
                fields=("warehouse", "item"),
                name="inventory_level_once",
                violation_error_message=_("This item has a level here already. Change that one."),
            ),
            models.CheckConstraint(
                condition=models.Q(target=None) | models.Q(target__gte=models.F("minimum")),
                name="inventory_level_target_above_minimum",
                violation_error_message=_("“Fill up to” must not be less than “never below”."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.warehouse}: {self.item}"


@tracked()
class TemperatureReading(Provenance):
    """A temperature read in a warehouse or one of its zones, in °C."""

    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="temperatures")
    zone = models.ForeignKey(Zone, models.CASCADE, null=True, blank=True, related_name="temperatures")
    celsius = models.DecimalField(_("°C"), max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = _("temperature reading")
        verbose_name_plural = _("temperature readings")
        ordering = ("-occurred_at", "-pk")
        indexes = (models.Index(fields=("warehouse", "zone", "-occurred_at"), name="inventory_temp_newest"),)

    def __str__(self) -> str:
        return f"{self.zone or self.warehouse}: {self.celsius} °C"
