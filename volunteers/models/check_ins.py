"""Who came to a site, and who has left it: so that somebody looks for those who have not."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Provenance


@tracked()
class CheckIn(Provenance):
    """A helper came to a site at ``occurred_at``, with a party of so many (the helper included), and left at ``left_at``.

    due_at: when they should have left; after that somebody asks whether they are well. looked_after_at: somebody did.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="check_ins", verbose_name=_("who"))
    site = models.ForeignKey("orgs.Site", models.CASCADE, related_name="check_ins", verbose_name=_("site"))
    party = models.PositiveSmallIntegerField(_("how many"), default=1)
    due_at = models.DateTimeField(_("expected to leave"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    looked_after_at = models.DateTimeField(_("found to be well"), null=True, blank=True)
    looked_after_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("found by")
    )

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("user", "operation"), condition=models.Q(left_at=None), nulls_distinct=False,
                name="volunteers_checkin_at_one_site",
            ),
            models.CheckConstraint(condition=models.Q(party__gte=1), name="volunteers_checkin_somebody"),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("due_at",), condition=models.Q(left_at=None), name="volunteers_checkin_due"),
            models.Index(fields=("site", "-occurred_at"), name="volunteers_checkin_site"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.site}"

    @property
    def is_overdue(self) -> bool:
        """Whether they should have left and nobody has heard of them."""
        return self.left_at is None and self.looked_after_at is None and self.due_at < timezone.now()
