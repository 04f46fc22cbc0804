"""Hospitals: beds and the status of services (after OASIS EDXL-HAVE 2.0). Health watch: counts of syndromes by day."""

from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from camps.models.camps import Camp
from komek.records.history import tracked
from komek.records.models import Provenance


class ServiceStatus(models.TextChoices):
    """The colours that EDXL-HAVE 2.0 gives to a service, in words."""

    UNKNOWN = "unknown", _("not known")
    NORMAL = "normal", _("normal")
    STRAINED = "strained", _("under strain")
    CRITICAL = "critical", _("about to fail")
    NONE = "none", _("not working")


class BedKind(models.TextChoices):
    ADULT_ICU = "adult_icu", _("intensive care, adults")
    PAEDIATRIC_ICU = "paediatric_icu", _("intensive care, children")
    NEONATAL_ICU = "neonatal_icu", _("intensive care, newborn")
    EMERGENCY = "emergency", _("emergency")
    SURGICAL = "surgical", _("surgery")
    MEDICAL = "medical", _("general")
    PAEDIATRIC = "paediatric", _("children")
    MATERNITY = "maternity", _("maternity")
    BURNS = "burns", _("burns")
    ISOLATION = "isolation", _("isolation")
    PSYCHIATRIC = "psychiatric", _("psychiatry")
    REHABILITATION = "rehabilitation", _("rehabilitation")
    DIALYSIS = "dialysis", _("dialysis")


@tracked()
class HospitalReport(Provenance):
    """The state of a hospital at ``occurred_at``. Reports are added, never overwritten; the newest by event time counts."""

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="hospital_reports", verbose_name=_("hospital"))
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    overall = models.CharField(_("overall"), max_length=8, choices=ServiceStatus.choices, default=ServiceStatus.UNKNOWN)
    emergency = models.CharField(
        _("emergency department"), max_length=8, choices=ServiceStatus.choices, default=ServiceStatus.UNKNOWN
    )
    staffing = models.CharField(_("staff"), max_length=8, choices=ServiceStatus.choices, default=ServiceStatus.UNKNOWN)
    power = models.CharField(_("power"), max_length=8, choices=ServiceStatus.choices, default=ServiceStatus.UNKNOWN)
    water = models.CharField(_("water"), max_length=8, choices=ServiceStatus.choices, default=ServiceStatus.UNKNOWN)
    oxygen = models.CharField(_("oxygen"), max_length=8, choices=ServiceStatus.choices, default=ServiceStatus.UNKNOWN)
    services = models.JSONField(
        _("services"), default=dict, blank=True, help_text=_("Status by service: surgery, dialysis, blood bank …")
    )
    patients_waiting = models.PositiveIntegerField(_("patients waiting"), null=True, blank=True)
    staff_on_duty = models.PositiveIntegerField(_("staff on duty"), null=True, blank=True)
    fuel_hours = models.PositiveIntegerField(_("fuel for the generator, hours"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("hospital report")
        verbose_name_plural = _("hospital reports")
        ordering = ("-occurred_at", "-pk")
        indexes = (models.Index(fields=("camp", "-occurred_at"), name="camps_hospital_latest"),)

    def __str__(self) -> str:
        return f"{self.camp}: {self.get_overall_display()}"

    def get_absolute_url(self) -> str:
        return reverse("camps:hospital", args=[self.camp.code])


@tracked()
class BedCount(models.Model):
    """Beds of one kind in a hospital report: how many there are, and how many are free."""

    report = models.ForeignKey(HospitalReport, models.CASCADE, related_name="beds")
    kind = models.CharField(_("kind of bed"), max_length=16, choices=BedKind.choices)
    total = models.PositiveIntegerField(_("beds"))
    available = models.PositiveIntegerField(_("free"))

    class Meta:
        verbose_name = _("beds")
        verbose_name_plural = _("beds")
        ordering = ("report", "pk")
        constraints = (
            models.UniqueConstraint(fields=("report", "kind"), name="camps_one_bed_count_per_kind"),
            models.CheckConstraint(condition=models.Q(available__lte=models.F("total")), name="camps_free_beds_exist"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.available}/{self.total}"


@tracked()
class Syndrome(models.Model):
    """A sign of disease that is counted by site and day, with its editable alert thresholds.

    alert_cases: so many cases within ``window_days`` raise an alert. alert_ratio: so many times the average of the three
    windows before. alert_per_10000: so many cases per 10,000 people within the window. Any that is met raises the alert.
    """

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("syndrome"), max_length=120)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    definition = models.TextField(_("case definition"), blank=True)
    definitions = models.JSONField(_("case definitions by language"), default=dict, blank=True)
    alert_cases = models.PositiveIntegerField(_("alert from, cases"), null=True, blank=True)
    alert_ratio = models.DecimalField(
        _("alert from, times the average"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    alert_per_10000 = models.DecimalField(
        _("alert from, cases per 10,000 people"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    window_days = models.PositiveSmallIntegerField(_("within, days"), default=7)
    source = models.CharField(_("source"), max_length=300)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("syndrome")
        verbose_name_plural = _("syndromes")
        ordering = ("order", "key")

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name

    def get_absolute_url(self) -> str:
        return reverse("camps:health_thresholds")

    @property
    def definition_here(self) -> str:
        """The case definition in the reader's language, or as it was first written."""
        return self.definitions.get(get_language() or "en") or self.definition


@tracked()
class SyndromeCount(Provenance):
    """Cases of a syndrome at a site on one day. One figure per site, syndrome and day; a correction keeps the old in history.

    A day without a report is not a day with zero cases.
    """

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="syndrome_counts", verbose_name=_("site"))
    syndrome = models.ForeignKey(Syndrome, models.PROTECT, related_name="counts", verbose_name=_("syndrome"))
    day = models.DateField(_("day"))
    under_five = models.PositiveIntegerField(_("cases under 5 years"), default=0)
    five_and_over = models.PositiveIntegerField(_("cases of 5 years and over"), default=0)
    deaths = models.PositiveIntegerField(_("deaths"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("cases of a syndrome")
        verbose_name_plural = _("cases of syndromes")
        ordering = ("-day", "camp", "syndrome")
        constraints = (models.UniqueConstraint(fields=("camp", "syndrome", "day"), name="camps_one_count_per_day"),)
        indexes = (models.Index(fields=("syndrome", "-day"), name="camps_syndrome_by_day"),)

    def __str__(self) -> str:
        return f"{self.camp}: {self.syndrome} {self.day}"

    @property
    def cases(self) -> int:
        return self.under_five + self.five_and_over

    def get_absolute_url(self) -> str:
        return reverse("camps:health", args=[self.camp.code])
