"""Organisations, their names in several languages, their contacts, and what became of duplicates."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from komek.records.addresses import address_of
from komek.records.history import tracked
from komek.records.models import Approvable, Approval, Coded, Provenance


@tracked()
class Sector(models.Model):
    """A field of work, as data: the global clusters and what an installation adds.

    names: language code → name. aliases: how other tables call it, in any language.
    serves_people: whether a general figure of people in need is a need of this sector; coordination, logistics and
    telecommunications serve the responders.
    """

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    aliases = models.JSONField(_("other names, for imports"), default=list, blank=True)
    serves_people = models.BooleanField(_("serves people in need directly"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ("order", "name")

    def __str__(self) -> str:
        return self.names.get(get_language() or "en") or self.name


class OrganisationKind(models.TextChoices):
    GOVERNMENT = "government", _("government body")
    UN = "un", _("United Nations")
    RED_CROSS = "red_cross", _("Red Cross / Red Crescent")
    INTERNATIONAL_NGO = "international_ngo", _("international NGO")
    NATIONAL_NGO = "national_ngo", _("national NGO")
    COMMUNITY = "community", _("community group")
    COMPANY = "company", _("company")
    MILITARY = "military", _("military")
    HOSPITAL = "hospital", _("hospital")
    DONOR = "donor", _("donor agency")
    ACADEMIC = "academic", _("university or institute")
    OTHER = "other", _("other")


class Verification(models.TextChoices):
    UNVERIFIED = "unverified", _("not verified")
    VERIFIED = "verified", _("verified")
    DOUBTFUL = "doubtful", _("doubtful")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def current(self) -> OrganisationQuerySet:
        """Approved organisations that were not merged into another."""
        return self.filter(approval=Approval.APPROVED, merged_into=None)


@tracked(exclude=("search_key",))
class Organisation(Coded, Provenance, Approvable):
    """An organisation in the relief effort.

    coordinates_operation: its coordinators act for the whole operation (a ministry, a coordination office).
    confirmed_at: when its own people last said the entry is right; old ones are marked stale.
    search_key: derived from every name and acronym (``orgs.naming``), for search across scripts.
    """

    CODE_LETTER: ClassVar[str] = "O"

    name = models.CharField(_("name"), max_length=200)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices, default=OrganisationKind.OTHER)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="branches", verbose_name=_("branch of")
    )
    sectors = models.ManyToManyField(Sector, blank=True, related_name="organisations", verbose_name=_("sectors"))
    is_donor = models.BooleanField(_("gives funds or goods"), default=False)
    is_implementing = models.BooleanField(_("works in the field"), default=True)
    coordinates_operation = models.BooleanField(_("coordinates the whole operation"), default=False)
    country = models.CharField(_("home country"), max_length=2, blank=True)
    website = models.URLField(_("website"), blank=True)
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)
    about = models.TextField(_("what it does"), blank=True)
    external_ids = models.JSONField(_("codes in other systems"), default=dict, blank=True)
    verification = models.CharField(
        _("verification"), max_length=12, choices=Verification.choices, default=Verification.UNVERIFIED
    )
    confirmed_at = models.DateTimeField(_("last confirmed"), default=timezone.now)
    confirmation_asked_at = models.DateTimeField(_("confirmation asked"), null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("merged into")
    )
    search_key = models.TextField(editable=False, default="")

    objects: ClassVar[models.Manager[Organisation]] = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("pk")), name="orgs_organisation_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("pk")), name="orgs_organisation_not_merged_into_itself"
            ),
        )
        indexes = (
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="orgs_organisation_search"),
            models.Index(fields=("operation", "name"), name="orgs_organisation_op_name"),
            # All that says whether an organisation is shown, so that lists count and order without reading the rows.
            models.Index(
                fields=("operation", "merged_into", "approval"), include=("id",), name="orgs_organisation_shown"
            ),
            models.Index(fields=("name",), name="orgs_organisation_name"),  # for lists in the order of their names
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.acronym})" if self.acronym else self.name

    def get_absolute_url(self) -> str:
        return address_of("orgs:organisation", self.code)


class NameKind(models.TextChoices):
    OFFICIAL = "official", _("official name")
    ALIAS = "alias", _("also known as")
    ACRONYM = "acronym", _("acronym")
    FORMER = "former", _("former name")


@tracked(exclude=("key",))
class OrganisationName(models.Model):
    """Another name of an organisation. ``key`` is the name folded to one script (``orgs.naming``)."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="other_names")
    language = models.CharField(_("language"), max_length=10, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=NameKind.choices, default=NameKind.ALIAS)
    name = models.CharField(_("name"), max_length=200)
    key = models.CharField(max_length=250, editable=False, db_index=True)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ("language", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "language", "kind", "name"), name="orgs_organisation_name_unique"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ContactVisibility(models.TextChoices):
    PUBLIC = "public", _("everybody")
    PARTNERS = "partners", _("people of all organisations")
    COORDINATORS = "coordinators", _("coordinators")
    ORGANISATION = "organisation", _("only our own organisation")


@tracked()
class Contact(models.Model):
    """A way to reach an organisation or one of its sites, and who may see it."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="contacts")
    site = models.ForeignKey("orgs.Site", models.CASCADE, null=True, blank=True, related_name="contacts")
    person = models.CharField(_("person"), max_length=150, blank=True)
    position = models.CharField(_("position"), max_length=150, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    visibility = models.CharField(
        _("who may see it"), max_length=12, choices=ContactVisibility.choices, default=ContactVisibility.PARTNERS
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("person", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(phone="") | ~models.Q(email="") | ~models.Q(note=""),
                name="orgs_contact_can_be_reached",
            ),
        )

    def __str__(self) -> str:
        return self.person or self.position or str(self.phone) or self.email


class OrganisationMerge(models.Model):
    """One merge of a duplicate, with all it moved, so that it can be undone.

    moved: ``app.Model.field`` → primary keys that pointed at ``duplicate`` and now point at ``kept``.
    left: the same for rows that stayed with ``duplicate`` because ``kept`` already has an equal one.
    created: model label → primary keys of rows the merge itself made (names kept as aliases).
    before, after: fields of ``kept`` that the merge changed → what they held before and what it put there.
    """

    kept = models.ForeignKey(Organisation, models.PROTECT, related_name="merges")
    duplicate = models.ForeignKey(Organisation, models.PROTECT, related_name="merged_away")
    moved = models.JSONField(default=dict)
    left = models.JSONField(default=dict)
    created = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    merged_at = models.DateTimeField(default=timezone.now)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("duplicate",), condition=models.Q(undone_at=None), name="orgs_merge_once_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.duplicate_id} → {self.kept_id}"


class NotDuplicate(models.Model):
    """Two organisations that look alike and that a person said are not the same. ``first_id`` < ``second_id``."""

    first = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    second = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="orgs_not_duplicate_unique"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="orgs_not_duplicate_ordered"),
        )

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"


class PossibleDuplicate(models.Model):
    """Two organisations that look alike and wait for a person to say whether they are the same.

    ``first_id`` < ``second_id``. score: 0 to 1. reasons: list of [key, value] (``orgs.likeness``), strongest first.
    """

    first = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    second = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-score", "first_id", "second_id")
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="orgs_possible_duplicate_unique"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="orgs_possible_duplicate_ordered"
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_id} ≈ {self.second_id}"
