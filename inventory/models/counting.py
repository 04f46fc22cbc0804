"""Physical counts: what people found on the shelves, beside what the ledger says."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models.stock import Batch, Condition
from inventory.models.warehouses import Bin, Warehouse, Zone
from komek.records.history import tracked
from komek.records.models import Provenance
from komek.supplies.models import amount


class CountState(models.TextChoices):
    OPEN = "open", _("being counted")
    REVIEW = "review", _("to be reviewed")
    POSTED = "posted", _("posted")
    ABANDONED = "abandoned", _("abandoned")


@tracked()
class Count(Provenance):
    """A session in which zones of a warehouse are counted, blind: the counter does not see what the ledger says."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="counts", verbose_name=_("warehouse"))
    zones = models.ManyToManyField(
        Zone, blank=True, related_name="+", verbose_name=_("zones"), help_text=_("None chosen: the whole warehouse.")
    )
    state = models.CharField(_("state"), max_length=9, choices=CountState.choices, default=CountState.OPEN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    closed_at = models.DateTimeField(_("counting ended"), null=True, blank=True)
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("posted by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")
        ordering = ("-occurred_at", "-pk")

    def __str__(self) -> str:
        return f"{self.warehouse}: {self.occurred_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:count", args=[self.pk])


@tracked()
class CountLine(models.Model):
    """What was found of a batch in a bin in a condition. counted: ``None`` until somebody has looked.

    expected: what the ledger said at the moment ``counted_at``, so that movements before and after the look make no difference.
    accepted: whether the reviewer lets the difference be posted; ``None`` until decided.
    """

    count = models.ForeignKey(Count, models.CASCADE, related_name="lines")
    bin = models.ForeignKey(Bin, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bin"))
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+", verbose_name=_("batch"))
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices, default=Condition.GOOD)
    counted = amount(_("counted"), null=True, blank=True)
    expected = amount(_("in the ledger"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("counted by"),
    )  # fmt: skip
    explanation = models.CharField(_("explanation"), max_length=300, blank=True)
    accepted = models.BooleanField(_("accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of a count")
        verbose_name_plural = _("lines of counts")
        ordering = ("count", "bin__pick_order", "bin__label", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("count", "bin", "batch", "condition"), nulls_distinct=False, name="inventory_count_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(counted=None) | models.Q(counted__gte=0), name="inventory_counted_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.count}: {self.batch}"
