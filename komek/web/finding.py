"""Which record a code in an address names."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from komek.accounts.authority import visible
from komek.records.codes import MistypedCode, parse_code
from komek.web.context import standing


def code_in_address(code: str, letters: str) -> str:
    """The canonical code. Raises Http404 with a sentence for a mistyped one."""
    try:
        return parse_code(code, letters)
    except MistypedCode as fault:
        raise Http404(str(fault)) from fault


def found_by_code(request: HttpRequest, rows: QuerySet[Any], code: str, letters: str, otherwise: str = "") -> Any:
    """The row with this code that the viewer may see.

    Raises Http404, with a sentence for a mistyped code; for one that names nothing here with ``otherwise``, in which
    ``%(code)s`` stands for the code.
    """
    canonical = code_in_address(code, letters)
    record = visible(rows, standing(request)).filter(code=canonical).first()
    if record is None:
        raise Http404(otherwise % {"code": canonical}) if otherwise else Http404
    return record
