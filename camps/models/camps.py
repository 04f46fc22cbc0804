"""Sites where people are: planned camps, spontaneous settlements, collective centres, host communities, hospitals."""

from __future__ import annotations

import uuid

from django.contrib.gis.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Provenance
from orgs.models import Opening, Organisation, Site, SiteKind


class CampType(models.TextChoices):
    """Site types as camp coordination (CCCM) names them, and the two other kinds of place that victims are in."""

    PLANNED = "planned", _("planned camp")
    SPONTANEOUS = "spontaneous", _("spontaneous settlement")
    COLLECTIVE = "collective", _("collective centre")
    HOST = "host", _("host community")
    HOSPITAL = "hospital", _("hospital")
    RECEPTION = "reception", _("reception point")

    @property
    def site_kind(self) -> SiteKind:
        """The kind that the register of sites shows."""
        return {CampType.HOSPITAL: SiteKind.HOSPITAL, CampType.RECEPTION: SiteKind.RECEPTION}.get(self, SiteKind.CAMP)


class Access(models.TextChoices):
    UNKNOWN = "unknown", _("not known")
    ANY_VEHICLE = "any", _("any vehicle, any weather")
    DRY_WEATHER = "dry", _("any vehicle in dry weather")
    OFF_ROAD = "off_road", _("off-road vehicles only")
    ON_FOOT = "foot", _("on foot only")
    AIR_OR_WATER = "air", _("by air or water only")
    NONE = "none", _("cut off")


class RegistrationLevel(models.TextChoices):
    """How far a site registers the people in it: its own choice."""

    NONE = "none", _("head counts only")
    HOUSEHOLDS = "households", _("households")
    PEOPLE = "people", _("every person")


class ShelterKind(models.TextChoices):
    TENT = "tent", _("tents")
    EMERGENCY = "emergency", _("emergency shelters")
    PREFABRICATED = "prefab", _("prefabricated houses and containers")
    ROOM = "room", _("rooms in a building")
    HALL = "hall", _("halls")
    HOST_HOME = "host_home", _("homes of host families")
    OTHER = "other", _("other")


@tracked()
class Camp(Site):
    """A site where people are. The site keeps name, location, who runs it and whether it is open.

    perimeter: polygons in EPSG:4326, drawn or imported. site_area_m2: as measured on the ground; when empty, the
    perimeter's area on the spheroid is used. silent_after_days: with nothing heard for longer, the site counts as silent.
    """

    camp_type = models.CharField(
        _("kind of site"), max_length=12, choices=CampType.choices, default=CampType.SPONTANEOUS
    )
    perimeter = models.MultiPolygonField(_("perimeter"), srid=4326, null=True, blank=True)
    site_area_m2 = models.PositiveIntegerField(_("site area, m²"), null=True, blank=True)
    access = models.CharField(_("access by road"), max_length=8, choices=Access.choices, default=Access.UNKNOWN)
    access_note = models.CharField(_("how to get there"), max_length=300, blank=True)
    hazards = models.ManyToManyField(
        "operations.HazardType", blank=True, related_name="+", verbose_name=_("hazards nearby")
    )
    hazards_note = models.CharField(_("about the hazards"), max_length=300, blank=True)
    supporting = models.ManyToManyField(
        Organisation, blank=True, related_name="supported_camps", verbose_name=_("supported by")
    )
    registration = models.CharField(
        _("registers"), max_length=10, choices=RegistrationLevel.choices, default=RegistrationLevel.NONE
    )
    is_cold = models.BooleanField(
        _("cold climate"), default=False, help_text=_("Cold or urban: people need more covered area (Sphere 2018).")
    )
    silent_after_days = models.PositiveSmallIntegerField(_("counts as silent after, days"), default=3)

    class Meta:
        verbose_name = _("camp or other site with people")
        verbose_name_plural = _("camps and other sites with people")

    def get_absolute_url(self) -> str:
        return reverse("camps:camp", args=[self.code])


@tracked()
class CampState(Provenance):
    """One change of a site's state: opened, planned, closed, with the reason. A closed camp keeps its past."""

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="states")
    state = models.CharField(_("state"), max_length=8, choices=Opening.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("state of a site")
        verbose_name_plural = _("states of sites")
        ordering = ("-occurred_at", "-pk")

    def __str__(self) -> str:
        return f"{self.camp}: {self.get_state_display()}"


@tracked()
class ShelterCapacity(models.Model):
    """How many shelters of a kind a site has, how many of them can be lived in, and how many people one takes."""

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="shelters")
    kind = models.CharField(_("kind of shelter"), max_length=10, choices=ShelterKind.choices)
    units = models.PositiveIntegerField(_("shelters"))
    usable_units = models.PositiveIntegerField(_("of them usable"))
    people_per_unit = models.PositiveSmallIntegerField(_("people in each"))
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("capacity by kind of shelter")
        verbose_name_plural = _("capacities by kind of shelter")
        ordering = ("camp", "kind")
        constraints = (
            models.UniqueConstraint(fields=("camp", "kind"), name="camps_one_capacity_per_kind"),
            models.CheckConstraint(
                condition=models.Q(usable_units__lte=models.F("units")), name="camps_usable_shelters_exist"
            ),
        )

    def __str__(self) -> str:
        return f"{self.camp}: {self.get_kind_display()}"

    @property
    def people(self) -> int:
        """How many people the usable shelters take."""
        return self.usable_units * self.people_per_unit


def photo_path(photo: CampPhoto, filename: str) -> str:
    return f"camps/photos/{uuid.uuid4().hex}.jpg"


@tracked()
class CampPhoto(Provenance):
    """A photo of the site, re-encoded without the camera's hidden data (place, device, owner)."""

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="photos")
    image = models.ImageField(_("photo"), upload_to=photo_path)
    caption = models.CharField(_("what it shows"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("-occurred_at", "-pk")

    def __str__(self) -> str:
        return self.caption or str(self.camp)
