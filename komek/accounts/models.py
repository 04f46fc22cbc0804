"""People who sign in, by e-mail or by phone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from komek.records.history import tracked
from komek.records.models import Approvable, Approval


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
        return self.name or self.email or str(self.phone or "")

    @property
    def may_work(self) -> bool:
        """Active and approved: a person who waits for approval sees only public pages and their own account."""
        return self.is_active and self.approval == Approval.APPROVED

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)
