"""Abstract models that records are built from. Each adds named columns and asks nothing else of the model."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.actor import Actor, Channel, shown_name
from komek.records.codes import next_codes


class Coded(models.Model):
    """A record with a public code, given once, at its first save."""

    CODE_LETTER: ClassVar[str]

    code = models.CharField(_("code"), max_length=14, unique=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.code:
            self.code = next_codes(self.CODE_LETTER)[0]
        super().save(*args, **kwargs)


class Provenance(models.Model):
    """Where a record comes from. Event time is not entry time, and who reported is not who entered.

    operation: the disaster or exercise; ``None`` is the standing register, which every real operation sees and no exercise does.
    """

    operation = models.ForeignKey(
        "operations.Operation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    occurred_at = models.DateTimeField(_("when it happened"), default=timezone.now)
    entered_at = models.DateTimeField(_("when it was entered"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    reported_by = models.CharField(_("reported by"), max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("entered by"),
    )  # fmt: skip
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel.choices, default=Channel.BROWSER, editable=False
    )

    class Meta:
        abstract = True

    def stamp(self, by: Actor) -> None:
        """Write down who enters this record and through which door. For new records only."""
        self.entered_by = by.user if getattr(by.user, "pk", None) else None
        self.channel = by.channel
        if not self.reported_by and by.name:
            self.reported_by = shown_name(by)[:200]


class Approval(models.TextChoices):
    PENDING = "pending", _("waiting for approval")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")


class Approvable(models.Model):
    """A record that others do not see before somebody entitled has approved it."""

    approval = models.CharField(
        _("approval"), max_length=10, choices=Approval.choices, default=Approval.PENDING, editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("approved by"),
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True, editable=False)
    approval_note = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True

    def decide(self, by: Actor, approval: Approval, note: str = "") -> None:
        """Approve or refuse; saved at once, history keeps who and why."""
        self.approval = approval
        self.approved_by = by.user if getattr(by.user, "pk", None) else None
        self.approved_at = timezone.now()
        self.approval_note = note[:300]
        self.save(update_fields=["approval", "approved_by", "approved_at", "approval_note"])


class Erasure(models.Model):
    """That something about a person was erased: what, when, by whom, why. Never the values."""

    model = models.CharField(max_length=80)
    record_pk = models.BigIntegerField()
    fields = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    erased_at = models.DateTimeField(default=timezone.now)
    erased_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")

    def __str__(self) -> str:
        return f"{self.model} {self.record_pk}"


class AnonymisationRun(models.Model):
    """One run of the rules of retention: how many rows each rule changed. Never the values. Without an end: interrupted."""

    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    started_by = models.CharField(_("started by"), max_length=150, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    counts = models.JSONField(_("rows by rule"), default=dict)

    class Meta:
        verbose_name = _("anonymisation run")
        verbose_name_plural = _("anonymisation runs")

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class ProtectedRead(models.Model):
    """That somebody looked at protected data about a person: who, when, which record, which part, why. Never what it said.

    The database lets nobody change or delete these rows. organisation_id: the organisation the record belongs to, if any, so that
    its own protection officer sees the line. There are no constraints to other tables: a line outlives what it is about.
    """

    at = models.DateTimeField(_("when"), default=timezone.now)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="+",
        verbose_name=_("who"),
    )  # fmt: skip
    reader_name = models.CharField(_("who (without an account)"), max_length=150, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    record_type = models.ForeignKey(
        "contenttypes.ContentType", models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("kind")
    )
    record_id = models.PositiveBigIntegerField(_("record"))
    record_code = models.CharField(_("code"), max_length=14, blank=True)
    part = models.CharField(_("what was read"), max_length=60, blank=True)
    why = models.CharField(_("why"), max_length=300)
    operation = models.ForeignKey(
        "operations.Operation", models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="+",
        verbose_name=_("operation"),
    )  # fmt: skip
    organisation_id = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("reading of protected data")
        verbose_name_plural = _("readings of protected data")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("operation", "-at"), name="records_read_operation_at"),
            models.Index(fields=("record_type", "record_id", "-at"), name="records_read_record"),
            models.Index(fields=("reader", "-at"), name="records_read_reader"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.record_code or self.record_id} {self.at:%Y-%m-%d %H:%M}"
