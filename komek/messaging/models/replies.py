"""Answers kept ready for the inbox."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked


@tracked()
class CannedReply(models.Model):
    """An answer that coordinators send often. words: language code → the answer in it; ``en`` is what others fall back on."""

    title = models.CharField(_("title"), max_length=80, unique=True)
    words = models.JSONField(_("words"), default=dict)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("ready answer")
        verbose_name_plural = _("ready answers")
        ordering = ("order", "title")

    def __str__(self) -> str:
        return self.title

    def in_language(self, language: str) -> str:
        """The answer in the language, else in its elder sister (``uz`` for ``uz-cyrl``), else in English, else in any."""
        for code in (language, language.partition("-")[0], "en"):
            if self.words.get(code):
                return str(self.words[code])
        return str(next(iter(self.words.values()), ""))
