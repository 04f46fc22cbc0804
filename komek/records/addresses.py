"""Addresses of records' pages, for lists that need a hundred of them."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from django.urls import get_script_prefix, get_urlconf, reverse

_MARK = "komek-code"


def address_of(url_name: str, code: str) -> str:
    """The address of the page ``url_name`` for one text argument, as ``reverse`` gives it, at a tenth of its cost."""
    before, after = _around(url_name, get_script_prefix(), get_urlconf())
    return f"{before}{quote(code, safe='')}{after}"


@cache
def _around(url_name: str, _script_prefix: str, urlconf: str | None) -> tuple[str, str]:
    before, _mark, after = reverse(url_name, urlconf=urlconf, args=[_MARK]).partition(_MARK)
    return before, after
