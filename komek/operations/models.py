"""Disasters and exercises being responded to."""

from __future__ import annotations

import pgtrigger
from django.contrib.gis.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Provenance


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
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("hazard type")
        verbose_name_plural = _("hazard types")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(glide_code="") | models.Q(glide_code__regex="^[A-Z]{2}$"),
                name="operations_hazardtype_glide_code_is_two_letters",
            ),
        )

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name

    def get_absolute_url(self) -> str:
        return reverse("hazard_type", args=[self.key])


class Phase(models.TextChoices):
    RELIEF = "relief", _("relief")
    RECOVERY = "recovery", _("recovery")
    REHABILITATION = "rehabilitation", _("rehabilitation")


@tracked()
class Operation(models.Model):
    """One disaster or exercise. Exercise data is marked everywhere and never mixes with real data.

    is_exercise: chosen once, when the operation is opened; the database refuses to change it.
    phase: the one in force now; which was in force when is in ``PhaseChange``.
    """

    slug = models.SlugField(_("short name for addresses"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=150)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    glide_number = models.CharField(_("GLIDE number"), max_length=20, blank=True)
    hazard_types = models.ManyToManyField(HazardType, verbose_name=_("hazards"), blank=True, related_name="operations")
    phase = models.CharField(_("phase"), max_length=20, choices=Phase.choices, default=Phase.RELIEF)
    is_exercise = models.BooleanField(_("is an exercise"), default=False)
    affected_areas = models.ManyToManyField(
        "places.Area", verbose_name=_("affected areas"), blank=True, related_name="affected_by"
    )
    affected_geometry = models.MultiPolygonField(_("affected area as drawn"), null=True, blank=True)
    summary = models.TextField(_("what happened"), blank=True)
    started_at = models.DateTimeField(_("began"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ("-started_at", "name")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")),
                name="operations_operation_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=("glide_number",),
                condition=~models.Q(glide_number="") & models.Q(is_exercise=False),
                name="operations_operation_unique_glide_number",
                violation_error_message=_("Another operation has this GLIDE number already."),
            ),
        )
        triggers = (pgtrigger.ReadOnly(name="kind_is_fixed", fields=["is_exercise"]),)

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name

    def get_absolute_url(self) -> str:
        return reverse("operation", args=[self.slug])

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@tracked()
class PhaseChange(Provenance):
    """That an operation entered a phase. ``occurred_at``: when the phase began; it lasts until the next one, or the end.

    The first one is made with the operation and begins with it.
    """

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="phase_changes", verbose_name=_("operation"))
    phase = models.CharField(_("phase"), max_length=20, choices=Phase.choices)
    note = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("change of phase")
        verbose_name_plural = _("changes of phase")
        ordering = ("occurred_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("operation", "occurred_at"), name="operations_phasechange_one_at_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.get_phase_display()}: {self.occurred_at:%Y-%m-%d}"


@tracked()
class OperationHazard(Operation.hazard_types.through):  # type: ignore[name-defined,misc]
    """A hazard of an operation, here so that history knows when it was added or taken away."""

    class Meta:
        proxy = True


@tracked()
class OperationArea(Operation.affected_areas.through):  # type: ignore[name-defined,misc]
    """An affected area of an operation, here so that history knows when it was added or taken away."""

    class Meta:
        proxy = True
