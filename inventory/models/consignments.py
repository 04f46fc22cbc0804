"""Consignments: goods on their way between sites, from being asked for to being received line by line."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from inventory.models.stock import Batch, Condition
from inventory.models.warehouses import Bin, Warehouse
from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from komek.supplies.models import amount
from orgs.models import Organisation, Site


class ConsignmentState(models.TextChoices):
    REQUESTED = "requested", _("asked for")
    PICKED = "picked", _("picked")
    LOADED = "loaded", pgettext_lazy("goods on a lorry", "loaded")
    DISPATCHED = "dispatched", _("dispatched")
    IN_TRANSIT = "in_transit", _("on the way")
    ARRIVED = "arrived", _("arrived")
    PARTLY_RECEIVED = "partly", _("partly received")
    RECEIVED = "received", _("received")
    CANCELLED = "cancelled", _("cancelled")


@tracked()
class Consignment(Coded, Provenance):
    """Goods that travel together. origin: ``None`` when a donor or supplier sends them from outside; then ``sender`` names who.

    destination: any site; goods for a warehouse come into its stock, goods for another site count as issued to it. organisation: whose
    consignment it is (the origin's, else the destination's). least_shelf_life_days: goods must be usable that long after arrival.
    request_reference: the request it answers, by its code. split_from: the consignment it was split off.
    """

    CODE_LETTER: ClassVar[str] = "K"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sent by organisation")
    )
    origin = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, blank=True, related_name="outgoing", verbose_name=_("from warehouse")
    )
    sender = models.CharField(_("sent by, when from outside"), max_length=200, blank=True)
    destination = models.ForeignKey(Site, models.PROTECT, related_name="incoming", verbose_name=_("to site"))
    state = models.CharField(
        _("state"), max_length=10, choices=ConsignmentState.choices, default=ConsignmentState.REQUESTED
    )
    request_reference = models.CharField(_("answers request"), max_length=60, blank=True)
    wanted_by = models.DateField(_("wanted by"), null=True, blank=True)
    least_shelf_life_days = models.PositiveSmallIntegerField(_("usable at least, days after arrival"), default=0)
    vehicle = models.CharField(_("vehicle and number plate"), max_length=100, blank=True)
    driver = models.CharField(_("driver"), max_length=150, blank=True)
    driver_phone = PhoneNumberField(_("driver's phone"), blank=True)
    carrier = models.CharField(_("carrier"), max_length=150, blank=True)
    route = models.CharField(_("route"), max_length=300, blank=True)
    seal = models.CharField(_("seal number"), max_length=60, blank=True)
    picked_at = models.DateTimeField(_("picked"), null=True, blank=True)
    loaded_at = models.DateTimeField(pgettext_lazy("goods on a lorry", "loaded"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    expected_at = models.DateTimeField(_("expected"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="splits", verbose_name=_("split off from")
    )
    cancel_reason = models.CharField(_("why it was cancelled"), max_length=300, blank=True)
    note = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("consignment")
        verbose_name_plural = _("consignments")
        ordering = ("-occurred_at", "-pk")
        indexes = (
            models.Index(fields=("operation", "state", "-occurred_at"), name="inventory_consignment_state"),
            models.Index(fields=("destination", "state"), name="inventory_consignment_to"),
            models.Index(fields=("origin", "state"), name="inventory_consignment_from"),
        )

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("inventory:consignment", args=[self.code])


@tracked()
class ConsignmentLine(models.Model):
    """What is asked for: an item and how much, in its base unit. as_written: the words of a packing list it came from.

    reservation: what was held for it before it became a consignment, if anything.
    """

    consignment = models.ForeignKey(Consignment, models.CASCADE, related_name="lines")
    item = models.ForeignKey("supplies.Item", models.PROTECT, related_name="+", verbose_name=_("item"))
    pack = models.ForeignKey(
        "supplies.Pack", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pack")
    )
    quantity = amount(_("quantity asked for"))
    as_written = models.CharField(_("as written on the list"), max_length=300, blank=True)
    reservation = models.ForeignKey(
        "inventory.Reservation", models.PROTECT, null=True, blank=True, editable=False, related_name="lines"
    )
    order = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("line of a consignment")
        verbose_name_plural = _("lines of consignments")
        ordering = ("consignment", "order", "pk")
        constraints = (models.CheckConstraint(condition=models.Q(quantity__gt=0), name="inventory_line_is_something"),)

    def __str__(self) -> str:
        return f"{self.consignment}: {self.item}"


@tracked()
class Parcel(models.Model):
    """A quantity of one batch in a consignment: what is picked for a line, and what is loaded of it.

    bin: where it is taken from; ``None`` for consignments from outside, and for goods without a bin.
    """

    consignment = models.ForeignKey(Consignment, models.CASCADE, related_name="parcels")
    line = models.ForeignKey(ConsignmentLine, models.CASCADE, related_name="parcels")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="parcels", verbose_name=_("batch"))
    bin = models.ForeignKey(Bin, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bin"))
    quantity = amount(_("quantity picked"))
    is_loaded = models.BooleanField(pgettext_lazy("goods on a lorry", "loaded"), default=False)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ("consignment", "line", "pk")
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="inventory_parcel_is_something"),
        )

    def __str__(self) -> str:
        return f"{self.batch}: {self.quantity}"


@tracked()
class Delivery(Provenance):
    """One act of receiving: a consignment may come in parts. key: the receiver's own name for it; a resend is the same."""

    consignment = models.ForeignKey(Consignment, models.CASCADE, related_name="deliveries")
    is_last = models.BooleanField(_("nothing more is to come"), default=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    key = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("occurred_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("consignment", "key"), condition=~models.Q(key=""), name="inventory_delivery_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.consignment}: {timezone.localtime(self.occurred_at):%Y-%m-%d %H:%M}"


@tracked()
class DeliveryLine(models.Model):
    """What arrived of a parcel, in the item's base unit: good, damaged, short (sent but missing).

    over: how much of what arrived is more than was sent. A parcel put into several bins has a line for each.
    explanation: required wherever something is short, damaged or over.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="lines")
    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="received", verbose_name=_("parcel"))
    bin = models.ForeignKey(Bin, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("put in bin"))
    good = amount(_("received in good order"), default=0)
    damaged = amount(_("damaged"), default=0)
    short = amount(_("missing"), default=0)
    over = amount(_("more than sent"), default=0)
    explanation = models.CharField(_("explanation"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("line of a delivery")
        verbose_name_plural = _("lines of deliveries")
        ordering = ("delivery", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("delivery", "parcel", "bin"), nulls_distinct=False, name="inventory_delivery_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(good__gte=0, damaged__gte=0, short__gte=0, over__gte=0),
                name="inventory_delivery_line_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(damaged=0, short=0, over=0) | ~models.Q(explanation=""),
                name="inventory_discrepancy_is_explained",
            ),
        )

    def __str__(self) -> str:
        return f"{self.delivery}: {self.parcel}"

    @property
    def condition_of_damaged(self) -> str:
        """Damaged goods stay apart on the shelf."""
        return Condition.DAMAGED


@tracked()
class Position(Provenance):
    """Where a consignment was seen on its way. location: EPSG:4326."""

    consignment = models.ForeignKey(Consignment, models.CASCADE, related_name="positions")
    location = models.PointField(_("location"), srid=4326)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("position on the way")
        verbose_name_plural = _("positions on the way")
        ordering = ("-occurred_at", "-pk")

    def __str__(self) -> str:
        return f"{self.consignment}: {self.location.y:.4f}, {self.location.x:.4f}"
