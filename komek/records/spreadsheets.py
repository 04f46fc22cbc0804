"""Text in the cells of files that people open in a spreadsheet. Pure."""

from __future__ import annotations

import re

EXERCISE_TAG = "#meta+exercise"  # heads a column of every exported table of invented data, so that it is known again

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, "CSV Injection"). Plain numbers stay numbers."""
    if text.startswith(("'", *_FORMULA_STARTS)) and not _is_number(text):
        return f"'{text}"
    return text


def as_typed(text: str) -> str:
    """Undo ``harmless``, so that what was exported comes back unchanged."""
    if text.startswith("'") and len(text) > 1 and text[1] in ("'", *_FORMULA_STARTS):
        return text[1:]
    return text


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-+]?\d+(?:\.\d+)?", text, re.ASCII))
