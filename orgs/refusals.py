"""What the organisation registry refuses, with a sentence per field, the same at every door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError


class Refused(ValidationError):
    """A rule of the registry says no. Carries sentences by field; ``__all__`` for the record as a whole."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        super().__init__({field: [sentence] for field, sentence in sentences.items()})
