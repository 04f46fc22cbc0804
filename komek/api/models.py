"""Tokens for programs, and the answers kept for repeated requests."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked


@tracked(exclude=("digest", "last_used_at"))
class ApiToken(models.Model):
    """Lets a program act for an account, within ``scopes``. Only a SHA-256 digest is kept: the token is shown once.

    prefix: its first characters, by which people recognise it in lists.
    operation: the one operation it may work in; ``None`` for every operation its owner may.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("account")
    )
    name = models.CharField(_("what it is for"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_("may"))
    operation = models.ForeignKey(
        "operations.Operation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("operation")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class IdempotentRequest(models.Model):
    """The answer to a request that carried an ``Idempotency-Key``, kept to be given again to a repetition of it.

    fingerprint: SHA-256 of method, address and body: the same key with another request is refused.
    """

    KEPT_FOR: ClassVar[timedelta] = timedelta(hours=48)

    key = models.CharField(max_length=255)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token = models.ForeignKey(ApiToken, models.CASCADE, null=True, related_name="+")
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "token", "key"), nulls_distinct=False, name="api_idempotent_request_once"
            ),
        )

    def __str__(self) -> str:
        return self.key
