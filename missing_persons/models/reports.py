"""Reports: what somebody said about a person, in their words, never changed by joining; with the names and photos they gave."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from komek.records.history import tracked
from komek.records.models import Provenance
from missing_persons.models.persons import Person, Sex
from orgs.models import Organisation


class ReportKind(models.TextChoices):
    MISSING = "missing", pgettext_lazy("of a person whom nobody can find", "missing")
    SEEKING = "seeking", _("looking for somebody")
    SAFE = "safe", _("“I am safe”")
    FOUND = "found", _("found")
    SIGHTED = "sighted", _("seen")
    DECEASED = "deceased", _("died")
    UNIDENTIFIED_LIVING = "unidentified_living", _("alive, does not say who they are")
    UNIDENTIFIED_DEAD = "unidentified_dead", _("dead, not identified")


LOOKED_FOR = (ReportKind.MISSING, ReportKind.SEEKING)
LIVING = (ReportKind.SAFE, ReportKind.FOUND, ReportKind.SIGHTED, ReportKind.UNIDENTIFIED_LIVING)
OF_DEATH = (ReportKind.DECEASED, ReportKind.UNIDENTIFIED_DEAD)
UNIDENTIFIED = (ReportKind.UNIDENTIFIED_LIVING, ReportKind.UNIDENTIFIED_DEAD)


class Company(models.TextChoices):
    """Whom a person was with when found."""

    UNKNOWN = "", _("not known")
    FAMILY = "family", _("with family or a guardian")
    ALONE = "alone", _("alone")


class Moderation(models.TextChoices):
    WAITING = "waiting", _("waiting to be looked at")
    HELD = "held", _("held for a protection officer")
    PUBLISHED = "published", _("may be published")
    HIDDEN = "hidden", _("kept from the public")


def follow_key() -> str:
    """A secret of 80 bits that lets whoever reported follow the report without an account."""
    return secrets.token_hex(10)


@tracked(exclude=("follow_key", "original"), in_bulk=True)
class Report(Provenance):
    """One report as it was made. Corrected by its maker as a new version that history keeps; joining never touches a word of it.

    person: whom it is joined to now; made_person: the person it made when it came in, who is restored when it is split off.
    entry_id: a report sent twice is one report. organisation: whose people entered it; empty for the public and for feeds.
    occurred_at: when the person was last seen, found or died. age_from, age_to: years of age on that day, as told;
    born_from, born_to: worked out from these or from birth_date. consents_to_publish: the reporter agreed that name, age band and
    status are public. original: everything as given, before anything was tidied.

    From another registry (PFIF): source_domain, source_record_id (the whole ``domain/local`` id), source_entry_date (its
    version), expiry_date; is_clone: not ours, so that it is never given out as ours. tombstoned_at: expired or erased, nothing left.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="reports", verbose_name=_("person"))
    made_person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("first entered as"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind of report"), max_length=20, choices=ReportKind.choices)
    # Who reports, and how to reach them: protected.
    reporter_relation = models.CharField(_("relation to the person"), max_length=100, blank=True)
    reporter_phone = models.CharField(_("reporter's telephone"), max_length=60, blank=True)
    reporter_email = models.CharField(_("reporter's e-mail"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    sex = models.CharField(_("sex"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    age_from = models.PositiveSmallIntegerField(_("age from"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("age to"), null=True, blank=True)
    born_from = models.DateField(_("born not before"), null=True, blank=True, editable=False)
    born_to = models.DateField(_("born not after"), null=True, blank=True, editable=False)
    home_text = models.CharField(_("home, in words"), max_length=300, blank=True)
    home_area = models.ForeignKey(
        "places.Area", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("home, area")
    )
    last_seen_text = models.CharField(_("last seen or found, in words"), max_length=300, blank=True)
    last_seen_area = models.ForeignKey(
        "places.Area", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("last seen or found, area"),
    )  # fmt: skip
    last_seen_point = models.PointField(_("last seen or found, on the map"), srid=4326, null=True, blank=True)
    height_cm = models.PositiveSmallIntegerField(_("height in cm"), null=True, blank=True)
    build = models.CharField(_("build"), max_length=100, blank=True)
    hair = models.CharField(_("hair"), max_length=100, blank=True)
    eyes = models.CharField(_("eyes"), max_length=100, blank=True)
    scars = models.CharField(_("scars and marks"), max_length=300, blank=True)
    tattoos = models.CharField(_("tattoos"), max_length=300, blank=True)
    clothing = models.CharField(_("clothing"), max_length=300, blank=True)
    languages = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("languages spoken")
    )
    description = models.TextField(_("description"), blank=True)
    circumstances = models.TextField(_("what happened"), blank=True)
    company = models.CharField(
        _("found with"), max_length=6, choices=Company.choices, default=Company.UNKNOWN, blank=True
    )
    consents_to_publish = models.BooleanField(_("may be published"), default=False)
    moderation = models.CharField(
        _("publication"), max_length=10, choices=Moderation.choices, default=Moderation.WAITING, editable=False
    )
    moderation_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("looked at by"),
    )  # fmt: skip
    moderated_at = models.DateTimeField(_("looked at"), null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("verified by"),
    )  # fmt: skip
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True, editable=False)
    source_domain = models.CharField(_("other registry"), max_length=255, blank=True)
    source_record_id = models.CharField(_("id in the other registry"), max_length=500, blank=True)
    source_entry_date = models.DateTimeField(_("version in the other registry"), null=True, blank=True)
    expiry_date = models.DateTimeField(_("kept until"), null=True, blank=True)
    is_clone = models.BooleanField(_("copy of another registry's record"), default=False, editable=False)
    follow_key = models.CharField(max_length=24, default=follow_key, editable=False)
    original = models.JSONField(default=dict, blank=True, editable=False)
    tombstoned_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    consents = GenericRelation("accounts.Consent", "about_id", "about_type")

    class Meta:
        verbose_name = _("report of a person")
        verbose_name_plural = _("reports of persons")
        ordering = ("-entered_at", "-pk")
        indexes = (
            models.Index(
                fields=("operation", "entered_at"),
                condition=models.Q(moderation__in=("waiting", "held"), tombstoned_at=None),
                name="missing_report_waits",
            ),
            models.Index(fields=("operation", "updated_at", "id"), name="missing_report_feed"),
            models.Index(
                fields=("operation", "tombstoned_at", "id"),
                condition=~models.Q(tombstoned_at=None),
                name="missing_report_gone",
            ),
            models.Index(
                fields=("expiry_date",),
                condition=models.Q(tombstoned_at=None) & ~models.Q(expiry_date=None),
                name="missing_report_expires",
            ),
            models.Index(
                fields=("person",),
                condition=models.Q(kind__in=("deceased", "unidentified_dead"), tombstoned_at=None),
                name="missing_report_of_death",
            ),
        )
        constraints = (
            # The standing register (no operation) keeps another registry's record once, too.
            models.UniqueConstraint(
                fields=("operation", "source_record_id"),
                condition=~models.Q(source_record_id=""),
                nulls_distinct=False,
                name="missing_report_source_once",
            ),
            models.CheckConstraint(
                condition=models.Q(age_from=None) | models.Q(age_to=None) | models.Q(age_to__gte=models.F("age_from")),
                name="missing_report_age_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {timezone.localtime(self.entered_at):%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return f"{self.person.get_absolute_url()}#report-{self.pk}"

    @property
    def code(self) -> str:
        """The code that was given to whoever reported: that of the person it made. It leads to ``person``."""
        return self.made_person.code

    @property
    def is_of_death(self) -> bool:
        return self.kind in OF_DEATH


class NameKind(models.TextChoices):
    FULL = "full", _("name")
    NICKNAME = "nickname", _("nickname")
    BIRTH = "birth", _("name at birth")
    ALTERNATIVE = "alternative", _("another name")


class Script(models.TextChoices):
    LATIN = "latin", _("Latin")
    CYRILLIC = "cyrillic", _("Cyrillic")
    ARABIC = "arabic", _("Arabic")
    OTHER = "other", _("other script")


@tracked(in_bulk=True)
class ReportedName(models.Model):
    """A name as a report gives it. as_written: the whole name in the given order; the parts only where somebody told them apart."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="names")
    as_written = models.CharField(_("name as written"), max_length=300)
    given = models.CharField(_("given name"), max_length=150, blank=True)
    patronymic = models.CharField(_("patronymic"), max_length=150, blank=True)
    family = models.CharField(_("family name"), max_length=150, blank=True)
    kind = models.CharField(_("kind of name"), max_length=12, choices=NameKind.choices, default=NameKind.FULL)
    script = models.CharField(_("script"), max_length=8, choices=Script.choices, default=Script.OTHER, editable=False)
    place = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        ordering = ("report", "place", "pk")

    def __str__(self) -> str:
        return self.as_written


def photo_path(photo: Photo, filename: str) -> str:
    """Under a name nobody can guess; the view that serves it asks for permission as well."""
    return f"protected/missing_persons/{uuid.uuid4().hex}{uuid.uuid4().hex}.jpg"


@tracked(exclude=("file", "small"))
class Photo(Provenance):
    """A photo given with a report, re-encoded. is_public_agreed: the reporter agreed to show it; never shown of the dead.

    sha256: of the re-encoded file, so that the same photo is kept once per report. source_url: where another registry has it.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    file = models.ImageField(_("photo"), upload_to=photo_path, blank=True)
    small = models.ImageField(upload_to=photo_path, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    is_public_agreed = models.BooleanField(_("may be shown"), default=False)
    source_url = models.URLField(_("address at the other registry"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("photo of a person")
        verbose_name_plural = _("photos of persons")
        ordering = ("report", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("report", "sha256"), condition=~models.Q(sha256=""), name="missing_photo_once"
            ),
        )

    def __str__(self) -> str:
        return str(_("photo"))

    @property
    def is_shown_to_all(self) -> bool:
        """Whether the reporter agreed and it shows somebody living. Whether the person is public is asked beside this."""
        report: Any = self.report
        return self.is_public_agreed and not report.is_of_death and report.tombstoned_at is None
