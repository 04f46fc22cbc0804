"""Imports: what was brought in, what became of each row, and how to take it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.exchange.planning import Outcome


class BatchState(models.TextChoices):
    READING = "reading", _("being read")
    UPLOADED = "uploaded", _("columns to be matched")
    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked, nothing written yet")
    APPLYING = "applying", _("being written")
    APPLIED = "applied", _("written")
    REVERSING = "reversing", _("being taken back")
    REVERSED = "reversed", _("taken back")
    FAILED = "failed", _("stopped by a fault of ours")


class ImportBatch(models.Model):
    """One file brought in.

    mapping: place of a column in the file (as text) → name of ours. headers, tags: as read from the file.
    unknown: names of records that rows name, nobody knows, and writing would make.
    made: [model, primary key, version] of each record that rows named and nobody knew before.
    counts: outcome → number of rows. done: rows checked or written so far, for the progress bar. beat_at: when the work on it
    last went on, so that one whose machine died is found. sheets: those of the workbook. reversal: what came of taking it back.
    asked: ``columns``, ``create_missing`` and ``sheet`` as a program sent them with a large file, for when it has been read.
    """

    resource = models.CharField(max_length=60)
    operation = models.ForeignKey("operations.Operation", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20)
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    headers = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    create_missing = models.BooleanField(_("make what is not known"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=BatchState.choices, default=BatchState.UPLOADED)
    made = models.JSONField(default=list)
    unknown = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    reversal = models.JSONField(default=dict)
    asked = models.JSONField(null=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("brought in"), default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        return reverse("exchange:batch", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return self.state in (BatchState.READING, BatchState.CHECKING, BatchState.APPLYING, BatchState.REVERSING)


OUTCOMES = (
    (Outcome.CREATE, _("new")),
    (Outcome.UPDATE, _("changed")),
    (Outcome.UNCHANGED, _("unchanged")),
    (Outcome.AMBIGUOUS, _("to be decided")),
    (Outcome.REFUSED, _("refused")),
    (Outcome.SKIPPED, _("left out")),
)


class ImportRow(models.Model):
    """One row of a file. ``cells``: the texts as read; ``before``: what an update replaced, to set it back."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    cells = models.JSONField()
    outcome = models.CharField(max_length=10, choices=OUTCOMES, blank=True)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    decision = models.CharField(max_length=20, blank=True)
    target = models.BigIntegerField(null=True)
    applied_at = models.DateTimeField(null=True)
    written_version = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("batch", "number"), name="exchange_row_once_per_batch"),)
        indexes = (models.Index(fields=("batch", "outcome", "number"), name="exchange_row_outcome"),)

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.number}"
