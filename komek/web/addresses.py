"""Addresses of the page shown with some of its parameters changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict


def with_changes(parameters: QueryDict, **changes: Any) -> str:
    """The query string with some parameters changed; ``None`` or an empty text takes one away."""
    kept = {name: values for name, values in parameters.lists() if name not in changes}
    kept.update({name: [str(value)] for name, value in changes.items() if value not in (None, "")})
    return f"?{urlencode(kept, doseq=True)}"
