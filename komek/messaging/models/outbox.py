"""Texts on their way out."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from komek.records.actor import Channel


class State(models.TextChoices):
    QUEUED = "queued", _("waiting to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("not sent")


class Purpose(models.TextChoices):
    CODE = "code", _("sign-in code")
    ACCOUNT = "account", _("about an account")
    NOTICE = "notice", _("notice")
    REPLY = "reply", _("answer")
    ALERT = "alert", _("alert")
    TASK = "task", _("task")
    DIGEST = "digest", _("digest")


class Lane(models.IntegerChoices):
    """Who goes first when texts wait for a gateway: the smaller number."""

    REPLY = 0, _("answers and codes")
    ALERT = 1, _("alerts")
    TASK = 2, _("tasks and notices")
    DIGEST = 3, _("digests and broadcasts")


class Receipt(models.IntegerChoices):
    """What the provider told of a text it took over. Only ever moves forward: news come late and in any order."""

    NONE = 0, _("no news yet")
    QUEUED = 1, _("with the provider")
    SENT = 2, _("with the network")
    DELIVERED = 3, _("arrived")
    UNDELIVERED = 4, _("did not arrive")


class Outbox(models.Model):
    """One text to send. The row is the truth; a job in the background is only what wakes the sender.

    body: for a secret text (a one-time code) empty as soon as it was sent, failed or is too old.
    lane: who goes first. segments: SMS it costs. answers: the text it is an answer to.
    next_try_at: not before this time; moved ahead while a sender holds the text, so that a sender that dies lets go of it.
    Not tracked in history: the row itself tells what became of the text, and history would keep the codes.
    """

    to = PhoneNumberField(_("to"))
    body = models.TextField(_("text"), blank=True)
    is_secret = models.BooleanField(_("forgotten once sent"), default=False)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    operation = models.ForeignKey(
        "operations.Operation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    queued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("queued by")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.BROWSER)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    gateway = models.CharField(_("sent through"), max_length=20, blank=True)
    provider_id = models.CharField(_("the provider's number"), max_length=80, blank=True)
    dedupe_key = models.CharField(max_length=120, blank=True)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("not after"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane.choices, default=Lane.TASK)
    segments = models.PositiveSmallIntegerField(_("parts"), default=1)
    answers = models.ForeignKey(
        "messaging.Inbound",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="answered_by",
        verbose_name=_("answers"),
    )
    receipt = models.PositiveSmallIntegerField(_("receipt"), choices=Receipt.choices, default=Receipt.NONE)
    receipt_at = models.DateTimeField(_("receipt came"), null=True, blank=True)

    class Meta:
        verbose_name = _("text in the outbox")
        verbose_name_plural = _("texts in the outbox")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("dedupe_key",), condition=~models.Q(dedupe_key=""), name="messaging_outbox_dedupe_key_unique"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("next_try_at",), condition=models.Q(state="queued"), name="messaging_outbox_due"),
            models.Index(fields=("to", "queued_at"), name="messaging_outbox_to"),
            models.Index(
                fields=("gateway", "provider_id"),
                condition=~models.Q(provider_id=""),
                name="messaging_outbox_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.get_state_display()}"


class GatewayPace(models.Model):
    """When a gateway may send its next text, so that it is not given more than it takes; and when it was last heard from."""

    gateway = models.CharField(_("gateway"), max_length=20, unique=True)
    free_at = models.DateTimeField(_("free again"), default=timezone.now)
    last_in_at = models.DateTimeField(_("last text in"), null=True, blank=True)
    last_out_at = models.DateTimeField(_("last text out"), null=True, blank=True)

    class Meta:
        verbose_name = _("gateway's pace")
        verbose_name_plural = _("gateways' pace")

    def __str__(self) -> str:
        return self.gateway
