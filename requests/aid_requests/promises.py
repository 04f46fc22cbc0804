"""Plug for ``promises``: what somebody has to give is promised to a line of the request that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from aid_requests.committing import commit_offer
from aid_requests.models import AidRequest, LineKind, RequestLine, RequestState
from aid_requests.needed import still_needed
from aid_requests.refusals import Refused
from komek.accounts.authority import in_operation, standing_of, visible
from komek.records.codes import MistypedCode, parse_code
from orgs.naming import name_key

LIKE_A_CODE = re.compile(r"\s*[RrРр][\s-]*\d[\d\sOoОо-]*")
"""What somebody meant as a request's code, also in Cyrillic letters: then a wrong digit is said, not taken for words."""


class RequestPromises:
    key = "requests"

    def address(self, reference: str) -> str:
        code = _code(reference)
        return reverse("requests:request", args=[code]) if code else ""

    def promise(
        self, *, reference: str, item_id: int | None, kind: str, words: str, plug: str, offer: str, title: str,
        quantity: Decimal, until: datetime, by: Any, operation: Any,
    ) -> str:  # fmt: skip
        if not LIKE_A_CODE.fullmatch(reference):
            return ""
        code = _code(reference)
        seen = visible(AidRequest.objects.exclude(state=RequestState.DRAFT), standing_of(by.user, operation))
        rows = in_operation(seen.select_related("operation", "site", "merged_into"), operation)
        request = rows.filter(code=code).first() if code else None
        if request is None:
            raise Refused({"reference": _("No request has the code “%(code)s”. Check it.") % {"code": reference[:20]}})
        line = _line(request, item_id, kind, words)
        made = commit_offer(
            by=by, operation=operation, line=line, plug=plug, offer=offer, quantity=quantity, until=until, title=title
        )
        return made.reservation


def _code(reference: str) -> str:
    try:
        return parse_code(reference, "R")
    except MistypedCode:
        return ""


def _line(request: AidRequest, item_id: int | None, kind: str, words: str) -> RequestLine:
    """The line that asks for this: by the item; else of lines in free words the only one of this kind, or the one in these words."""
    rows = request.lines.select_related("item__unit").filter(item=item_id).order_by("-is_open", "order", "pk")
    lines = [line for line in rows if item_id is not None or line.kind == kind]
    if item_id is None and kind not in LineKind.values:
        lines = _in_same_words(rows, words)  # beds, money: nobody asks for them as such
    for line in lines:
        line.request = request
    if not lines:
        raise Refused(
            {"reference": _("%(code)s does not ask for “%(words)s”.") % {"code": request.code, "words": words[:80]}}
        )
    if item_id is None and len(lines) > 1:
        lines = _in_same_words(lines, words) or lines
        if len(lines) > 1:
            raise Refused({"reference": _("%(code)s asks for several such things. Promise it on the request's page.")
                           % {"code": request.code}})  # fmt: skip
    return next((line for line in lines if still_needed(line) > 0), lines[0])


def _in_same_words(lines: Iterable[RequestLine], words: str) -> list[RequestLine]:
    own = set(name_key(words).split())
    return [line for line in lines if own & set(name_key(f"{line.skill} {line.description}").split())]


PLUGS = [RequestPromises()]
