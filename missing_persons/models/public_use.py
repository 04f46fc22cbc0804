"""What the public pages keep for a short while: how often they were used from where, and forms that are not finished."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.utils import timezone


class UseCount(models.Model):
    """How often something was done in an hour by one network, device or name; a keyed digest of it, never the thing itself.

    action: see ``missing_persons.public.limits``. key: who. about: what it was about, such as the name asked for.
    """

    action = models.CharField(max_length=20)
    key = models.CharField(max_length=32)
    about = models.CharField(max_length=32, blank=True)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("action", "key", "about", "hour"), name="missing_use_once"),)
        indexes = (
            models.Index(fields=("action", "about", "hour"), name="missing_use_about"),
            models.Index(fields=("hour",), name="missing_use_hour"),
        )

    def __str__(self) -> str:
        return f"{self.action}: {self.count}"


def draft_photo_path(draft: Any, filename: str) -> str:
    """Under a name nobody can guess; nothing serves it."""
    return f"protected/missing_persons/drafts/{secrets.token_hex(32)}.jpg"


class PublicDraft(models.Model):
    """A public form that somebody has not sent yet, opened by a link only they know.

    token_hash: SHA-256 of the link's secret, so that who reads the database cannot open it. values: field → what was typed.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    form = models.CharField(max_length=10)
    operation = models.ForeignKey("operations.Operation", models.CASCADE, null=True, related_name="+")
    values = models.JSONField(default=dict)
    photo = models.FileField(upload_to=draft_photo_path, blank=True)
    photo_small = models.FileField(upload_to=draft_photo_path, blank=True)
    saved_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.form
