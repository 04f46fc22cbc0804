"""What the registry of pledges refuses or asks about, in sentences, the same at every door."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from orgs.refusals import Refused

__all__ = ["NeedsConfirmation", "Refused"]


class NeedsConfirmation(ValidationError):
    """Not wrong, but unlikely: the same call with ``confirmed=True`` goes through. ``question`` is the sentence to show."""

    def __init__(self, question: Any) -> None:
        self.question = question
        super().__init__({"confirmed": [question]})
