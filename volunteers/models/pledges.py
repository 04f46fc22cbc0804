"""Pledges: what people, companies and organisations publicly offer."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from komek.supplies.models import POSITIVE, amount
from orgs.models import Organisation, Site


class PledgeKind(models.TextChoices):
    GOODS = "goods", _("goods")
    MONEY = "money", _("money")
    SERVICE = "service", _("services")
    TRANSPORT = "transport", _("transport")
    SHELTER = "shelter", _("shelter space")
    PEOPLE = "people", _("people")


class DonorKind(models.TextChoices):
    PERSON = "person", _("a person")
    COMPANY = "company", _("a company")
    ORGANISATION = "organisation", _("an organisation")
    GOVERNMENT = "government", _("a government body")
    CAMP = "camp", _("a camp")


class PledgeState(models.TextChoices):
    PLEDGED = "pledged", _("pledged")
    ACCEPTED = "accepted", _("accepted")
    COMMITTED = "committed", _("committed")
    ON_THE_WAY = "on_the_way", _("on its way")
    RECEIVED = "received", _("received")
    USED = "used", _("used")
    DECLINED = "declined", _("declined with thanks")
    WITHDRAWN = "withdrawn", _("withdrawn by the donor")
    LAPSED = "lapsed", _("lapsed")


WAITING = (PledgeState.ACCEPTED, PledgeState.COMMITTED, PledgeState.ON_THE_WAY)
"""Accepted, and not all of it came: what is free of it may be promised to needs."""

ENDED = (PledgeState.USED, PledgeState.DECLINED, PledgeState.WITHDRAWN, PledgeState.LAPSED)
"""Nothing more is expected of it."""


class NotifyBy(models.TextChoices):
    NOBODY = "none", _("not told")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("e-mail")


def follow_key() -> str:
    """A secret of 60 bits that lets the donor follow a pledge without an account."""
    return secrets.token_hex(8)[:15]


# History is read by everybody who sees the pledge: who gives, how to reach them and their key stay out of it.
@tracked(exclude=("search_key", "follow_key", "donor_name", "phone", "email", "reported_by"))
class Pledge(Coded, Provenance):
    """An offer of aid.

    donor: registered, or by name. is_public: the donor lets others know their name; is_anonymous: nobody but those who
    handle the pledge learns it. quantity: in the item's base unit, or plain numbers (lorries, places, people) with
    their unit in words; for money the amount, with the currency (ISO 4217) as unit: it is recorded, never processed.
    item: of the catalogue; ``description`` keeps the donor's words, alone while the catalogue does not know the thing.
    valid_from and valid_to: between which days it can be had. is_kept: not needed now, kept for later. received: what
    came, summed from receipts; used: how much of that was given out, as somebody wrote down. reference: the sender's
    own name for this offer; the same reference makes no second pledge. thanked_at: when a word of thanks went out.
    """

    CODE_LETTER: ClassVar[str] = "G"

    kind = models.CharField(_("kind"), max_length=9, choices=PledgeKind.choices, default=PledgeKind.GOODS)
    state = models.CharField(_("state"), max_length=10, choices=PledgeState.choices, default=PledgeState.PLEDGED)
    state_since = models.DateTimeField(_("in this state since"), null=True, blank=True)
    donor_kind = models.CharField(_("donor is"), max_length=12, choices=DonorKind.choices, default=DonorKind.PERSON)
    donor = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="pledges", verbose_name=_("donor")
    )
    donor_name = models.CharField(_("donor's name"), max_length=200, blank=True)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    is_public = models.BooleanField(_("the name may be published"), default=False)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    notify_by = models.CharField(_("told by"), max_length=5, choices=NotifyBy.choices, default=NotifyBy.NOBODY)
    item = models.ForeignKey(
        "supplies.Item", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    description = models.CharField(_("in the donor's words"), max_length=300, blank=True)
    skill = models.CharField(_("skill"), max_length=100, blank=True)
    quantity = amount(_("quantity"), validators=[POSITIVE])
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    location = models.PointField(_("location"), srid=4326, null=True, blank=True)
    landmark = models.CharField(_("address or landmark"), max_length=300, blank=True)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site"))
    valid_from = models.DateField(_("can be had from"), null=True, blank=True)
    valid_to = models.DateField(_("can be had until"), null=True, blank=True)
    conditions = models.CharField(_("conditions"), max_length=300, blank=True)
    is_kept = models.BooleanField(_("kept for later"), default=False)
    received = amount(_("received"), default=0, validators=[MinValueValidator(0)])
    used = amount(_("used"), default=0, validators=[MinValueValidator(0)])
    thanked_at = models.DateTimeField(_("thanked"), null=True, blank=True)
    follow_key = models.CharField(max_length=20, default=follow_key, editable=False)
    reference = models.CharField(_("sender's reference"), max_length=200, blank=True)
    search_key = models.TextField(editable=False, default="")
    consents = GenericRelation("accounts.Consent", "about_id", "about_type")

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ("-occurred_at", "-pk")
        indexes = (
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="volunteers_pledge_search"),
            models.Index(fields=("operation", "state", "-occurred_at"), name="volunteers_pledge_state"),
            models.Index(fields=("-occurred_at", "-id"), include=("operation",), name="volunteers_pledge_list"),
            models.Index(fields=("item", "state"), name="volunteers_pledge_item"),
            models.Index(
                fields=("valid_to", "id"), condition=~models.Q(valid_to=None), name="volunteers_pledge_lapses"
            ),
            # The other orders of the list and of the API.
            models.Index(fields=("quantity", "id"), name="volunteers_pledge_quantity"),
            models.Index(
                fields=("state", "-occurred_at", "-id"), include=("operation",), name="volunteers_pledge_stated"
            ),
            models.Index(fields=("updated_at", "id"), name="volunteers_pledge_changed"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="volunteers_pledge_valid_in_order",
                violation_error_message=_("“Until” lies before “from”. Check the two dates."),
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="volunteers_pledge_is_something"),
            models.CheckConstraint(
                condition=models.Q(received__gte=0) & models.Q(used__gte=0), name="volunteers_pledge_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(item=None) | ~models.Q(description="") | ~models.Q(skill="") | models.Q(kind="money"),
                name="volunteers_pledge_says_what",
            ),
            models.UniqueConstraint(
                fields=("operation", "reference"), condition=~models.Q(reference=""), nulls_distinct=False,
                name="volunteers_pledge_reference_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.what}"

    @property
    def what(self) -> str:
        """What is offered, in words: the item, else the donor's own words."""
        return str(self.item) if self.item_id else self.description or self.skill or str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return reverse("volunteers:pledge", args=[self.code])
