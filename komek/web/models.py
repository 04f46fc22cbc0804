"""What a person keeps: filtered views of lists, what to be told of, and forms not finished."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_list(self, key: str, request: HttpRequest) -> SavedViewQuerySet:
        """This person's own views of a list, and those shared in the operation they work in."""
        operation = getattr(request, "operation", None) or None
        shared = models.Q(is_shared=True, operation=operation) if operation else models.Q(pk=None)
        return self.filter(models.Q(owner_id=request.user.pk) | shared, list_key=key)


class SavedView(models.Model):
    """A list with its filters, order and columns, by name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    operation = models.ForeignKey("operations.Operation", models.CASCADE, null=True, related_name="+")
    list_key = models.CharField(max_length=60)
    path = models.CharField(max_length=200)
    name = models.CharField(_("name"), max_length=100)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(_("show it to everybody in this operation"), default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "operation", "list_key", "name"), name="web_saved_view_unique"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


class Pace(models.TextChoices):
    AT_ONCE = "at_once", _("at once")
    DAILY = "daily", _("once a day")


class Subscription(models.Model):
    """Tell the owner by e-mail what changes in a saved view. ``told_until``: changes up to then were told."""

    view = models.OneToOneField(SavedView, models.CASCADE, related_name="subscription")
    pace = models.CharField(_("how often"), max_length=8, choices=Pace.choices, default=Pace.DAILY)
    told_until = models.DateTimeField(default=timezone.now)
    key = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return f"{self.view} ({self.get_pace_display()})"


class Draft(models.Model):
    """What somebody typed into a form and has not saved. ``data``: field name → list of texts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    form_key = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "form_key"), name="web_draft_one_per_form"),)

    def __str__(self) -> str:
        return self.form_key


class SentForm(models.Model):
    """A form that was saved, and where its record is: sent once more over a bad connection, it leads there.

    key: a digest of who sent it, the page's own number, and everything typed.
    """

    key = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=300)
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.address
