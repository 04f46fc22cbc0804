"""Administrative areas in any number of levels, their codes, names and boundaries, and the gazetteer of settlements."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.urls import reverse
from django.utils import timezone
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

    def get_absolute_url(self) -> str:
        return reverse("places:edition", args=[self.pk])


@tracked()
class Area(models.Model):
    """One administrative area of one generation. ``level`` 0 is the country; deeper levels count up.

    pcode: the place code humanitarians join data by: opaque text, never parsed (COD standard).
    names: language code → name.
    operation: set for areas invented for an exercise, which nobody else ever sees; ``None`` for real ones.
    """

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="areas", verbose_name=_("edition"))
    operation = models.ForeignKey(
        "operations.Operation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("exercise")
    )
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
        indexes = (
            models.Index(fields=("name",), name="places_area_name"),
        )  # for lists in the order of their areas' names

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name

    def get_absolute_url(self) -> str:
        return reverse("area", args=[self.pk])


class AreaPart(models.Model):
    """A piece of an area's boundary with at most 128 corners (``ST_Subdivide``).

    Asking which area holds a point reads a few small pieces through the index, where the whole boundary of a province would be
    read and tested corner by corner. Made anew whenever an edition is loaded; never edited.
    """

    area = models.ForeignKey(Area, models.CASCADE, related_name="parts")
    geometry = models.PolygonField()

    def __str__(self) -> str:
        return f"{self.area_id}"


class Comparison(models.Model):
    """What differs between two editions of a country. Derived; made anew whenever they are compared. ``counts``: kind → number."""

    before = models.ForeignKey(Generation, models.CASCADE, related_name="+", verbose_name=_("before"))
    after = models.ForeignKey(Generation, models.CASCADE, related_name="comparisons", verbose_name=_("after"))
    counts = models.JSONField(default=dict)
    is_running = models.BooleanField(default=False)
    made_at = models.DateTimeField(_("compared"), auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("before", "after"), name="places_comparison_once"),)

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class ChangeKind(models.TextChoices):
    GONE = "gone", _("gone")
    ADDED = "added", _("new")
    REUSED = "reused", _("code now names another place")
    RECODED = "recoded", _("code changed")
    MOVED = "moved", _("part of another area")
    RENAMED = "renamed", _("renamed")
    RESHAPED = "reshaped", _("boundary changed")


class AreaChange(models.Model):
    """One difference. ``was``, ``becomes``: names or codes in words; ``share``: of the old area that changed, 0–1."""

    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    old = models.ForeignKey(Area, models.CASCADE, null=True, related_name="+")
    new = models.ForeignKey(Area, models.CASCADE, null=True, related_name="+")
    was = models.CharField(max_length=300, blank=True)
    becomes = models.CharField(max_length=300, blank=True)
    share = models.FloatField(null=True)

    class Meta:
        indexes = (models.Index(fields=("comparison", "kind"), name="places_change_kind"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.was} → {self.becomes}"


class Succession(models.Model):
    """How much of an area of one edition an area of the next one covers, so that an old P-code leads to today's areas.

    share: of the old area, 0–1; share_of_new: of the new area, 0–1. is_same: the area goes on, perhaps under another code or name.
    """

    old = models.ForeignKey(Area, models.CASCADE, related_name="successions")
    new = models.ForeignKey(Area, models.CASCADE, related_name="predecessions")
    share = models.FloatField()
    share_of_new = models.FloatField()
    is_same = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("old", "new"), name="places_succession_once"),)
        ordering = ("-share",)

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id} ({self.share:.0%})"


class AreaCode(models.Model):
    """A code of an area in another system: ISO 3166-2, GeoNames, a ministry's own. Opaque text."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="codes")
    system = models.CharField(_("code system"), max_length=40)
    code = models.CharField(_("code"), max_length=60, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("area", "system", "code"), name="places_area_code_unique"),)

    def __str__(self) -> str:
        return f"{self.system} {self.code}"


class NameKind(models.TextChoices):
    OFFICIAL = "official", _("official name")
    ALIAS = "alias", _("also known as")
    FORMER = "former", _("former name")


class PlaceName(models.Model):
    """One name of an area or a settlement, folded for search. ``key``: see ``komek.places.keys``; ``plain``: ASCII letters."""

    area = models.ForeignKey(Area, models.CASCADE, null=True, related_name="place_names")
    settlement = models.ForeignKey("places.Settlement", models.CASCADE, null=True, related_name="place_names")
    kind = models.CharField(_("kind"), max_length=10, choices=NameKind.choices, default=NameKind.OFFICIAL)
    language = models.CharField(_("language"), max_length=10, blank=True)
    name = models.CharField(_("name"), max_length=200)
    key = models.CharField(max_length=200, db_index=True)
    plain = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(area__isnull=False) ^ models.Q(settlement__isnull=False),
                name="places_name_of_one_place",
            ),
        )
        indexes = (GinIndex(fields=("key",), opclasses=("gin_trgm_ops",), name="places_name_key_trigram"),)

    def __str__(self) -> str:
        return self.name


@tracked()
class Settlement(models.Model):
    """A town or village of the gazetteer. ``population`` 0 means that nobody knows.

    geonames_id: identifier in GeoNames (CC BY 4.0), for updating.
    """

    geonames_id = models.BigIntegerField(_("GeoNames id"), null=True, blank=True, unique=True)
    country = models.CharField(_("country"), max_length=2)
    name = models.CharField(_("name"), max_length=200)
    population = models.PositiveIntegerField(_("population"), default=0)
    location = models.PointField(_("location"), geography=True)
    area = models.ForeignKey(Area, models.SET_NULL, null=True, blank=True, related_name="settlements")

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("settlement", args=[self.pk])


class UploadState(models.TextChoices):
    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked, nothing loaded yet")
    LOADING = "loading", _("being loaded")
    LOADED = "loaded", _("loaded")
    FAILED = "failed", _("cannot be read")


class BoundaryUpload(models.Model):
    """Boundary files somebody sent, with the outcome of the last dry run. Working data, not a record; the edition is the record.

    mappings: layer → ``LayerMapping`` as JSON, where a person chose. layers: what was found, with sample values. counts: level →
    areas. findings: the first of what is wrong, as JSON; faults, warnings: how many in all. preview: simplified outlines as GeoJSON.
    """

    operation = models.ForeignKey("operations.Operation", models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    country = models.CharField(_("country"), max_length=2)
    name = models.CharField(_("edition"), max_length=100)
    source = models.CharField(_("source and licence"), max_length=300, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=UploadState.choices, default=UploadState.CHECKING)
    mappings = models.JSONField(default=dict)
    layers = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    faults = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    usable = models.PositiveIntegerField(default=0)
    preview = models.JSONField(null=True)
    leave_out_faulty = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    generation = models.ForeignKey(Generation, models.SET_NULL, null=True, related_name="uploads")
    created_at = models.DateTimeField(_("sent"), default=timezone.now)

    class Meta:
        verbose_name = _("boundary files")
        verbose_name_plural = _("boundary files")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.country} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("places:upload", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return self.state in (UploadState.CHECKING, UploadState.LOADING)


class BoundaryFile(models.Model):
    """One file of an upload. Removed from the disk once the edition is loaded; its fingerprint stays."""

    upload = models.ForeignKey(BoundaryUpload, models.CASCADE, related_name="files")
    name = models.CharField(_("file"), max_length=255)
    file = models.FileField(upload_to="boundaries/", blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
