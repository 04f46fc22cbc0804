"""People who sign in, by e-mail or by phone, and what people agreed to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from komek.records.actor import Channel
from komek.records.history import tracked
from komek.records.models import Approvable, Approval

ERASED = "@invalid"
"""How the e-mail of an erased account ends; no address can (RFC 2606)."""


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> User:
        """A new account, waiting for approval unless told otherwise."""
        user = self.model(email=self.normalize_email(email).lower() or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An administrator of the whole installation."""
        fields.setdefault("name", email.partition("@")[0])
        return self.create_user(email, password, is_staff=True, is_superuser=True, approval=Approval.APPROVED, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


@tracked(exclude=("password", "last_login"))
class User(AbstractBaseUser, PermissionsMixin, Approvable):
    """An account. It may work once approved; what it may do comes from the grants it holds (see ``authority``)."""

    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    phone = PhoneNumberField(_("phone"), null=True, blank=True)
    phone_verified = models.BooleanField(_("phone verified"), default=False, editable=False)
    name = models.CharField(_("name"), max_length=150)
    why = models.CharField(_("organisation, and why an account is needed"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    current_operation = models.ForeignKey(
        "operations.Operation", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    is_staff = models.BooleanField(_("may open the technical administration"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_lower_unique"),
            # A number somebody only claims blocks nobody; see ``phones``.
            models.UniqueConstraint(
                fields=("phone",), condition=models.Q(phone_verified=True), name="accounts_user_phone_verified_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(email__isnull=False) | models.Q(phone__isnull=False),
                name="accounts_user_has_email_or_phone",
            ),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email or None
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        if self.is_erased:
            return str(_("erased account"))
        return self.name or self.email or str(self.phone or "")

    @property
    def is_erased(self) -> bool:
        """Whether this was somebody's account once; see ``erasing``."""
        return bool(self.email) and str(self.email).endswith(ERASED)

    @property
    def may_work(self) -> bool:
        """Active and approved: a person who waits for approval sees only public pages and their own account."""
        return self.is_active and self.approval == Approval.APPROVED

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Relation(models.TextChoices):
    """In what relation the one who agrees stands to the one it is about."""

    SELF = "self", _("the person themself")
    PARENT = "parent", _("mother or father")
    GUARDIAN = "guardian", _("guardian")
    RELATIVE = "relative", _("another relative")
    OFFICIAL = "official", _("an official who is responsible for the person")


class Ending(models.TextChoices):
    WITHDRAWN = "withdrawn", _("withdrawn")
    REPLACED = "replaced", _("replaced by a newer text")


@tracked()
class Consent(models.Model):
    """That somebody agreed to something: to exactly which words, when, through which door, for whom, and until when.

    about: any record of a person (an account, a camp resident, a missing person); give such a model a
    ``GenericRelation(Consent)``. purpose: key of a ``consents.ConsentPurpose``. text: as it was shown, in ``language``.
    given_by: the account that agreed, if it was one; ``given_by_name`` otherwise, or who said it to whom entered it.
    """

    about_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+", verbose_name=_("kind of record"))
    about_id = models.PositiveBigIntegerField(_("record"))
    about = GenericForeignKey("about_type", "about_id")
    purpose = models.CharField(_("what for"), max_length=60)
    version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text as shown"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("given by")
    )
    given_by_name = models.CharField(_("given by (name)"), max_length=150, blank=True)
    relation = models.CharField(_("relation"), max_length=10, choices=Relation.choices, default=Relation.SELF)
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    entered_at = models.DateTimeField(_("when it was entered"), default=timezone.now, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ending = models.CharField(_("how it ended"), max_length=10, choices=Ending.choices, blank=True)
    ending_channel = models.CharField(_("channel of the end"), max_length=10, choices=Channel.choices, blank=True)
    ending_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("about_type", "about_id", "purpose"), name="accounts_consent_about")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("about_type", "about_id", "purpose"),
                condition=models.Q(ended_at=None),
                name="accounts_consent_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ending="") | models.Q(ended_at__isnull=False) & ~models.Q(ending=""),
                name="accounts_consent_ending_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"

    @property
    def is_in_force(self) -> bool:
        return self.ended_at is None
