"""What becomes of a pledge: its steps, the needs it is promised to, what came of it, and what the donor was told."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Provenance
from komek.supplies.models import POSITIVE, amount
from orgs.models import Site
from volunteers.models.pledges import NotifyBy, Pledge, PledgeState


@tracked(exclude=("reported_by",))
class PledgeStep(Provenance):
    """One step in the life of a pledge, with the reason."""

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="steps")
    before = models.CharField(_("before"), max_length=10, choices=PledgeState.choices, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=PledgeState.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("step of a pledge")
        verbose_name_plural = _("steps of pledges")
        ordering = ("occurred_at", "pk")

    def __str__(self) -> str:
        return f"{self.pledge.code}: {self.get_after_display()}"


class UseState(models.TextChoices):
    HELD = "held", _("held")
    ON_THE_WAY = "on_the_way", _("on its way")
    RECEIVED = "received", _("received")
    RELEASED = "released", _("given back")


OPEN_USES = (UseState.HELD, UseState.ON_THE_WAY)
"""Still expected: what is not received of it is not free for others."""


@tracked()
class PledgeUse(Provenance):
    """A part of a pledge that is promised to a need.

    reference: the need, in the words of who holds it (a request's code). until: held no longer than this, unless it is
    on its way. destination and wanted_by: where the donor was asked to bring it, and by when. received: what came of it.
    """

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="uses")
    quantity = amount(_("quantity"), validators=[POSITIVE])
    state = models.CharField(_("state"), max_length=10, choices=UseState.choices, default=UseState.HELD)
    until = models.DateTimeField(_("held until"))
    reference = models.CharField(_("held for"), max_length=200, blank=True)
    destination = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to be brought to")
    )
    wanted_by = models.DateField(_("needed by"), null=True, blank=True)
    received = amount(_("received"), default=0, validators=[MinValueValidator(0)])
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("use of a pledge")
        verbose_name_plural = _("uses of pledges")
        ordering = ("occurred_at", "pk")
        indexes = (
            models.Index(fields=("pledge", "state"), name="volunteers_use_state"),
            models.Index(fields=("until",), condition=models.Q(state="held"), name="volunteers_use_lapses"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="volunteers_use_is_something"),
            models.CheckConstraint(condition=models.Q(received__gte=0), name="volunteers_use_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.pledge.code}: {self.quantity}"


@tracked()
class PledgeReceipt(Provenance):
    """That something of a pledge came: how much, when (``occurred_at``), for which need if for one."""

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="receipts")
    use = models.ForeignKey(PledgeUse, models.PROTECT, null=True, blank=True, related_name="receipts")
    quantity = amount(_("quantity"), validators=[POSITIVE])
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("receipt of a pledge")
        verbose_name_plural = _("receipts of pledges")
        ordering = ("occurred_at", "pk")
        indexes = (models.Index(fields=("operation", "occurred_at"), name="volunteers_receipt_when"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="volunteers_receipt_is_something"),
        )

    def __str__(self) -> str:
        return f"{self.pledge.code}: {self.quantity}"


@tracked()
class PledgeNotice(models.Model):
    """A message to the donor about a pledge, in their language. ``to`` is shown to those who handle the pledge alone."""

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="notices")
    by_channel = models.CharField(_("sent by"), max_length=5, choices=NotifyBy.choices)
    to = models.CharField(_("to"), max_length=254)
    body = models.TextField(_("text"))
    key = models.CharField(max_length=200, unique=True, editable=False)
    queued_at = models.DateTimeField(_("queued"), auto_now_add=True)
    problem = models.CharField(_("why it could not be sent"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("message to a donor")
        verbose_name_plural = _("messages to donors")
        ordering = ("queued_at", "pk")

    def __str__(self) -> str:
        return f"{self.pledge.code} {self.queued_at:%Y-%m-%d %H:%M}"
