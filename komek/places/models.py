"""Administrative areas in any number of levels, their codes, names and boundaries, and the gazetteer of settlements."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked


class GenerationState(models.TextChoices):
    LOADED = "loaded", _("loaded, not in use")
    ACTIVE = "active", _("in use")
    RETIRED = "retired", _("retired")


@tracked()
class Generation(models.Model):
    """One edition of a country's boundaries. Loaded first, compared, then activated; old ones stay readable."""

    country = models.CharField(_("country"), max_length=2)
    name = models.CharField(_("edition"), max_length=100)
    source = models.CharField(_("source and licence"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=GenerationState.choices, default=GenerationState.LOADED)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    loaded_at = models.DateTimeField(_("loaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("boundary edition")
        verbose_name_plural = _("boundary editions")
        constraints = (
            models.UniqueConstraint(fields=("country", "name"), name="places_generation_unique_name"),
            models.UniqueConstraint(
                fields=("country",), condition=models.Q(state="active"), name="places_generation_one_active"
            ),
        )

    def __str__(self) -> str:
        return f"{self.country} {self.name}"


@tracked()
class Area(models.Model):
    """One administrative area of one generation. ``level`` 0 is the country; deeper levels count up.

    pcode: the place code humanitarians join data by: opaque text, never parsed (COD standard).
    names: language code → name.
    """

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="areas", verbose_name=_("edition"))
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    pcode = models.CharField(_("P-code"), max_length=40)
    name = models.CharField(_("name"), max_length=150)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    geometry = models.MultiPolygonField(_("boundary"), null=True, blank=True)
    centre = models.PointField(_("centre"), null=True, blank=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("level", "name")
        constraints = (models.UniqueConstraint(fields=("generation", "pcode"), name="places_area_unique_pcode"),)

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name
