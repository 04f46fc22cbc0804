"""Those who look for a person, what is told to them, and what the person lets be told."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.gis.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Provenance
from missing_persons.models.persons import Person
from missing_persons.models.reports import Report


def stop_key() -> str:
    """A secret of 80 bits in the link that ends a subscription."""
    return secrets.token_hex(10)


@tracked(exclude=("phone", "email", "name", "code_hash", "stop_key", "reported_by"))
class Subscription(Provenance):
    """Somebody who wants to be told when something changes. Nothing is sent before they typed the code that was sent to them.

    One of phone (E.164) and email is given. code_hash: keyed hash of the code; wrong_codes: how often it was mistyped.
    proven_at: a registrar made sure who they are. ended_at: unsubscribed.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="subscriptions", verbose_name=_("person"))
    report = models.ForeignKey(
        Report, models.SET_NULL, null=True, blank=True, related_name="subscriptions", verbose_name=_("their report")
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    relation = models.CharField(_("relation to the person"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    wrong_codes = models.PositiveSmallIntegerField(default=0, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    stop_key = models.CharField(max_length=24, default=stop_key, editable=False)
    told_status = models.CharField(max_length=10, blank=True, editable=False)
    proven_at = models.DateTimeField(_("identity proven"), null=True, blank=True, editable=False)
    proven_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("proven to"),
    )  # fmt: skip
    proven_how = models.CharField(_("how they proved who they are"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ("pk",)
        indexes = (models.Index(fields=("phone",), condition=~models.Q(phone=""), name="missing_subscription_phone"),)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(phone="") ^ ~models.Q(email=""), name="missing_subscription_by_one_way"
            ),
            models.UniqueConstraint(
                fields=("person", "phone", "email"),
                condition=models.Q(ended_at=None),
                name="missing_subscription_once",
            ),
        )

    def __str__(self) -> str:
        return str(_("subscription to %(person)s") % {"person": self.person.code})


class PassedState(models.TextChoices):
    WAITING = "waiting", _("waiting for an answer")
    ANSWERED = "answered", _("answered")
    DECLINED = "declined", _("does not want contact")


@tracked(exclude=("text", "answer", "reported_by"))
class PassedMessage(Provenance):
    """A message that a registrar passes from a seeker, who proved who they are, to the person found; and the answer.

    may_tell_place: the person lets the seeker learn where they are. Until then nobody tells.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="passed_messages", verbose_name=_("person"))
    seeker = models.ForeignKey(Subscription, models.CASCADE, related_name="passed_messages", verbose_name=_("seeker"))
    text = models.TextField(_("message"))
    state = models.CharField(_("state"), max_length=8, choices=PassedState.choices, default=PassedState.WAITING)
    answer = models.TextField(_("answer"), blank=True)
    may_tell_place = models.BooleanField(_("may be told where they are"), default=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("message passed on")
        verbose_name_plural = _("messages passed on")
        ordering = ("-occurred_at", "-pk")

    def __str__(self) -> str:
        return str(self.get_state_display())


class DisputeKind(models.TextChoices):
    ME = "me", _("this is me and I do not want to be listed")
    WRONG = "wrong", _("something here is wrong")
    DANGER = "danger", _("this puts somebody in danger")


class DisputeState(models.TextChoices):
    OPEN = "open", _("waiting for a decision")
    UPHELD = "upheld", _("granted")
    REFUSED = "refused", _("refused")


@tracked(exclude=("phone", "email", "reported_by"))
class Dispute(Provenance):
    """Somebody objects to a public entry. An entry that puts somebody in danger is hidden at once, until the decision."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="disputes", verbose_name=_("person"))
    kind = models.CharField(_("objection"), max_length=6, choices=DisputeKind.choices)
    text = models.TextField(_("in their words"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=DisputeState.choices, default=DisputeState.OPEN)
    decision = models.CharField(_("decision and reason"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("entered_at", "pk")
        indexes = (
            models.Index(
                fields=("operation", "entered_at"), condition=models.Q(state="open"), name="missing_dispute_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person.code}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("missing_persons:dispute", args=[self.pk])
