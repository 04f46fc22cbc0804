"""Commitments: who promised how much of a line, from which source, until when, and what came of it. And appeals for aid."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aid_requests.models.figures import commitment_triggers
from aid_requests.models.requests import RequestLine
from komek.records.history import tracked
from komek.records.models import Provenance
from komek.supplies.models import POSITIVE, amount
from orgs.models import Organisation


class Source(models.TextChoices):
    STOCK = "stock", _("stock")
    PLEDGE = "pledge", _("pledge")
    CONSIGNMENT = "consignment", _("consignment")
    VOLUNTEER = "volunteer", _("volunteers")
    PURCHASE = "purchase", _("purchase")
    OTHER = "other", _("other")


class CommitmentState(models.TextChoices):
    OPEN = "open", _("promised")
    ON_THE_WAY = "on_the_way", _("on the way")
    RECEIVED = "received", pgettext_lazy("state of a promise", "received")
    LAPSED = "lapsed", _("lapsed")
    RELEASED = "released", _("released")


HOLDING = (CommitmentState.OPEN, CommitmentState.ON_THE_WAY)
"""States in which a commitment counts against what is still needed."""


# History is read by everybody who sees the request: how to reach who promised stays out of it.
@tracked(exclude=("contact_phone", "contact_email"))
class Commitment(Provenance):
    """A promise of ``quantity`` (the line's unit) from a source to one line of a request.

    plug, offer, reservation: through which plug of the socket ``offers``, which offer, and the name under which the
    plug holds it; empty for a promise by word. until: the promise lapses then unless it is on its way. received: how
    much of it came in good order; short: how much of it will not come any more. What it still holds for the line is
    quantity − received − short while it is open or on the way (``aid_requests.needed``). delivery, delivery_url: the
    consignment that brings it. reason: why it was released or came short.
    """

    line = models.ForeignKey(RequestLine, models.CASCADE, related_name="commitments")
    source = models.CharField(_("from"), max_length=11, choices=Source.choices, default=Source.OTHER)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("promised by")
    )
    title = models.CharField(_("source"), max_length=200, blank=True)
    plug = models.CharField(max_length=60, blank=True, editable=False)
    offer = models.CharField(max_length=200, blank=True, editable=False)
    reservation = models.CharField(max_length=200, blank=True, editable=False)
    quantity = amount(_("quantity"), validators=[POSITIVE])
    received = amount(pgettext_lazy("quantity", "received"), default=0)
    short = amount(_("will not come"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=CommitmentState.choices, default=CommitmentState.OPEN)
    until = models.DateTimeField(_("promised until"))
    delivery = models.CharField(_("consignment"), max_length=40, blank=True)
    delivery_url = models.CharField(max_length=200, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    contact_phone = models.CharField(_("phone of who promised"), max_length=32, blank=True)
    contact_email = models.EmailField(_("e-mail of who promised"), blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ("occurred_at", "pk")
        triggers = commitment_triggers()
        indexes = (
            models.Index(fields=("line", "state"), name="requests_commitment_line"),
            # How much is promised and under way.
            models.Index(
                fields=("operation", "occurred_at"), condition=models.Q(ended_at=None), name="requests_commitment_lasts"
            ),
            # The orders of the API.
            models.Index(fields=("occurred_at", "id"), name="requests_commitment_made"),
            models.Index(fields=("updated_at", "id"), name="requests_commitment_changed"),
            models.Index(fields=("until", "id"), name="requests_commitment_until"),
            models.Index(fields=("until", "id"), condition=models.Q(state="open"), name="requests_commitment_lapses"),
            models.Index(fields=("reservation",), condition=~models.Q(reservation=""), name="requests_commitment_held"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="requests_commitment_is_something"),
            models.CheckConstraint(condition=models.Q(received__gte=0), name="requests_commitment_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.line}: {self.title or self.get_source_display()}"


@tracked()
class Receipt(Provenance):
    """What came for a line, told by the consignment's receiver or confirmed by the requester. key: told twice is one
    receipt.
    """

    line = models.ForeignKey(RequestLine, models.CASCADE, related_name="receipts")
    commitment = models.ForeignKey(
        Commitment, models.SET_NULL, null=True, blank=True, related_name="receipts", verbose_name=_("commitment")
    )
    quantity = amount(_("quantity received"))
    explanation = models.CharField(_("explanation"), max_length=300, blank=True)
    key = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ("occurred_at", "pk")
        indexes = (
            models.Index(fields=("occurred_at", "id"), name="requests_receipt_came"),
            models.Index(fields=("updated_at", "id"), name="requests_receipt_changed"),
        )
        constraints = (
            models.UniqueConstraint(fields=("line", "key"), condition=~models.Q(key=""), name="requests_receipt_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="requests_receipt_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.line}: {self.quantity}"


@tracked()
class Appeal(Provenance):
    """A curated list of needs, shown to the public with its progress. texts: by language, ``{"ru": {"title": …, "text":
    …}}``.
    """

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    texts = models.JSONField(_("texts by language"), default=dict, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("appeal of")
    )
    lines = models.ManyToManyField(RequestLine, blank=True, related_name="appeals", verbose_name=_("needs"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("-published_at", "pk")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("requests:appeal", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now() and self.closed_at is None
