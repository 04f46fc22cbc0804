"""Headcounts: how many people a site holds, at a moment, by whose count. Never overwritten, only corrected."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from camps.models.camps import Camp
from komek.records.history import tracked
from komek.records.models import Provenance

# Age bands as UNHCR's population tables use them, so that figures can be exchanged without guessing.
AGE_BANDS = (("0_4", 0, 4), ("5_11", 5, 11), ("12_17", 12, 17), ("18_59", 18, 59), ("60", 60, 150))
NEEDS = (
    "disability",
    "pregnant",
    "unaccompanied_children",
    "older_alone",
    "chronically_ill",
)


def breakdown_fields(sex: str | None = None) -> tuple[str, ...]:
    """Names of the columns that split a headcount by age, of one sex or of both."""
    return tuple(f"{one}_{band}" for one in ((sex,) if sex else ("female", "male")) for band, _low, _high in AGE_BANDS)


class Method(models.TextChoices):
    REGISTRATION = "registration", _("registration")
    ESTIMATE = "estimate", _("estimate")
    KEY_INFORMANT = "informant", _("key informant")
    COUNT = "count", _("count on the spot")


class HeadcountStanding(models.TextChoices):
    """accepted: counts. questioned: waits until a person confirms it. replaced, withdrawn: kept, but no longer counts."""

    ACCEPTED = "accepted", _("accepted")
    QUESTIONED = "questioned", _("to be confirmed")
    REPLACED = "replaced", _("replaced by a correction")
    WITHDRAWN = "withdrawn", _("withdrawn")


def _number(title: object) -> models.PositiveIntegerField[int | None, int | None]:
    return models.PositiveIntegerField(title, null=True, blank=True)  # type: ignore[arg-type]


@tracked()
class Headcount(Provenance):
    """People and households at a site at ``occurred_at``. Unknown is empty, never zero.

    entry_id: given by whoever enters it, so that a message sent twice is one headcount.
    """

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="headcounts", verbose_name=_("site"))
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    people = models.PositiveIntegerField(_("people"))
    households = _number(_("households"))
    female = _number(_("female"))
    male = _number(_("male"))
    female_0_4 = _number(_("girls 0–4"))
    female_5_11 = _number(_("girls 5–11"))
    female_12_17 = _number(_("girls 12–17"))
    female_18_59 = _number(_("women 18–59"))
    female_60 = _number(_("women 60 and over"))
    male_0_4 = _number(_("boys 0–4"))
    male_5_11 = _number(_("boys 5–11"))
    male_12_17 = _number(_("boys 12–17"))
    male_18_59 = _number(_("men 18–59"))
    male_60 = _number(_("men 60 and over"))
    disability = _number(_("people with a disability"))
    pregnant = _number(_("pregnant or breastfeeding"))
    unaccompanied_children = _number(_("children without a parent or guardian"))
    older_alone = _number(_("older people alone"))
    chronically_ill = _number(_("chronically ill"))
    method = models.CharField(_("how it was counted"), max_length=12, choices=Method.choices, default=Method.COUNT)
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    standing = models.CharField(
        _("standing"),
        max_length=10,
        choices=HeadcountStanding.choices,
        default=HeadcountStanding.ACCEPTED,
        editable=False,
    )
    corrects = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="corrections",
        editable=False,
        verbose_name=_("corrects"),
    )

    class Meta:
        verbose_name = _("headcount")
        verbose_name_plural = _("headcounts")
        ordering = ("-occurred_at", "-pk")
        indexes = (
            models.Index(fields=("camp", "-occurred_at", "-id"), name="camps_headcount_latest"),
            models.Index(fields=("-occurred_at", "-id"), name="camps_headcount_newest"),
        )

    def __str__(self) -> str:
        return f"{self.camp}: {self.people}"

    def get_absolute_url(self) -> str:
        return self.camp.get_absolute_url()
