"""EDXL-HAVE documents that were brought in: kept as they came, looked at first, recorded when somebody says so."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Provenance


class HaveImportState(models.TextChoices):
    CHECKED = "checked", _("checked, nothing recorded yet")
    RECORDED = "recorded", _("recorded")


@tracked(exclude=("content",))
class HaveImport(Provenance):
    """One document. What it would record is worked out anew each time it is looked at, until it is recorded.

    result: what became of each hospital in it, as shown (external_id, name, code, outcome, sentences), once recorded.
    """

    file_name = models.CharField(_("file"), max_length=255, blank=True)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        _("state"), max_length=8, choices=HaveImportState.choices, default=HaveImportState.CHECKED, editable=False
    )
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True, editable=False)
    result = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("EDXL-HAVE document")
        verbose_name_plural = _("EDXL-HAVE documents")
        ordering = ("-entered_at", "-pk")

    def __str__(self) -> str:
        return self.file_name or self.sha256[:12]

    def get_absolute_url(self) -> str:
        return reverse("camps:have_preview", args=[self.pk])
