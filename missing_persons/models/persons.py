"""Persons: what reports are joined into. Everything on a person is derived from its reports and notes, or is a decision about it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from komek.records.history import tracked
from komek.records.models import Coded, Provenance


class Sex(models.TextChoices):
    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("not known")


class Status(models.TextChoices):
    """What is known of a person, from evidence (``missing_persons.deriving``)."""

    UNCHECKED = "unchecked", _("reported, not checked yet")
    MISSING = "missing", pgettext_lazy("of a person whom nobody can find", "missing")
    ALIVE = "alive", _("found alive")
    SAFE = "safe", _("says they are safe")
    UNCLEAR = "unclear", _("reports contradict each other")
    DEAD = "dead", _("died")


class Visibility(models.TextChoices):
    HIDDEN = "hidden", _("hidden")
    WAITING = "waiting", _("waiting to be looked at")
    PUBLIC = "public", _("public")


@tracked(exclude=("compared_at",), in_bulk=True)
class Person(Coded, Provenance):
    """Somebody missing, found, dead, or safe. Each report makes a person of its own; joining moves reports from one to another.

    born_from, born_to: the first and the last day on which they may have been born; both empty when nothing is known.
    public_status: the same from what was published alone, so that who was found and did not agree to be listed stays as they
    were. status_source: a word for the evidence the status stands on, such as ``note 17`` or ``report 4``. joined_into: this
    person was found to be another, its reports are there, and its code leads there. is_held_back: somebody decided
    that the public does not see it, whatever its reports say. tombstoned_at: expired or erased; nothing about them is left.
    compared_at: when it was last looked for others who may be the same person; empty after its names or age changed.
    """

    CODE_LETTER: ClassVar[str] = "P"

    display_name = models.CharField(_("name"), max_length=300, blank=True)
    sex = models.CharField(_("sex"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    born_from = models.DateField(_("born not before"), null=True, blank=True)
    born_to = models.DateField(_("born not after"), null=True, blank=True)
    home_area = models.ForeignKey(
        "places.Area", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("home, area")
    )
    home_text = models.CharField(_("home, in words"), max_length=300, blank=True)
    last_seen_area = models.ForeignKey(
        "places.Area", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("last seen, area")
    )
    last_seen_text = models.CharField(_("last seen, in words"), max_length=300, blank=True)
    is_child_alone = models.BooleanField(_("child found alone"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.UNCHECKED)
    status_at = models.DateTimeField(_("status as of"), null=True, blank=True)
    status_source = models.CharField(_("status from"), max_length=60, blank=True)
    public_status = models.CharField(
        _("status as the public sees it"), max_length=10, choices=Status.choices, default=Status.UNCHECKED
    )
    visibility = models.CharField(
        _("visible to the public"), max_length=8, choices=Visibility.choices, default=Visibility.WAITING
    )
    is_held_back = models.BooleanField(_("held back from the public"), default=False)
    held_back_because = models.CharField(_("reason"), max_length=300, blank=True)
    joined_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="joined_here", verbose_name=_("the same person as")
    )
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    tombstoned_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    compared_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        ordering = ("-occurred_at", "-pk")
        indexes = (
            models.Index(
                fields=("operation", "-occurred_at", "-id"),
                condition=models.Q(joined_into=None, tombstoned_at=None),
                name="missing_person_list",
            ),
            models.Index(
                fields=("operation", "status", "-occurred_at"),
                condition=models.Q(joined_into=None, tombstoned_at=None),
                name="missing_person_status",
            ),
            models.Index(
                fields=("operation", "updated_at", "id"),
                condition=models.Q(visibility="public", joined_into=None, tombstoned_at=None),
                name="missing_person_feed",
            ),
            models.Index(
                fields=("expires_at",),
                condition=models.Q(tombstoned_at=None) & ~models.Q(expires_at=None),
                name="missing_person_expires",
            ),
            models.Index(
                fields=("id",),
                condition=models.Q(compared_at=None, joined_into=None, tombstoned_at=None),
                name="missing_person_not_compared",
            ),
            models.Index(
                fields=("operation", "last_seen_area", "status"),
                condition=models.Q(joined_into=None, tombstoned_at=None),
                name="missing_person_by_area",
            ),
            models.Index(
                fields=("operation",), condition=models.Q(is_child_alone=True), name="missing_person_child_alone"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(joined_into=None) | ~models.Q(joined_into=models.F("id")),
                name="missing_person_not_into_self",
            ),
            models.CheckConstraint(
                condition=models.Q(born_from=None)
                | models.Q(born_to=None)
                | models.Q(born_to__gte=models.F("born_from")),
                name="missing_person_born_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(visibility="public") | models.Q(is_child_alone=False, is_held_back=False),
                name="missing_person_public_is_safe",
            ),
        )

    def __str__(self) -> str:
        return f"{self.display_name or _('name not known')} ({self.code})"

    def get_absolute_url(self) -> str:
        return reverse("missing_persons:person", args=[self.code])

    @property
    def current(self) -> Person:
        """The person this one was joined into, or itself."""
        person, seen = self, {self.pk}
        while person.joined_into is not None and person.joined_into_id not in seen:
            person = person.joined_into
            seen.add(person.pk)
        return person


class Kinship(models.TextChoices):
    """What the second person is to the first."""

    HOUSEHOLD = "household", _("lives in the same household")
    PARENT = "parent", _("parent")
    SIBLING = "sibling", _("sister or brother")
    SPOUSE = "spouse", _("wife or husband")


@tracked()
class FamilyLink(Provenance):
    """``relative`` is the ``kind`` of ``person``: the parent, the spouse."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="family", verbose_name=_("person"))
    relative = models.ForeignKey(Person, models.CASCADE, related_name="family_of", verbose_name=_("relative"))
    kind = models.CharField(_("relation"), max_length=10, choices=Kinship.choices)

    class Meta:
        verbose_name = _("family link")
        verbose_name_plural = _("family links")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("person", "relative", "kind"), name="missing_family_link_once"),
            models.CheckConstraint(condition=~models.Q(person=models.F("relative")), name="missing_family_link_of_two"),
        )

    def __str__(self) -> str:
        return f"{self.relative}: {self.get_kind_display()}"
