"""Goods nobody asked for: sorted by priority beside the stock, so that they do not clog it."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models.stock import Movement
from inventory.models.warehouses import Warehouse
from komek.records.history import tracked
from komek.records.models import Provenance
from komek.supplies.models import amount
from orgs.models import Organisation


class Priority(models.TextChoices):
    """Priorities of sorting after the practice of the Pan American Health Organization's supply management (SUMA)."""

    UNSORTED = "unsorted", _("not sorted yet")
    URGENT = "urgent", _("urgent: distribute at once")
    USEFUL = "useful", _("useful: keep")
    NOT_NEEDED = "not_needed", _("not needed here")
    DISCARD = "discard", _("discard")


class Outcome(models.TextChoices):
    WAITING = "waiting", _("waiting")
    STOCKED = "stocked", _("taken into stock")
    PASSED_ON = "passed_on", _("passed on")
    DISCARDED = "discarded", _("discarded")


@tracked()
class UnsolicitedGoods(Provenance):
    """A heap of goods that came without being asked for. packages, weight_kg, volume_m3: as estimated on arrival."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="unsolicited", verbose_name=_("warehouse"))
    description = models.CharField(_("what it is"), max_length=300)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("donor")
    )
    donor_name = models.CharField(_("donor, when not registered"), max_length=200, blank=True)
    packages = models.PositiveIntegerField(_("packages"), null=True, blank=True)
    weight_kg = amount(_("weight, kg"), null=True, blank=True)
    volume_m3 = amount(_("volume, m³"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    place = models.CharField(_("where it lies"), max_length=100, blank=True)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority.choices, default=Priority.UNSORTED)
    outcome = models.CharField(_("what became of it"), max_length=9, choices=Outcome.choices, default=Outcome.WAITING)
    movement = models.ForeignKey(Movement, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("unsolicited goods")
        verbose_name_plural = _("unsolicited goods")
        ordering = ("-occurred_at", "-pk")

    def __str__(self) -> str:
        return self.description

    def get_absolute_url(self) -> str:
        return reverse("inventory:unsolicited_one", args=[self.pk])
