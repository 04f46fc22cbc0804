"""Households and people at a site, registered or not at the site's choice, and where they came from and went.

Everything here is personal data: seen only by those who register at the site and by protection officers, and reads are logged.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Reverse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from camps.models.camps import Camp
from komek.records.history import tracked
from komek.records.models import Coded, Provenance


class Sex(models.TextChoices):
    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("not known")


class Intention(models.TextChoices):
    UNKNOWN = "unknown", _("not known")
    RETURN = "return", _("go home")
    STAY = "stay", _("stay here")
    MOVE_ON = "move", _("go elsewhere")


class RelationToHead(models.TextChoices):
    HEAD = "head", _("head of household")
    SPOUSE = "spouse", _("wife or husband")
    CHILD = "child", _("child")
    PARENT = "parent", _("parent")
    SIBLING = "sibling", _("sister or brother")
    GRANDCHILD = "grandchild", _("grandchild")
    OTHER_RELATIVE = "relative", _("other relative")
    NOT_RELATED = "unrelated", _("not related")


class SpecialNeed(models.TextChoices):
    """What a person may need, worded as need, not as diagnosis."""

    DISABILITY = "disability", _("disability")
    PREGNANT = "pregnant", _("pregnant or breastfeeding")
    UNACCOMPANIED_CHILD = "unaccompanied", _("child without a parent or guardian")
    OLDER_ALONE = "older_alone", _("older person alone")
    CHRONICALLY_ILL = "chronic", _("chronically ill")


class Presence(models.TextChoices):
    PRESENT = "present", _("here")
    ABSENT = "absent", _("away for now")
    LEFT = "left", _("left")
    DEAD = "dead", _("died")


@tracked(exclude=("search_key",), in_bulk=True)
class Household(Coded, Provenance):
    """People who live and eat together. Its code stands on the ration card.

    entry_id: given by whoever enters it, so that a list sent twice is entered once. size: people who are here now;
    unlisted: how many of them are not registered by name, as told. arrived_on: at this site.
    """

    CODE_LETTER: ClassVar[str] = "H"

    # Indexes that begin with the site serve the foreign key too, here and below.
    camp = models.ForeignKey(
        Camp, models.PROTECT, related_name="registered_households", db_index=False, verbose_name=_("site")
    )
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    head_name = models.CharField(_("head of household"), max_length=200)
    size = models.PositiveSmallIntegerField(_("people"), default=1)
    unlisted = models.PositiveSmallIntegerField(_("people not listed by name"), default=0, editable=False)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    origin = models.CharField(_("came from"), max_length=200, blank=True)
    origin_area = models.ForeignKey(
        "places.Area", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("area they came from")
    )
    arrived_on = models.DateField(_("arrived on"), null=True, blank=True)
    intention = models.CharField(_("wants to"), max_length=8, choices=Intention.choices, default=Intention.UNKNOWN)
    shelter_unit = models.CharField(_("tent, room or house"), max_length=60, blank=True)
    card_number = models.CharField(_("ration card"), max_length=60, blank=True)
    presence = models.CharField(
        _("presence"), max_length=8, choices=Presence.choices, default=Presence.PRESENT, editable=False
    )
    scan = models.ForeignKey(
        "camps.ListScan",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="households",
        verbose_name=_("paper list"),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    search_key = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ("camp", "head_name", "pk")
        indexes = (
            models.Index(fields=("camp", "head_name", "id"), name="camps_household_of_camp"),
            models.Index(fields=("card_number",), name="camps_household_card"),
            models.Index(fields=("camp",), condition=models.Q(unlisted__gt=0), name="camps_household_nameless"),
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="camps_household_search"),
        )

    def __str__(self) -> str:
        return f"{self.head_name} ({self.code})"

    def get_absolute_url(self) -> str:
        return reverse("camps:household", args=[self.code])


@tracked(exclude=("search_key", "match_key", "compared_at"), in_bulk=True)
class Person(Coded, Provenance):
    """Somebody registered at a site. Names are as given; birth_year may be worked out from an age told.

    may_be_found: they agreed that relatives who look for them may be told; consent_version: to which text (``camps.consent``).
    match_key: the name's words by sound in alphabetical order, equal however they are spelt or ordered. compared_at: when
    the search for double registrations last looked at this one.
    """

    CODE_LETTER: ClassVar[str] = "P"

    household = models.ForeignKey(Household, models.PROTECT, related_name="members", verbose_name=_("household"))
    camp = models.ForeignKey(
        Camp, models.PROTECT, related_name="registered_people", db_index=False, verbose_name=_("site")
    )
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    sex = models.CharField(_("sex"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    relation = models.CharField(
        _("relation to the head"), max_length=10, choices=RelationToHead.choices, default=RelationToHead.OTHER_RELATIVE
    )
    needs = ArrayField(
        models.CharField(max_length=14, choices=SpecialNeed.choices), default=list, blank=True, verbose_name=_("needs")
    )
    presence = models.CharField(
        _("presence"), max_length=8, choices=Presence.choices, default=Presence.PRESENT, editable=False
    )
    may_be_found = models.BooleanField(_("may be told to relatives who search"), default=False)
    may_be_found_since = models.DateTimeField(_("agreed on"), null=True, blank=True, editable=False)
    consent_version = models.CharField(_("text agreed to"), max_length=20, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    search_key = models.TextField(editable=False, default="")
    match_key = models.TextField(editable=False, default="")
    compared_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("person at a site")
        verbose_name_plural = _("people at sites")
        ordering = ("household", "pk")
        indexes = (
            models.Index(fields=("camp", "presence"), name="camps_person_presence"),
            models.Index(fields=("camp", "name", "id"), name="camps_person_of_camp"),
            GinIndex(fields=("search_key",), opclasses=("gin_trgm_ops",), name="camps_person_search"),
            models.Index(fields=("match_key",), name="camps_person_match"),
            # People of a sex and year by the first and by the last word of their name: to find names with a slip.
            models.Index(
                fields=("sex", "birth_year", "match_key"),
                opclasses=("varchar_ops", "int2_ops", "text_pattern_ops"),
                name="camps_person_first_word",
            ),
            models.Index(
                "sex", "birth_year", OpClass(Reverse("match_key"), "text_pattern_ops"), name="camps_person_last_word"
            ),
            models.Index(fields=("id",), condition=models.Q(compared_at=None), name="camps_person_not_compared"),
            # Relatives are told only of people who agreed; the sightings socket reads the newest of them.
            models.Index(
                fields=("updated_at",), condition=models.Q(may_be_found=True), name="camps_person_may_be_found"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def get_absolute_url(self) -> str:
        return reverse("camps:household", args=[self.household.code])

    def age_on(self, day: object) -> int | None:
        """Years on a day: exact with a date of birth, within a year without."""
        if self.birth_date is not None:
            before = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)  # type: ignore[attr-defined]
            return int(day.year - self.birth_date.year - before)  # type: ignore[attr-defined]
        return None if self.birth_year is None else int(day.year - self.birth_year)  # type: ignore[attr-defined]

    @property
    def needs_in_words(self) -> list[str]:
        return [str(SpecialNeed(need).label) for need in self.needs if need in SpecialNeed.values]

    @property
    def age(self) -> int | None:
        return self.age_on(timezone.localdate())


class MovementKind(models.TextChoices):
    CHECK_IN = "check_in", _("checked in")
    CHECK_OUT = "check_out", _("checked out")
    TRANSFER = "transfer", _("moved to another site")
    ABSENT = "absent", _("away for now")
    RETURNED = "returned", _("came back")
    DIED = "died", _("died")


@tracked(in_bulk=True)
class Movement(Provenance):
    """One step: in, out, across, away, back, or death. Only ever added; a mistake is answered by the next step.

    person: who; household: the people of a household who are not listed by name. One of the two is given.
    entry_id: a step sent twice is one step. camp: where it happened; to_camp: where to, for a transfer.
    """

    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="movements", verbose_name=_("person")
    )
    household = models.ForeignKey(
        Household, models.CASCADE, null=True, blank=True, related_name="movements", verbose_name=_("household")
    )
    camp = models.ForeignKey(Camp, models.PROTECT, related_name="movements", db_index=False, verbose_name=_("site"))
    to_camp = models.ForeignKey(
        Camp, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to the site")
    )
    entry_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("what happened"), max_length=10, choices=MovementKind.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering = ("-occurred_at", "-pk")
        indexes = (models.Index(fields=("camp", "-occurred_at"), name="camps_movement_of_camp"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person=None) ^ models.Q(household=None), name="camps_movement_of_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person or self.household}: {self.get_kind_display()}"


def scan_path(scan: ListScan, filename: str) -> str:
    return f"protected/camps/lists/{uuid.uuid4().hex}{filename[filename.rfind('.') :][:6].lower()}"


@tracked()
class ListScan(Provenance):
    """A photo or scan of a paper list, kept with what was entered from it."""

    camp = models.ForeignKey(Camp, models.CASCADE, related_name="scans")
    file = models.FileField(_("scan or photo"), upload_to=scan_path)
    title = models.CharField(_("what list it is"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("paper list")
        verbose_name_plural = _("paper lists")
        ordering = ("-entered_at", "-pk")

    def __str__(self) -> str:
        return self.title or str(self.camp)


@tracked()
class DuplicateFlag(models.Model):
    """Two registrations that may be the same person. ``first`` has the smaller key.

    likeness: of the names, 0 to 1. step: the check-out of the older registration that the answer "the same" made.
    """

    class Answer(models.TextChoices):
        WAITING = "waiting", _("not looked at")
        SAME = "same", _("the same person")
        DIFFERENT = "different", _("two people")

    first = models.ForeignKey(Person, models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    likeness = models.DecimalField(_("likeness"), max_digits=4, decimal_places=3)
    found_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, default=Answer.WAITING)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    step = models.ForeignKey(Movement, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("possible double registration")
        verbose_name_plural = _("possible double registrations")
        ordering = ("-likeness", "pk")
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="camps_one_flag_per_pair"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="camps_flag_in_order"),
        )

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"
