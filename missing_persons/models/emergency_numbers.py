"""Whom to call in an emergency, by country."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked


class Service(models.TextChoices):
    GENERAL = "general", _("all emergencies")
    RESCUE = "rescue", _("rescue service")
    AMBULANCE = "ambulance", _("ambulance")
    FIRE = "fire", _("fire brigade")
    POLICE = "police", _("police")
    MISSING = "missing", _("missing persons")
    CHILDREN = "children", _("help for children")


@tracked()
class EmergencyNumber(models.Model):
    """One number, shown on every public page of operations in its country.

    country: ISO 3166-1 alpha-2. source: where the number is from. checked_on: the day on which somebody here made sure of it.
    """

    country = models.CharField(_("country"), max_length=2)
    service = models.CharField(_("service"), max_length=10, choices=Service.choices)
    number = models.CharField(_("number"), max_length=20)
    source = models.CharField(_("source"), max_length=300)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("emergency number")
        verbose_name_plural = _("emergency numbers")
        ordering = ("country", "service", "number")
        constraints = (
            models.UniqueConstraint(fields=("country", "service", "number"), name="missing_emergency_once"),
            models.CheckConstraint(condition=models.Q(country__regex="^[A-Z]{2}$"), name="missing_emergency_country"),
            models.CheckConstraint(
                condition=models.Q(number__regex=r"^\+?[0-9][0-9 -]{0,18}$"), name="missing_emergency_dialled"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_service_display()}: {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("missing_persons:emergency_numbers")
