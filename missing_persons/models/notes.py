"""Notes: what somebody learnt about a person after the report."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Provenance
from missing_persons.models.persons import Person
from missing_persons.models.reports import Moderation, Report
from orgs.models import Organisation


class NoteStatus(models.TextChoices):
    """As PFIF 1.4 has them; a note may have none."""

    UNSPECIFIED = "", _("says nothing about it")
    INFORMATION_SOUGHT = "information_sought", _("information is sought")
    IS_NOTE_AUTHOR = "is_note_author", _("I am this person")
    BELIEVED_ALIVE = "believed_alive", _("believed alive")
    BELIEVED_MISSING = "believed_missing", _("believed missing")
    BELIEVED_DEAD = "believed_dead", _("believed dead")


@tracked(exclude=("original",), in_bulk=True)
class Note(Provenance):
    """A note on a person, made on one of their reports or on none. Its author is ``reported_by``; occurred_at: as of when it holds.

    A note of a death is held: only a protection officer releases it. verified: somebody entitled made sure of it; nobody's
    status rests on a note that is not. contact_made: its author has been in touch with the person since (``None``: not said).
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="notes", verbose_name=_("person"))
    report = models.ForeignKey(
        Report, models.PROTECT, null=True, blank=True, related_name="notes", verbose_name=_("report")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=NoteStatus.choices, default=NoteStatus.UNSPECIFIED, blank=True
    )
    text = models.TextField(_("text"), blank=True)
    last_known_location = models.CharField(_("last known location"), max_length=300, blank=True)
    last_known_area = models.ForeignKey(
        "places.Area", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("last known area")
    )
    contact_made = models.BooleanField(_("has been in contact"), null=True, blank=True)
    author_phone = models.CharField(_("author's telephone"), max_length=60, blank=True)
    author_email = models.CharField(_("author's e-mail"), max_length=254, blank=True)
    moderation = models.CharField(
        _("publication"), max_length=10, choices=Moderation.choices, default=Moderation.WAITING, editable=False
    )
    moderation_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("verified by"),
    )  # fmt: skip
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True, editable=False)
    verified_how = models.CharField(_("how it was verified"), max_length=300, blank=True, editable=False)
    source_domain = models.CharField(_("other registry"), max_length=255, blank=True)
    source_record_id = models.CharField(_("id in the other registry"), max_length=500, blank=True)
    source_entry_date = models.DateTimeField(_("version in the other registry"), null=True, blank=True)
    linked_record_id = models.CharField(_("said to be the same as"), max_length=500, blank=True)
    is_clone = models.BooleanField(_("copy of another registry's record"), default=False, editable=False)
    original = models.JSONField(default=dict, blank=True, editable=False)
    tombstoned_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("note on a person")
        verbose_name_plural = _("notes on persons")
        ordering = ("-occurred_at", "-pk")
        indexes = (
            models.Index(
                fields=("operation", "entered_at"),
                condition=models.Q(moderation__in=("waiting", "held"), tombstoned_at=None),
                name="missing_note_waits",
            ),
            models.Index(
                fields=("operation", "updated_at", "id"),
                condition=models.Q(moderation="published", tombstoned_at=None),
                name="missing_note_feed",
            ),
            models.Index(
                fields=("person",),
                condition=models.Q(status="believed_dead", tombstoned_at=None),
                name="missing_note_of_death",
            ),
            models.Index(
                fields=("operation", "linked_record_id"),
                condition=~models.Q(linked_record_id=""),
                name="missing_note_linked",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "source_record_id"),
                condition=~models.Q(source_record_id=""),
                nulls_distinct=False,
                name="missing_note_source_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.text[:60]}" if self.text else str(self.get_status_display())

    def get_absolute_url(self) -> str:
        return f"{self.person.get_absolute_url()}#note-{self.pk}"
