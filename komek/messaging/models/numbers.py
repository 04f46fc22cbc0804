"""Numbers we are in touch with: their language, their wishes, their open question; and codes that bind one to an account."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Correspondent(models.Model):
    """A number that wrote to us or asked not to be written to.

    language: as chosen by LANG or first written in, empty for the account's or the installation's. stopped_at: STOP was sent,
    nothing goes there any more. muted_until: only answers and alerts go there. tokens, tokens_at: how many more texts are
    read now (a bucket that fills with time). more: what MORE sends next. same_words (a digest), same_count, same_since: how
    often the last words came. joined_at: when JOIN bound it to an account. is_trusted, trusted_by, trusted_at: a coordinator knows
    who writes from there (see ``komek.messaging.trusting``).
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_latin = models.BooleanField(_("in Latin letters only"), default=False)
    stopped_at = models.DateTimeField(_("asked for no more texts"), null=True, blank=True)
    muted_until = models.DateTimeField(_("quiet until"), null=True, blank=True)
    first_heard_at = models.DateTimeField(_("first heard"), default=timezone.now)
    last_heard_at = models.DateTimeField(_("last heard"), null=True, blank=True)
    joined_at = models.DateTimeField(_("bound to an account"), null=True, blank=True)
    is_trusted = models.BooleanField(_("trusted"), default=False)
    trusted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("trusted by")
    )
    trusted_at = models.DateTimeField(_("trusted since"), null=True, blank=True)
    gateway = models.CharField(_("last through"), max_length=20, blank=True)
    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    more = models.JSONField(default=list)
    same_words = models.CharField(max_length=40, blank=True)
    same_count = models.PositiveSmallIntegerField(default=0)
    same_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("number")
        verbose_name_plural = _("numbers")

    def __str__(self) -> str:
        return self.number


QUESTION_OPEN_FOR = timedelta(minutes=30)


class OpenQuestion(models.Model):
    """The one question a number has been asked. answers: a list of ``{"number", "label", "text", "is_yes"}``."""

    correspondent = models.OneToOneField(
        Correspondent, models.CASCADE, related_name="question", verbose_name=_("number")
    )
    text = models.TextField(_("question"))
    answers = models.JSONField(default=list)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)

    class Meta:
        verbose_name = _("open question")
        verbose_name_plural = _("open questions")

    def __str__(self) -> str:
        return self.text[:60]

    def is_open(self) -> bool:
        return self.asked_at > timezone.now() - QUESTION_OPEN_FOR


class JoinCode(models.Model):
    """A one-time code by which a number is bound to an account: ``JOIN 482130``. Given out by whoever approves accounts."""

    code = models.CharField(_("code"), max_length=8)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_codes", verbose_name=_("account")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        verbose_name = _("code for a phone")
        verbose_name_plural = _("codes for phones")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("code",), condition=models.Q(used_at=None), name="messaging_joincode_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
