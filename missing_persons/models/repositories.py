"""Other registries that records are exchanged with (PFIF), and each time something was brought in from one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked


@tracked(exclude=("access_key", "persons_since", "notes_since", "pulled_at", "problem"))
class Repository(models.Model):
    """Another registry whose records are taken.

    domain: the one it speaks for, as in its records' numbers. passes_on: it also hands on records of others, which are taken
    but never overwrite what came from their home. publishes: its records may be shown to the public without being looked at one
    by one (never a death, never a child alone). persons_url, notes_url: its feeds, pulled while ``is_pulled``; access_key: ours there.
    persons_since, notes_since: the newest ``entry_date`` seen, from which the next pull goes on.
    """

    operation = models.ForeignKey("operations.Operation", models.PROTECT, related_name="+", verbose_name=_("operation"))
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain in its records' numbers"), max_length=253)
    passes_on = models.BooleanField(_("hands on records of other registries too"), default=False)
    publishes = models.BooleanField(_("its records may be shown to the public"), default=False)
    persons_url = models.URLField(_("address of its feed of persons"), max_length=500, blank=True)
    notes_url = models.URLField(_("address of its feed of notes"), max_length=500, blank=True)
    access_key = models.CharField(_("our key there"), max_length=200, blank=True)
    is_pulled = models.BooleanField(_("pulled by itself"), default=False)
    persons_since = models.DateTimeField(null=True, blank=True, editable=False)
    notes_since = models.DateTimeField(null=True, blank=True, editable=False)
    pulled_at = models.DateTimeField(_("last pulled"), null=True, blank=True, editable=False)
    problem = models.CharField(_("what went wrong last"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("other registry")
        verbose_name_plural = _("other registries")
        ordering = ("name",)
        constraints = (models.UniqueConstraint("operation", Lower("domain"), name="missing_repository_once"),)

    def __str__(self) -> str:
        return self.name


class RunState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("being brought in")
    DONE = "done", _("brought in")
    FAILED = "failed", _("stopped by a fault of ours")
    REVERSING = "reversing", _("being taken back")
    REVERSED = "reversed", _("taken back")


class PfifRun(models.Model):
    """One file or one pull. done: how many records of it were dealt with, so that it goes on there after a stop.

    domain, passes_on, publishes: what held for the source at that time (see ``Repository``). counts: outcome → number.
    """

    operation = models.ForeignKey("operations.Operation", models.PROTECT, related_name="+", verbose_name=_("operation"))
    repository = models.ForeignKey(
        Repository, models.SET_NULL, null=True, blank=True, related_name="runs", verbose_name=_("other registry")
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    domain = models.CharField(max_length=253)
    passes_on = models.BooleanField(default=False)
    publishes = models.BooleanField(default=False)
    file = models.FileField(upload_to="protected/pfif/", blank=True)
    file_name = models.CharField(_("file"), max_length=500)
    state = models.CharField(_("state"), max_length=9, choices=RunState.choices, default=RunState.WAITING)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)
    beat_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(_("brought in"), default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("exchange with another registry")
        verbose_name_plural = _("exchanges with other registries")
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("operation", "-created_at"), name="missing_pfif_run"),)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        return reverse("missing_persons:pfif_run", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return self.state in (RunState.WAITING, RunState.RUNNING, RunState.REVERSING)


class PfifFault(models.Model):
    """Something of a run that was not taken or not as it stood. kind, values: said by ``missing_persons.pfif.sentences``."""

    run = models.ForeignKey(PfifRun, models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField(_("line"))
    record_id = models.CharField(_("record"), max_length=255, blank=True)
    kind = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    is_lost = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("fault in a file")
        verbose_name_plural = _("faults in a file")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.line}: {self.kind}"


class PfifTaken(models.Model):
    """A report or note that a run made or, with ``before``, changed: what it said earlier, to be set back."""

    run = models.ForeignKey(PfifRun, models.CASCADE, related_name="taken")
    report_id = models.BigIntegerField(null=True)
    note_id = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = _("record brought in")
        verbose_name_plural = _("records brought in")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.run_id}: {self.report_id or self.note_id}"
