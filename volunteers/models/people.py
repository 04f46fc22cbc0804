"""Who helps: volunteers, what they can do, and what was checked about them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from orgs.models import Organisation


class VolunteerState(models.TextChoices):
    APPLIED = "applied", _("applied")
    ACCEPTED = "accepted", _("accepted")
    RESTING = "resting", _("resting")
    DECLINED = "declined", _("declined with thanks")
    LEFT = "left", _("left")


class Trusted(models.TextChoices):
    REGISTERED = "registered", _("registered")
    TRUSTED = "trusted", _("trusted")


class Transport(models.TextChoices):
    FOOT = "foot", _("on foot")
    BICYCLE = "bicycle", _("bicycle")
    MOTORCYCLE = "motorcycle", _("motorcycle")
    CAR = "car", _("car")
    VAN = "van", _("van")
    LORRY = "lorry", _("lorry")


class CheckKind(models.TextChoices):
    IDENTITY = "identity", _("identity")
    CONDUCT = "conduct", _("code of conduct signed")
    CHILDREN = "children", _("fit to work with children")


WITH_CHILDREN = (CheckKind.IDENTITY, CheckKind.CONDUCT, CheckKind.CHILDREN)
"""All of these in force: the volunteer is vetted for tasks with children."""


@tracked()
class Skill(models.Model):
    """A thing volunteers can do, as tasks ask for it. key: short and lasting. asks_evidence: a licence or diploma is looked at."""

    key = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    group = models.CharField(_("group"), max_length=60, blank=True)
    asks_evidence = models.BooleanField(_("evidence is looked at"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ("group", "name")

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return str(self.names.get(get_language() or "en") or self.name)


OF_THE_PERSON = (
    "search_key", "name", "phone", "email", "emergency_name", "emergency_phone", "kin_name", "kin_phone", "health_limits",
    "location", "landmark", "reported_by",
)  # fmt: skip
"""Kept out of the history: it would outlive the day on which the person is forgotten."""


@tracked(exclude=OF_THE_PERSON)
class Volunteer(Coded, Provenance):
    """Somebody who helps, with an account or with a bare phone number.

    languages: codes as in LANGUAGES. days: weekdays on which they can help, 0 is Monday; empty: any. from_hour and to_hour: of
    the local day; a night runs over midnight. available_from and available_to: first and last day. reach_km: how far from
    ``location`` they go; empty: anywhere. health_limits: for protection officers and who manages the volunteer, reads logged.
    phone_heard_at: a text came from the number, so it is theirs. is_adult: eighteen or older; nobody younger is given tasks.
    """

    CODE_LETTER: ClassVar[str] = "V"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="volunteering",
        verbose_name=_("account"),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=200)
    phone = PhoneNumberField(_("phone"), blank=True)
    phone_heard_at = models.DateTimeField(_("first text from the phone"), null=True, blank=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("written to in"), max_length=10, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=_("speaks"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="volunteers", verbose_name=_("affiliation")
    )
    is_adult = models.BooleanField(_("is 18 or older"), default=True)
    location = models.PointField(_("where they start from"), srid=4326, null=True, blank=True)
    landmark = models.CharField(_("address or landmark"), max_length=300, blank=True)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    reach_km = models.PositiveSmallIntegerField(_("goes as far as, km"), null=True, blank=True)
    transport = models.CharField(_("transport"), max_length=10, choices=Transport.choices, default=Transport.FOOT)
    days = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("on which days"))
    from_hour = models.PositiveSmallIntegerField(_("from hour"), null=True, blank=True)
    to_hour = models.PositiveSmallIntegerField(_("to hour"), null=True, blank=True)
    available_from = models.DateField(_("first day"), null=True, blank=True)
    available_to = models.DateField(_("last day"), null=True, blank=True)
    emergency_name = models.CharField(_("emergency contact"), max_length=200, blank=True)
    emergency_phone = PhoneNumberField(_("emergency contact's phone"), blank=True)
    kin_name = models.CharField(_("next of kin"), max_length=200, blank=True)
    kin_phone = PhoneNumberField(_("next of kin's phone"), blank=True)
    health_limits = models.CharField(_("health limits"), max_length=300, blank=True)
    trust = models.CharField(_("trust"), max_length=10, choices=Trusted.choices, default=Trusted.REGISTERED)
    state = models.CharField(_("state"), max_length=10, choices=VolunteerState.choices, default=VolunteerState.APPLIED)
    state_since = models.DateTimeField(_("in this state since"), default=timezone.now)
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    search_key = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("volunteer")
        verbose_name_plural = _("volunteers")
        ordering = ("name", "pk")
        indexes = (
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="volunteers_person_search"),
            models.Index(fields=("operation", "state"), name="volunteers_person_state"),
            models.Index(fields=("name", "id"), include=("operation",), name="volunteers_person_list"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("operation", "phone"), condition=~Q(phone="") & ~Q(state__in=("left", "declined")),
                nulls_distinct=False, name="volunteers_person_phone_once",
            ),
            models.UniqueConstraint(
                fields=("operation", "user"), condition=~Q(user=None), name="volunteers_person_user_once"
            ),
            models.CheckConstraint(
                condition=(Q(from_hour=None) | Q(from_hour__lte=23)) & (Q(to_hour=None) | Q(to_hour__lte=24)),
                name="volunteers_person_hours",
            ),
            models.CheckConstraint(
                condition=Q(available_from=None) | Q(available_to=None) | Q(available_to__gte=models.F("available_from")),
                name="volunteers_person_days_in_order",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name or self.code}"

    def get_absolute_url(self) -> str:
        return reverse("volunteers:volunteer", args=[self.code])

    @property
    def number(self) -> str:
        """The number texts go to, E.164; empty without one. The account's proven number comes first."""
        if self.user_id and self.user is not None and self.user.phone and self.user.phone_verified:
            return str(self.user.phone)
        return str(self.phone or "")


@tracked(exclude=("evidence",))
class VolunteerSkill(Provenance):
    """That a volunteer can do something. evidence: a licence or diploma in words; verified: somebody looked at it."""

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="skills", verbose_name=_("volunteer"))
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+", verbose_name=_("skill"))
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    verified_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("looked at by"),
    )

    class Meta:
        verbose_name = _("skill of a volunteer")
        verbose_name_plural = _("skills of volunteers")
        ordering = ("skill__name", "pk")
        constraints = (models.UniqueConstraint(fields=("volunteer", "skill"), name="volunteers_skill_once"),)

    def __str__(self) -> str:
        return str(self.skill)


@tracked(exclude=("note",))
class VolunteerCheck(Provenance):
    """Something was checked about a volunteer on a day, and holds until another day (or for good)."""

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="checks", verbose_name=_("volunteer"))
    kind = models.CharField(_("what"), max_length=10, choices=CheckKind.choices)
    checked_on = models.DateField(_("checked on"))
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("check of a volunteer")
        verbose_name_plural = _("checks of volunteers")
        ordering = ("-checked_on", "-pk")
        indexes = (models.Index(fields=("expires_on",), name="volunteers_check_expires"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=models.F("checked_on")),
                name="volunteers_check_in_order",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_in_force(self) -> bool:
        return self.expires_on is None or self.expires_on >= timezone.localdate()


def in_force(day: Any = None) -> Q:
    """Skills and checks that hold on this day (today unless given)."""
    return Q(expires_on=None) | Q(expires_on__gte=day or timezone.localdate())
