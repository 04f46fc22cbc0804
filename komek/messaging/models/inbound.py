"""What came in: every text as the gateway gave it, and what each of its lines led to."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class InboundState(models.TextChoices):
    """new: stored, nobody has read it. done: carried out or answered. inbox: waits for a person. handled: a person saw to it."""

    NEW = "new", _("just came in")
    DONE = "done", _("carried out")
    INBOX = "inbox", _("waits for somebody")
    HANDLED = "handled", _("seen to")


class WhyInbox(models.TextChoices):
    DISTRESS = "distress", _("may be a call for help")
    REPORT = "report", _("a report")
    UNREAD = "unread", _("could not be read as a command")
    PICTURE = "picture", _("a picture")
    FAULT = "fault", _("something went wrong here")
    FLOOD = "flood", _("too many texts from this number")
    MACHINE = "machine", _("from a sender that cannot be answered")


class Inbound(models.Model):
    """One text as it came. Unique by gateway and the provider's number for it, so that one delivered twice is kept once.

    sender: as the gateway names it; number: the same in E.164, empty for names and short numbers. sent_at: the provider's time.
    Not tracked in history: nobody changes what came; who claimed and handled it stands in the row.
    """

    gateway = models.CharField(_("came through"), max_length=20)
    provider_id = models.CharField(_("the provider's number"), max_length=80)
    sender = models.CharField(_("from"), max_length=40)
    number = models.CharField(_("number"), max_length=20, blank=True)
    to = models.CharField(_("to"), max_length=40, blank=True)
    body = models.TextField(_("text"), blank=True)
    media = models.PositiveSmallIntegerField(_("pictures"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    done_at = models.DateTimeField(_("read"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    operation = models.ForeignKey(
        "operations.Operation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    state = models.CharField(_("state"), max_length=10, choices=InboundState.choices, default=InboundState.NEW)
    why = models.CharField(_("why it waits"), max_length=10, choices=WhyInbox.choices, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )
    claimed_at = models.DateTimeField(_("taken"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("seen to by")
    )
    handled_at = models.DateTimeField(_("seen to"), null=True, blank=True)
    outcome = models.CharField(_("what came of it"), max_length=300, blank=True)
    outcome_url = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("text that came in")
        verbose_name_plural = _("texts that came in")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("gateway", "provider_id"), name="messaging_inbound_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("sender", "id"), condition=models.Q(state="new"), name="messaging_inbound_new"),
            models.Index(
                fields=("operation", "-id"), condition=models.Q(state="inbox"), name="messaging_inbound_inbox"
            ),
            models.Index(fields=("sender", "-id"), name="messaging_inbound_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.sender}: {self.body[:60]}"


class LineState(models.TextChoices):
    """acted: done. refused: understood, not done. asked: a question went back. unknown: not understood. failed: our fault."""

    ACTED = "acted", _("done")
    REFUSED = "refused", _("refused")
    ASKED = "asked", _("asked back")
    UNKNOWN = "unknown", _("not understood")
    FAILED = "failed", _("went wrong")


class InboundLine(models.Model):
    """What one line of a text led to. Written in the transaction that carries it out: so it is carried out once.

    undo: the reference by which its sender takes it back; memo: what the verb's plug needs for that.
    """

    inbound = models.ForeignKey(Inbound, models.CASCADE, related_name="lines", verbose_name=_("text"))
    number = models.PositiveSmallIntegerField(_("line"))
    verb = models.CharField(_("verb"), max_length=20, blank=True)
    text = models.TextField(_("line as read"))
    state = models.CharField(_("state"), max_length=10, choices=LineState.choices)
    reply = models.TextField(_("answer"), blank=True)
    undo = models.CharField(_("taken back by"), max_length=40, blank=True)
    memo = models.JSONField(default=dict)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of a text")
        verbose_name_plural = _("lines of texts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("inbound", "number"), name="messaging_inboundline_once"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.get_state_display()}"
