"""Who does what, where, when, for whom (3W/4W), and how many people are in need, so that gaps show."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.addresses import address_of
from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from orgs.models.organisations import Organisation, Sector
from orgs.models.sites import Site
from orgs.models.tallies import tally_triggers


class ActivityStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    ONGOING = "ongoing", _("ongoing")
    SUSPENDED = "suspended", _("suspended")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")


class AffectedGroup(models.TextChoices):
    ALL = "all", _("everybody affected")
    DISPLACED = "displaced", _("displaced people")
    HOST = "host", _("host community")
    RETURNEES = "returnees", _("people who returned")
    REFUGEES = "refugees", _("refugees")
    CHILDREN = "children", _("children")
    INJURED = "injured", _("injured people")


PEOPLE_GROUPS = ("girls", "boys", "women", "men", "older_women", "older_men")
"""Sex and age bands of the breakdown: under 18, 18–59, 60 and over."""

SEXES = {"female": ("girls", "women", "older_women"), "male": ("boys", "men", "older_men")}
"""Totals by sex of any age, and the bands each holds. Many 3W tables give only these."""


def _people(label: object) -> models.PositiveIntegerField[int | None, int | None]:
    return models.PositiveIntegerField(label, null=True, blank=True)


@tracked()
class Activity(Coded, Provenance):
    """One line of a 3W. ``targeted`` and ``reached`` count people; the breakdown may be partly unknown.

    area_as_given: the place as a table wrote it, kept when no area of that name is known, to be placed later.

    The breakdown never adds up to more than its total (checked in ``orgs.activities``).
    """

    CODE_LETTER: ClassVar[str] = "A"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="activities", verbose_name=_("organisation")
    )
    funded_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="funded_activities",
        verbose_name=_("funded by"),
    )  # fmt: skip
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="activities", verbose_name=_("sector"))
    title = models.CharField(_("activity"), max_length=250)
    description = models.TextField(_("description"), blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=ActivityStatus.choices, default=ActivityStatus.ONGOING
    )
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    area_as_given = models.CharField(_("area as it was written"), max_length=200, blank=True)
    site = models.ForeignKey(
        Site, models.SET_NULL, null=True, blank=True, related_name="activities", verbose_name=_("site")
    )
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    affected_group = models.CharField(
        _("for whom"), max_length=10, choices=AffectedGroup.choices, default=AffectedGroup.ALL
    )
    targeted = _people(_("people targeted"))
    targeted_female = _people(_("women and girls targeted"))
    targeted_male = _people(_("men and boys targeted"))
    targeted_girls = _people(_("girls targeted"))
    targeted_boys = _people(_("boys targeted"))
    targeted_women = _people(_("women targeted"))
    targeted_men = _people(_("men targeted"))
    targeted_older_women = _people(_("older women targeted"))
    targeted_older_men = _people(_("older men targeted"))
    reached = _people(_("people reached"))
    reached_female = _people(_("women and girls reached"))
    reached_male = _people(_("men and boys reached"))
    reached_girls = _people(_("girls reached"))
    reached_boys = _people(_("boys reached"))
    reached_women = _people(_("women reached"))
    reached_men = _people(_("men reached"))
    reached_older_women = _people(_("older women reached"))
    reached_older_men = _people(_("older men reached"))
    external_id = models.CharField(_("identifier in its source"), max_length=100, blank=True)
    confirmed_at = models.DateTimeField(_("last confirmed"), default=timezone.now)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ("-starts_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_on=None)
                | models.Q(starts_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="orgs_activity_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(area__isnull=False) | ~models.Q(area_as_given=""), name="orgs_activity_has_a_place"
            ),
            models.CheckConstraint(
                condition=models.Q(operation__isnull=False), name="orgs_activity_belongs_to_an_operation"
            ),
        )
        triggers = tally_triggers("activities")
        indexes = (
            # All that the coverage matrix reads, so that it need not read the rows.
            models.Index(
                fields=("operation", "sector", "area"),
                include=("organisation", "status", "targeted", "reached"),
                name="orgs_activity_matrix",
            ),
            models.Index(
                "operation",
                "sector",
                models.F("starts_on").desc(nulls_last=True),
                models.F("id").desc(),
                name="orgs_activity_newest_sector",
            ),
            models.Index(
                "operation",
                models.F("starts_on").desc(nulls_last=True),
                models.F("id").desc(),
                name="orgs_activity_newest",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address_of("orgs:activity", self.code)


@tracked()
class PeopleInNeed(Provenance):
    """How many people need help in an area, for one sector or (``sector`` ``None``) at all, as somebody assessed it."""

    measures_whole_area = True  # a figure for a district is no figure for the larger area that swallows it

    area = models.ForeignKey("places.Area", models.PROTECT, related_name="+", verbose_name=_("area"))
    sector = models.ForeignKey(
        Sector, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sector")
    )
    people = models.PositiveIntegerField(_("people in need"))
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("people in need")
        verbose_name_plural = _("people in need")
        ordering = ("-occurred_at",)
        indexes = (models.Index(fields=("operation", "area", "sector", "-occurred_at"), name="orgs_need_latest"),)

    def __str__(self) -> str:
        return f"{self.area}: {self.people}"
