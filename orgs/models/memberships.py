"""Which role an account holds in which organisation, for which operation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.roles import Role
from komek.records.history import tracked
from komek.records.models import Approvable
from orgs.models.organisations import Organisation


@tracked()
class Membership(Approvable):
    """A role held in an organisation; ``operation`` ``None`` means in every one. In force once approved."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.VIEWER)
    operation = models.ForeignKey(
        "operations.Operation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    position = models.CharField(_("position"), max_length=150, blank=True)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("organisation", "role", "user")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organisation", "role", "operation"),
                name="orgs_membership_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="orgs_membership_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"
