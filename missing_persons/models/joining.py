"""Which persons may be one, who decided it, and what was moved, so that it can be put back exactly."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from missing_persons.models.persons import Person
from orgs.models import Site


class PairState(models.TextChoices):
    OPEN = "open", _("not looked at")
    JOINED = "joined", _("the same person")
    APART = "apart", _("two people")


class Decided(models.Model):
    """Somebody's answer to a suggestion."""

    state = models.CharField(_("answer"), max_length=6, choices=PairState.choices, default=PairState.OPEN)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("answered by"),
    )  # fmt: skip

    class Meta:
        abstract = True


@tracked(exclude=("evidence",), in_bulk=True)
class SuggestedPair(Decided):
    """Two persons who may be one. ``first`` has the smaller key.

    score: 0 to 1. evidence: a list of ``{"field", "verdict", "first", "second"}`` with the verdicts ``equal``, ``compatible``,
    ``different``, ``blank``.
    """

    operation = models.ForeignKey(
        "operations.Operation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    first = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("one person"))
    second = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("other person"))
    score = models.FloatField(_("likeness"))
    evidence = models.JSONField(_("evidence"), default=list)
    suggested_at = models.DateTimeField(_("suggested at"), default=timezone.now)

    class Meta:
        verbose_name = _("possibly one person")
        verbose_name_plural = _("possibly one person")
        ordering = ("-score", "pk")
        indexes = (
            models.Index(
                fields=("operation", "-score", "id"),
                condition=models.Q(state="open"),
                name="missing_pair_open",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="missing_pair_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="missing_pair_in_order"),
        )

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"


class MoveKind(models.TextChoices):
    JOIN = "join", _("joined")
    SPLIT = "split", _("split")


@tracked()
class Joining(models.Model):
    """One move of reports and what hangs on them from one person to another: a join or a split.

    moved: model name → keys of the rows that were moved, so that undoing moves exactly those back.
    """

    operation = models.ForeignKey(
        "operations.Operation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    kind = models.CharField(_("what was done"), max_length=5, choices=MoveKind.choices)
    source = models.ForeignKey(Person, models.CASCADE, related_name="moved_away", verbose_name=_("from"))
    target = models.ForeignKey(Person, models.CASCADE, related_name="moved_here", verbose_name=_("to"))
    pair = models.ForeignKey(
        SuggestedPair, models.SET_NULL, null=True, blank=True, related_name="joinings", verbose_name=_("suggestion")
    )
    moved = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    done_at = models.DateTimeField(_("when"), default=timezone.now)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )
    undone_because = models.CharField(_("reason for undoing"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("joining")
        verbose_name_plural = _("joinings")
        ordering = ("-done_at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.source} → {self.target}"


@tracked(exclude=("evidence", "names"))
class SightingMatch(Decided):
    """Somebody registered elsewhere (socket ``sightings``) who may be this person.

    plug, reference: whose sighting and which; asked again (``still_told``) before anything of it is shown. names: as given there.
    """

    operation = models.ForeignKey(
        "operations.Operation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="sightings", verbose_name=_("person"))
    plug = models.CharField(_("source"), max_length=60)
    reference = models.CharField(_("code there"), max_length=60)
    names = models.JSONField(default=list)
    sex = models.CharField(_("sex"), max_length=8, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    seen_at = models.DateTimeField(_("seen at"))
    site = models.ForeignKey(Site, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("site"))
    score = models.FloatField(_("likeness"))
    evidence = models.JSONField(_("evidence"), default=list)
    suggested_at = models.DateTimeField(_("suggested at"), default=timezone.now)

    class Meta:
        verbose_name = _("possible sighting")
        verbose_name_plural = _("possible sightings")
        ordering = ("-score", "pk")
        constraints = (models.UniqueConstraint(fields=("person", "plug", "reference"), name="missing_sighting_once"),)

    def __str__(self) -> str:
        return f"{self.person} – {self.reference}"


class SightingsHeard(models.Model):
    """Up to which moment a plug's sightings were looked at, per operation."""

    operation = models.ForeignKey("operations.Operation", models.CASCADE, null=True, related_name="+")
    plug = models.CharField(max_length=60)
    heard_until = models.DateTimeField()

    class Meta:
        verbose_name = _("sightings looked at")
        verbose_name_plural = _("sightings looked at")
        constraints = (
            models.UniqueConstraint(fields=("operation", "plug"), nulls_distinct=False, name="missing_heard_once"),
        )

    def __str__(self) -> str:
        return self.plug
