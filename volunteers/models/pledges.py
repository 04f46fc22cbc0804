"""Pledges: what people, companies and organisations publicly offer, and what became of each offer."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
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


OFFERED = (PledgeState.PLEDGED, PledgeState.ACCEPTED, PledgeState.COMMITTED)
"""States in which something of the pledge may still be promised to a need."""


def follow_key() -> str:
    """A secret of 60 bits that lets the donor follow a pledge without an account."""
    return secrets.token_hex(8)[:15]


@tracked(exclude=("search_key",))
class Pledge(Coded, Provenance):
    """An offer of aid.

    donor: registered, or by name. is_public: the donor lets the public see their name; is_anonymous: nobody but those
    who handle the pledge learns it. quantity: in the item's base unit, or plain numbers (lorries, places, people).
    amount and currency: for money, which is recorded, never processed. valid_from and valid_to: between which days it
    can be had. is_kept: not needed now, kept for later. follow_key: see above.
    """

    CODE_LETTER: ClassVar[str] = "G"

    kind = models.CharField(_("kind"), max_length=9, choices=PledgeKind.choices, default=PledgeKind.GOODS)
    state = models.CharField(_("state"), max_length=10, choices=PledgeState.choices, default=PledgeState.PLEDGED)
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
    item = models.ForeignKey(
        "supplies.Item", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    description = models.CharField(_("in the donor's words"), max_length=300, blank=True)
    skill = models.CharField(_("skill"), max_length=100, blank=True)
    quantity = amount(_("quantity"), validators=[POSITIVE], null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    money = models.DecimalField(_("amount"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
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
    decision_note = models.CharField(_("reason"), max_length=300, blank=True)
    state_since = models.DateTimeField(_("in this state since"), null=True, blank=True)
    received = amount(_("received"), default=0)
    used = amount(_("used"), default=0)
    follow_key = models.CharField(max_length=20, default=follow_key, editable=False)
    reference = models.CharField(_("sender's reference"), max_length=200, blank=True)
    search_key = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ("-occurred_at", "-pk")
        indexes = (
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="volunteers_pledge_search"),
            models.Index(fields=("operation", "state", "-occurred_at"), name="volunteers_pledge_state"),
            models.Index(fields=("item", "state"), name="volunteers_pledge_item"),
            models.Index(fields=("valid_to",), condition=~models.Q(valid_to=None), name="volunteers_pledge_lapses"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="volunteers_pledge_valid_in_order",
                violation_error_message=_("“Until” lies before “from”. Check the two dates."),
            ),
            models.CheckConstraint(
                condition=models.Q(quantity=None) | models.Q(quantity__gt=0), name="volunteers_pledge_is_something"
            ),
            models.CheckConstraint(
                condition=~models.Q(item=None) | ~models.Q(description="") | ~models.Q(money=None) | ~models.Q(skill=""),
                name="volunteers_pledge_says_what",
            ),
            models.UniqueConstraint(
                fields=("operation", "reference"), condition=~models.Q(reference=""), nulls_distinct=False,
                name="volunteers_pledge_reference_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.item or self.description or self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("volunteers:pledge", args=[self.code])


@tracked()
class PledgeStep(Provenance):
    """One step in the life of a pledge, with the reason, and the words the donor was told, if any."""

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="steps")
    before = models.CharField(_("before"), max_length=10, choices=PledgeState.choices, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=PledgeState.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    told = models.TextField(_("what the donor was told"), blank=True)

    class Meta:
        verbose_name = _("step of a pledge")
        verbose_name_plural = _("steps of pledges")
        ordering = ("occurred_at", "pk")

    def __str__(self) -> str:
        return f"{self.pledge.code}: {self.get_after_display()}"


class UseState(models.TextChoices):
    HELD = "held", _("held")
    ON_THE_WAY = "on_the_way", _("on its way")
    RECEIVED = "received", _("received")
    RELEASED = "released", _("given back")


@tracked()
class PledgeUse(Provenance):
    """A part of a pledge that is promised to a need. reference: the need, in the words of who holds it (a request's
    code).
    """

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="uses")
    quantity = amount(_("quantity"), validators=[POSITIVE])
    state = models.CharField(_("state"), max_length=10, choices=UseState.choices, default=UseState.HELD)
    until = models.DateTimeField(_("held until"))
    reference = models.CharField(_("held for"), max_length=200, blank=True)
    received = amount(_("received"), default=0)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("use of a pledge")
        verbose_name_plural = _("uses of pledges")
        ordering = ("occurred_at", "pk")
        indexes = (models.Index(fields=("pledge", "state"), name="volunteers_use_state"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="volunteers_use_is_something"),
            models.CheckConstraint(condition=models.Q(received__gte=0), name="volunteers_use_received_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.pledge.code}: {self.quantity}"
