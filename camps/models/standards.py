"""Minimum standards as cited, editable data, and what was measured at a site."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from camps.models.camps import Camp
from komek.records.history import tracked
from komek.records.models import Provenance


class Comparison(models.TextChoices):
    """How a measured value meets its standard."""

    PER_PERSON = "per_person", _("at least so much for each person")
    PEOPLE_PER_UNIT = "people_per_unit", _("at most so many people for each unit")
    AT_MOST = "at_most", _("at most")
    AT_LEAST = "at_least", _("at least")
    IN_PLACE = "in_place", _("in place or not")


NOT_NEGATIVE = MinValueValidator(Decimal(0))


def _figure(title: object) -> models.DecimalField[Decimal | None, Decimal | None]:
    return models.DecimalField(  # type: ignore[return-value]
        title,
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[NOT_NEGATIVE],  # type: ignore[arg-type]
    )


@tracked()
class Standard(models.Model):
    """One figure to compare with. An indicator of how people live, never a pass or fail mark.

    target: what to reach. first: the least in the first days, or to survive; it is what to reach until the site has been
    open for ``first_days``, and with no ``first_days`` only tells bad from worst. target_cold, upper_cold: in cold or
    urban sites, from – to. share: of all units the part that these should be (toilets for women: 0.75), and part_of:
    the standard that counts them all. unit: of the measured value ("l a day", "toilet|toilets", "m").
    gap_text: the gap in words, with ``{n}`` for the number. Both take ``|`` between the words for one and for more.
    item, item_covers: what to ask for, and how much of the gap one of it closes. source: publication, edition, chapter.
    Texts by language: language code → text.
    """

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("what is measured"), max_length=150)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    sector = models.ForeignKey(
        "orgs.Sector", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sector")
    )
    comparison = models.CharField(_("comparison"), max_length=16, choices=Comparison.choices)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    units = models.JSONField(_("unit by language"), default=dict, blank=True)
    gap_text = models.CharField(_("gap in words"), max_length=150, blank=True)
    gap_texts = models.JSONField(_("gap in words by language"), default=dict, blank=True)
    note = models.CharField(_("how to measure it"), max_length=300, blank=True)
    notes = models.JSONField(_("how to measure it, by language"), default=dict, blank=True)
    target = _figure(_("standard"))
    first = _figure(_("at first"))
    first_days = models.PositiveSmallIntegerField(_("“at first” lasts, days"), null=True, blank=True)
    target_cold = _figure(_("in the cold"))
    upper_cold = _figure(_("in the cold, up to"))
    share = models.DecimalField(
        _("part of all units"), max_digits=5, decimal_places=4, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(Decimal(1))],
    )  # fmt: skip
    part_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="parts", verbose_name=_("counted in")
    )
    item = models.ForeignKey(
        "supplies.Item",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("item that closes a gap"),
    )
    item_covers = models.DecimalField(
        _("one item closes"), max_digits=12, decimal_places=3, default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.001"))],
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=300)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ("order", "key")
        constraints = (
            models.CheckConstraint(condition=models.Q(item_covers__gt=0), name="camps_standard_item_closes_something"),
            models.CheckConstraint(
                condition=models.Q(share=None) | (models.Q(share__gt=0) & models.Q(share__lte=1)),
                name="camps_standard_share_is_a_part",
            ),
            models.CheckConstraint(
                condition=models.Q(target__isnull=False, target__gt=0) | models.Q(comparison=Comparison.IN_PLACE),
                name="camps_standard_has_a_figure",
            ),
        )

    def __str__(self) -> str:
        return self.text("name")

    def get_absolute_url(self) -> str:
        return reverse("camps:standard", args=[self.key])

    def text(self, name: str) -> str:
        """``name``, ``unit``, ``gap_text`` or ``note`` in the reader's language, else in the working language."""
        by_language: dict[str, str] = getattr(self, f"{name}s")
        return by_language.get(get_language() or "en") or str(getattr(self, name))


@tracked()
class Measurement(Provenance):
    """What was measured at a site, at ``occurred_at``: the raw amount, such as 40 toilets or 12,000 l of water a day."""

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="measurements", verbose_name=_("site"))
    standard = models.ForeignKey(
        Standard, models.PROTECT, related_name="measurements", verbose_name=_("what is measured")
    )
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=3)
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False, editable=False)

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ("-occurred_at", "-pk")
        constraints = (models.CheckConstraint(condition=models.Q(value__gte=0), name="camps_measured_not_negative"),)
        indexes = (models.Index(fields=("camp", "standard", "-occurred_at", "-id"), name="camps_measurement_latest"),)

    def __str__(self) -> str:
        return f"{self.camp}: {self.standard} {self.value.normalize():f}"

    def get_absolute_url(self) -> str:
        return reverse("camps:standard_history", args=[self.camp.code, self.standard.key])
