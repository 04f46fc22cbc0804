"""Disasters and exercises being responded to."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked


@tracked()
class HazardType(models.Model):
    """What can happen, as data: earthquake, flood, mudflow, landslide, drought, epidemic, chemical spill, …

    glide_code: two letters of the GLIDE number (https://glidenumber.net), where the hazard has one.
    names: language code → name.
    """

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    glide_code = models.CharField(_("GLIDE code"), max_length=2, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("hazard type")
        verbose_name_plural = _("hazard types")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name


class Phase(models.TextChoices):
    RELIEF = "relief", _("relief")
    RECOVERY = "recovery", _("recovery")
    REHABILITATION = "rehabilitation", _("rehabilitation")


@tracked()
class Operation(models.Model):
    """One disaster or exercise. Exercise data is marked everywhere and never mixes with real data."""

    slug = models.SlugField(_("short name for addresses"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=150)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    glide_number = models.CharField(_("GLIDE number"), max_length=20, blank=True)
    hazard_types = models.ManyToManyField(HazardType, verbose_name=_("hazards"), blank=True)
    phase = models.CharField(_("phase"), max_length=20, choices=Phase.choices, default=Phase.RELIEF)
    is_exercise = models.BooleanField(_("is an exercise"), default=False)
    affected_areas = models.ManyToManyField(
        "places.Area", verbose_name=_("affected areas"), blank=True, related_name="affected_by"
    )
    affected_geometry = models.MultiPolygonField(_("affected area as drawn"), null=True, blank=True)
    summary = models.TextField(_("what happened"), blank=True)
    started_at = models.DateTimeField(_("began"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ("-started_at", "name")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")),
                name="operations_operation_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name

    @property
    def is_open(self) -> bool:
        return self.ended_at is None
