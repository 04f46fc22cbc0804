"""Minimum standards as cited, editable data, and what was measured at a site."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from camps.models.camps import Camp
from komek.records.history import tracked
from komek.records.models import Provenance


class Comparison(models.TextChoices):
    """How a measured value meets its standard."""

    PER_PERSON = "per_person", _("at least so much for each person")
    PEOPLE_PER_UNIT = "people_per_unit", _("at most so many people for each unit")
    AT_MOST = "at_most", _("at most")
    AT_LEAST = "at_least", _("at least")
    IN_PLACE = "in_place", _("in place or not")


@tracked()
class Standard(models.Model):
    """One figure to compare with. An indicator of how people live, never a pass or fail mark.

    target: what to reach. first: what to reach in the first phase, when it differs. target_cold: in cold or urban
    sites. unit: of the measured value ("l a day", "toilets", "m²", "m"). source: publication, edition, chapter.
    """

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("what is measured"), max_length=150)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    sector = models.ForeignKey(
        "orgs.Sector", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sector")
    )
    comparison = models.CharField(_("comparison"), max_length=16, choices=Comparison.choices)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    units = models.JSONField(_("unit by language"), default=dict, blank=True)
    target = models.DecimalField(_("standard"), max_digits=12, decimal_places=3, null=True, blank=True)
    first = models.DecimalField(_("at first"), max_digits=12, decimal_places=3, null=True, blank=True)
    target_cold = models.DecimalField(_("in the cold"), max_digits=12, decimal_places=3, null=True, blank=True)
    item = models.ForeignKey(
        "supplies.Item",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("item that closes a gap"),
    )
    source = models.CharField(_("source"), max_length=300)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ("order", "key")

    def __str__(self) -> str:
        return self.name


@tracked()
class Measurement(Provenance):
    """What was measured at a site, at ``occurred_at``: the raw amount, such as 40 toilets or 12,000 l of water a day."""

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="measurements", verbose_name=_("site"))
    standard = models.ForeignKey(
        Standard, models.PROTECT, related_name="measurements", verbose_name=_("what is measured")
    )
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=3)
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False, editable=False)

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ("-occurred_at", "-pk")
        constraints = (models.CheckConstraint(condition=models.Q(value__gte=0), name="camps_measured_not_negative"),)
        indexes = (models.Index(fields=("camp", "standard", "-occurred_at"), name="camps_measurement_latest"),)

    def __str__(self) -> str:
        return f"{self.camp}: {self.standard} {self.value}"
