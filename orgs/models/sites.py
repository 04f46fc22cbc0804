"""Sites: any fixed place that somebody runs. Camps and warehouses are sites (multi-table inheritance)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.addresses import address_of
from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from orgs.models.organisations import Organisation
from orgs.models.tallies import tally_triggers


class SiteKind(models.TextChoices):
    OFFICE = "office", _("office")
    WAREHOUSE = "warehouse", _("warehouse")
    CAMP = "camp", _("camp")
    HOSPITAL = "hospital", _("hospital")
    CLINIC = "clinic", _("clinic or health post")
    DISTRIBUTION = "distribution", _("distribution point")
    RECEPTION = "reception", _("reception point")
    SCHOOL = "school", _("school")
    TRANSPORT = "transport", _("airport, port or station")
    OTHER = "other", _("other")


class Opening(models.TextChoices):
    PLANNED = "planned", _("planned")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class Damage(models.TextChoices):
    UNKNOWN = "unknown", _("not assessed")
    NONE = "none", _("no damage")
    LIGHT = "light", _("light damage, in use")
    SEVERE = "severe", _("severe damage, partly in use")
    DESTROYED = "destroyed", _("destroyed or unusable")


@tracked(exclude=("search_key",))
class Site(Coded, Provenance):
    """A place with a location, run by an organisation.

    location: longitude and latitude, EPSG:4326. capacity: in ``capacity_unit`` (people, beds, m², pallets, …).
    """

    CODE_LETTER: ClassVar[str] = "C"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="sites", verbose_name=_("run by"), null=True, blank=True
    )
    kind = models.CharField(_("kind"), max_length=14, choices=SiteKind.choices, default=SiteKind.OTHER)
    name = models.CharField(_("name"), max_length=200)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    location = models.PointField(_("location"), geography=False, srid=4326, null=True, blank=True)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    landmark = models.CharField(_("address or landmark"), max_length=300, blank=True)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    capacity_unit = models.CharField(_("capacity counted in"), max_length=40, blank=True)
    opening = models.CharField(_("state"), max_length=8, choices=Opening.choices, default=Opening.OPEN)
    opening_hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    damage = models.CharField(_("damage"), max_length=10, choices=Damage.choices, default=Damage.UNKNOWN)
    damage_assessed_at = models.DateTimeField(_("damage assessed"), null=True, blank=True)
    about = models.TextField(_("notes"), blank=True)
    external_ids = models.JSONField(_("codes in other systems"), default=dict, blank=True)
    confirmed_at = models.DateTimeField(_("last confirmed"), default=timezone.now)
    search_key = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(closed_on=None)
                | models.Q(opened_on=None)
                | models.Q(closed_on__gte=models.F("opened_on")),
                name="orgs_site_closes_after_opening",
            ),
        )
        triggers = tally_triggers("sites")
        indexes = (
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="orgs_site_search"),
            models.Index(fields=("operation", "name"), name="orgs_site_operation_name"),
            models.Index(fields=("name",), name="orgs_site_name"),  # for lists in the order of their sites' names
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address_of("orgs:site", self.code)
