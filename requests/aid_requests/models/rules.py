"""Rules as data: who answers for which requests, how long each step may take. And pairs that may be one request twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aid_requests.models.requests import AidRequest, LineKind, Priority, RequestState
from komek.records.history import tracked
from orgs.models import Organisation, Sector


@tracked()
class RoutingRule(models.Model):
    """Who answers for requests of an area, a sector, a category or kind. The most particular rule wins, then the
    smallest ``order``.
    """

    operation = models.ForeignKey(
        "operations.Operation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    sector = models.ForeignKey(
        Sector, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sector")
    )
    category = models.ForeignKey(
        "supplies.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=LineKind.choices, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation that answers")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("rule who answers")
        verbose_name_plural = _("rules who answers")
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return str(self.organisation)

    def get_absolute_url(self) -> str:
        return reverse("requests:rules")


@tracked()
class StepDeadline(models.Model):
    """How many hours a request of a priority may stay in a state before it counts as overdue."""

    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices)
    hours = models.PositiveSmallIntegerField(_("hours"))
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("deadline of a step")
        verbose_name_plural = _("deadlines of steps")
        ordering = ("state", "priority")
        constraints = (models.UniqueConstraint(fields=("state", "priority"), name="requests_deadline_once"),)

    def __str__(self) -> str:
        return f"{self.get_state_display()} / {self.get_priority_display()}: {self.hours} h"


class PairState(models.TextChoices):
    OPEN = "open", _("to be looked at")
    MERGED = "merged", _("merged")
    KEPT = "kept", _("two requests")


@tracked()
class DuplicatePair(models.Model):
    """Two requests that may be one: same place, same things, close in time. first is the older one. undo: what a merge
    moved.
    """

    operation = models.ForeignKey("operations.Operation", models.CASCADE, null=True, related_name="+")
    first = models.ForeignKey(AidRequest, models.CASCADE, related_name="+")
    second = models.ForeignKey(AidRequest, models.CASCADE, related_name="+")
    likeness = models.FloatField(_("likeness"))
    why = models.JSONField(_("why"), default=list)
    state = models.CharField(_("state"), max_length=6, choices=PairState.choices, default=PairState.OPEN)
    undo = models.JSONField(default=dict, blank=True, editable=False)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ("-likeness", "pk")
        constraints = (models.UniqueConstraint(fields=("first", "second"), name="requests_pair_once"),)

    def __str__(self) -> str:
        return f"{self.first.code} / {self.second.code}"
