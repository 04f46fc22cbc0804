"""Requests: who asks for what, for whom, where and by when, and every step of what became of it."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.core.validators import MinValueValidator
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from aid_requests.models.figures import line_triggers
from aid_requests.models.places import on_the_globe, place_trigger
from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from komek.supplies.models import POSITIVE, amount
from orgs.models import Organisation, Sector, Site


class Priority(models.TextChoices):
    """Lives first. ``rank`` sorts, the most pressing first."""

    LIFE = "life", _("lives at risk")
    HIGH = "high", _("urgent")
    NORMAL = "normal", _("normal")
    LOW = "low", _("can wait")

    @property
    def rank(self) -> int:
        return list(Priority).index(self)


class RequestState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    VERIFIED = "verified", _("verified")
    ACCEPTED = "accepted", _("accepted")
    FORWARDED = "forwarded", _("forwarded")
    REFUSED = "refused", _("refused")
    PARTLY_MET = "partly", _("partly met")
    MET = "met", _("met")
    CLOSED = "closed", _("closed: receipt confirmed")
    CANCELLED = "cancelled", _("cancelled")


OPEN_STATES = (
    RequestState.SUBMITTED, RequestState.VERIFIED, RequestState.ACCEPTED, RequestState.FORWARDED, RequestState.PARTLY_MET,
)  # fmt: skip
"""Somebody still has to do something for the requester."""


ENDED_RANK = 10
"""Added to the rank of a request that is refused, closed or cancelled."""


class NotifyBy(models.TextChoices):
    NOBODY = "none", _("not told")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("e-mail")


def follow_key() -> str:
    """A secret of 60 bits that lets the requester follow a request without an account."""
    return secrets.token_hex(8)[:15]


# History is read by everybody who sees the request: who asks, how to reach them and their key stay out of it.
@tracked(
    exclude=("search_key", "place", "follow_key", "reporter_name", "reporter_phone", "reporter_email", "reported_by")
)
class AidRequest(Coded, Provenance):
    """A request for support.

    asked_by: the organisation that asks, if any; responsible: the organisation that answers for it now. site: where
    it is needed, or ``location`` (EPSG:4326) with ``landmark`` for any other point; place: that location or the
    site's, kept by the database (``models.places``) for maps and for what is near; area: the administrative area of
    that point. reporter_*: who asked and how to reach them, never public. reference: the asker's own name for this
    need; the same reference makes no second request. priority, wanted_by, rank: of its most pressing open line, kept
    by ``aid_requests.lines``; a request that ended has ``ENDED_RANK`` added, so that it sorts behind all others.
    merged_into: the request that stands for this one. is_released: the requester lets the public see what is needed
    (never who asks). people: how many it is for. follow_key: see ``follow_key``.
    """

    CODE_LETTER: ClassVar[str] = "R"

    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices, default=RequestState.DRAFT)
    state_since = models.DateTimeField(_("in this state since"), null=True, blank=True)
    due_at = models.DateTimeField(_("next step due"), null=True, blank=True)
    title = models.CharField(_("what is needed, in short"), max_length=200, blank=True)
    purpose = models.TextField(_("what for"), blank=True)
    people = models.PositiveIntegerField(_("for how many people"), null=True, blank=True)
    asked_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asked by organisation")
    )
    responsible = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered for by")
    )
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="aid_requests", verbose_name=_("site")
    )
    location = models.PointField(_("location"), srid=4326, null=True, blank=True)
    place = models.PointField(srid=4326, null=True, editable=False)
    landmark = models.CharField(_("address or landmark"), max_length=300, blank=True)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    reporter_name = models.CharField(_("name of who asks"), max_length=150, blank=True)
    reporter_phone = PhoneNumberField(_("phone of who asks"), blank=True)
    reporter_email = models.EmailField(_("e-mail of who asks"), blank=True)
    reporter_language = models.CharField(_("language of who asks"), max_length=10, blank=True)
    notify_by = models.CharField(_("told by"), max_length=5, choices=NotifyBy.choices, default=NotifyBy.NOBODY)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    rank = models.PositiveSmallIntegerField(default=2, editable=False)
    wanted_by = models.DateTimeField(_("needed by"), null=True, blank=True)
    is_released = models.BooleanField(_("the public may see what is needed"), default=False)
    is_false = models.BooleanField(_("false report"), default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("worked on by"),
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    reference = models.CharField(_("asker's reference"), max_length=200, blank=True)
    follow_key = models.CharField(max_length=20, default=follow_key, editable=False)
    search_key = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ("rank", "occurred_at", "pk")
        triggers = (place_trigger(),)
        indexes = (
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="requests_request_search"),
            # The list of triage in its order, page by page, from the index alone; and of one state, of one priority.
            models.Index(
                fields=("rank", "occurred_at", "id"),
                include=("operation", "state", "entered_by"),
                name="requests_request_triage",
            ),
            models.Index(
                fields=("state", "rank", "occurred_at", "id"), include=("operation",), name="requests_request_state"
            ),
            models.Index(
                fields=("priority", "rank", "occurred_at", "id"),
                include=("operation", "state", "entered_by"),
                name="requests_request_priority",
            ),
            models.Index(
                fields=("rank", "occurred_at", "id"), condition=models.Q(is_false=True), name="requests_request_false"
            ),
            models.Index(
                fields=("rank", "occurred_at", "id"),
                name="requests_request_public",
                condition=models.Q(is_released=True, is_false=False, merged_into=None),
            ),
            GistIndex(on_the_globe("place"), condition=models.Q(state__in=OPEN_STATES), name="requests_request_near"),
            # Whether somebody may see the requests that lines or pairs lead to, from the index alone.
            models.Index(
                fields=("id",),
                include=("operation", "state", "entered_by", "merged_into"),
                name="requests_request_seen",
            ),
            # The other orders of lists and of the API; what is not known comes last and is looked for by itself.
            models.Index(fields=("occurred_at", "id"), name="requests_request_asked"),
            models.Index(fields=("updated_at", "id"), name="requests_request_changed"),
            models.Index(fields=("entered_at", "id"), name="requests_request_entered"),
            models.Index(fields=("title", "id"), name="requests_request_title"),
            models.Index(
                fields=("wanted_by", "id"), condition=~models.Q(wanted_by=None), name="requests_request_wanted"
            ),
            models.Index(
                fields=("state_since", "id"), condition=~models.Q(state_since=None), name="requests_request_since"
            ),
            models.Index(fields=("people", "id"), condition=~models.Q(people=None), name="requests_request_people"),
            # Counts by state, of what is overdue, unanswered or claimed, and figures by age and priority, from the index alone.
            models.Index(
                fields=("operation", "state"),
                include=(
                    "entered_by",
                    "due_at",
                    "state_since",
                    "responsible",
                    "claimed_by",
                    "priority",
                    "wanted_by",
                    "occurred_at",
                    "area",
                ),
                name="requests_request_piles",
            ),
            models.Index(fields=("operation", "responsible", "state"), name="requests_request_answered"),
            models.Index(fields=("site", "state"), name="requests_request_site"),
            models.Index(fields=("due_at", "id"), condition=~models.Q(due_at=None), name="requests_request_due"),
            models.Index(
                fields=("reporter_phone",), condition=~models.Q(reporter_phone=""), name="requests_request_phone"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "reference"), condition=~models.Q(reference=""), nulls_distinct=False,
                name="requests_reference_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("pk")), name="requests_not_merged_into_itself"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return reverse("requests:request", args=[self.code])


class LineKind(models.TextChoices):
    GOODS = "goods", _("goods")
    SERVICE = "service", _("service")
    PEOPLE = "people", _("people with skills")
    TRANSPORT = "transport", _("transport")
    RESCUE = "rescue", _("rescue")
    MEDICAL = "medical", _("medical help")


@tracked()
class RequestLine(models.Model):
    """One thing asked for. quantity: in the item's base unit, or plain numbers (people, lorries) without an item.

    item: of the catalogue; ``description`` keeps the asker's words, alone while the catalogue does not know the
    thing. skill: for people. received: what came, summed from receipts by ``aid_requests.receipts``; still needed =
    quantity − received − open commitments, never less than 0, always derived (``aid_requests.needed``). is_open:
    nobody closed the line for good.
    """

    request = models.ForeignKey(AidRequest, models.CASCADE, related_name="lines")
    order = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=9, choices=LineKind.choices, default=LineKind.GOODS)
    item = models.ForeignKey(
        "supplies.Item", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    description = models.CharField(_("in the asker's words"), max_length=300, blank=True)
    skill = models.CharField(_("skill"), max_length=100, blank=True)
    sector = models.ForeignKey(
        Sector, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sector")
    )
    quantity = amount(_("quantity"), validators=[POSITIVE])
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    wanted_by = models.DateTimeField(_("needed by"), null=True, blank=True)
    people = models.PositiveIntegerField(_("for how many people"), null=True, blank=True)
    received = amount(pgettext_lazy("quantity", "received"), default=0, validators=[MinValueValidator(0)])
    is_open = models.BooleanField(pgettext_lazy("state of a line", "open"), default=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("line of a request")
        verbose_name_plural = _("lines of requests")
        ordering = ("request", "order", "pk")
        triggers = line_triggers()
        indexes = (
            models.Index(fields=("item", "is_open"), include=("request",), name="requests_line_item"),
            # Few lines name no item of the catalogue, or ask for other things than goods; which requests they are in.
            models.Index(fields=("kind", "request"), condition=models.Q(item=None), name="requests_line_unknown_item"),
            models.Index(fields=("kind", "request"), condition=~models.Q(kind="goods"), name="requests_line_not_goods"),
            models.Index(fields=("updated_at", "id"), name="requests_line_changed"),
            # What the public searches for, in the asker's words.
            GinIndex(OpClass(Upper("description"), "gin_trgm_ops"), name="requests_line_description"),
            GinIndex(OpClass(Upper("skill"), "gin_trgm_ops"), name="requests_line_skill"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="requests_line_asks_for_something"),
            models.CheckConstraint(condition=models.Q(received__gte=0), name="requests_line_received_not_negative"),
            models.CheckConstraint(
                condition=~models.Q(item=None) | ~models.Q(description="") | ~models.Q(skill=""),
                name="requests_line_says_what",
            ),
        )

    def __str__(self) -> str:
        return str(self.item) if self.item_id else self.description or self.skill


@tracked()
class RequestStep(Provenance):
    """One step in the life of a request: from one state to another, with the reason, and to whom it was forwarded.

    told: the words the requester was sent, if any; told_by: how.
    """

    request = models.ForeignKey(AidRequest, models.CASCADE, related_name="steps")
    before = models.CharField(
        pgettext_lazy("state before a step", "before"), max_length=10, choices=RequestState.choices, blank=True
    )
    after = models.CharField(pgettext_lazy("state after a step", "after"), max_length=10, choices=RequestState.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    forwarded_to = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("forwarded to")
    )

    class Meta:
        verbose_name = _("step of a request")
        verbose_name_plural = _("steps of requests")
        ordering = ("occurred_at", "pk")

    def __str__(self) -> str:
        return f"{self.request.code}: {self.get_after_display()}"


@tracked()
class Notice(models.Model):
    """A message about a request that was sent to somebody, in their language. to is never shown to the public."""

    request = models.ForeignKey(AidRequest, models.CASCADE, related_name="notices")
    commitment = models.ForeignKey("requests.Commitment", models.CASCADE, null=True, blank=True, related_name="notices")
    by_channel = models.CharField(_("sent by"), max_length=5, choices=NotifyBy.choices)
    to = models.CharField(_("to"), max_length=254)
    to_whom = models.CharField(_("to whom"), max_length=150, blank=True)
    body = models.TextField(_("text"))
    key = models.CharField(max_length=200, unique=True, editable=False)
    queued_at = models.DateTimeField(_("queued"), auto_now_add=True)
    problem = models.CharField(_("why it could not be sent"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("message sent")
        verbose_name_plural = _("messages sent")
        ordering = ("queued_at", "pk")

    def __str__(self) -> str:
        return f"{self.request.code}: {self.to_whom}"


def attachment_path(attachment: Attachment, filename: str) -> str:
    return f"requests/{uuid.uuid4().hex}.{'pdf' if attachment.kind == 'pdf' else 'jpg'}"


@tracked()
class Attachment(Provenance):
    """A photo or document with a request. Pictures are made anew without the camera's hidden data; of documents only PDF
    is taken.
    """

    request = models.ForeignKey(AidRequest, models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=4, choices=(("jpg", _("photo")), ("pdf", _("document"))))
    file = models.FileField(_("file"), upload_to=attachment_path)
    caption = models.CharField(_("what it shows"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("occurred_at", "pk")

    def __str__(self) -> str:
        return self.caption or f"{self.request.code} {self.pk}"
