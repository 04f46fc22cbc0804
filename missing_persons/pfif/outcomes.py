"""What became of an import, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from missing_persons.models import PfifRun

OUTCOMES = {
    "new": _("new persons"),
    "changed": _("persons changed"),
    "notes_new": _("new notes"),
    "notes_changed": _("notes changed"),
    "same": _("here already, the same or newer"),
    "expired": _("expired: not taken, or taken away"),
    "ours": _("our own records coming back: left alone"),
    "lost": _("records left out"),
    "mended": _("records taken without a value that cannot be right"),
    "taken_back": _("taken back"),
    "kept": _("not taken back, since people worked on them"),
}


def outcomes(run: PfifRun) -> list[tuple[Any, int]]:
    """Label and number, for what happened at all."""
    return [(label, run.counts[key]) for key, label in OUTCOMES.items() if run.counts.get(key)]
