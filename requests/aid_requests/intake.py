"""Plug for ``intake``: a text from the inbox becomes a request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.asking import submit_request
from aid_requests.false_reports import record_of_phone
from aid_requests.lines import LineDraft
from aid_requests.models import AidRequest, LineKind, NotifyBy, Priority
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, may, standing_of, visible
from komek.extensions.intake import ReporterRecord, Taken
from komek.extensions.sockets import Viewer
from komek.records.codes import MistypedCode, has_shape_of_code, parse_code
from orgs.models import Site

LONGEST_TITLE = 80
PRIORITIES = {LineKind.RESCUE: Priority.LIFE, LineKind.MEDICAL: Priority.HIGH}


class RequestIntake:
    key = "requests"
    title = gettext_lazy("Request for support")

    def kinds(self) -> Sequence[tuple[str, Any]]:
        first = (LineKind.RESCUE, LineKind.MEDICAL, LineKind.GOODS)
        return [(kind.value, kind.label) for kind in (*first, *(kind for kind in LineKind if kind not in first))]

    def may(self, viewer: Viewer) -> bool:
        return viewer.user is not None and may(standing_of(viewer.user, viewer.operation), Action.ADD, AidRequest)

    def reporter_record(self, phone: str, viewer: Viewer) -> ReporterRecord | None:
        """How often what a number asked for was found true and false, in the viewer's operation."""
        standing = standing_of(viewer.user, viewer.operation)
        found = record_of_phone(phone, visible(AidRequest.objects.all(), standing)) if phone else None
        return ReporterRecord(found.verified, found.false, found.asked) if found is not None else None

    def take(
        self,
        *,
        by: Any,
        operation: Any,
        words: str,
        where: str,
        kind: str,
        phone: str,
        language: str,
        sent_at: datetime,
        reference: str,
    ) -> Taken:
        """One line of the chosen kind in the sender's words; rescue and medical help are urgent."""
        chosen = LineKind(kind) if kind in LineKind.values else LineKind.GOODS
        line = LineDraft(
            quantity=Decimal(1),
            description=words[:300],
            kind=chosen,
            priority=PRIORITIES.get(chosen, Priority.NORMAL),
        )
        made = submit_request(
            by=by,
            operation=operation,
            lines=[line],
            reference=reference,
            confirmed=True,
            title=" ".join(words.split())[:LONGEST_TITLE],
            purpose=words,
            reporter_phone=phone,
            reporter_language=language,
            notify_by=NotifyBy.SMS,
            occurred_at=sent_at,
            **_place(where, by, operation),
        )
        return Taken(made.code, made.get_absolute_url())


def _place(where: str, by: Any, operation: Any) -> dict[str, Any]:
    words = where.strip()
    if not has_shape_of_code(words.replace(" ", "")):
        return {"landmark": words[:200]}
    try:
        code = parse_code(words, "CW")
    except MistypedCode as fault:
        raise Refused({"where": str(fault)}) from fault
    site = visible(Site.objects.all(), standing_of(by.user, operation)).filter(code=code).first()
    if site is None:
        raise Refused({"where": _("No site here has the code %(code)s.") % {"code": code}})
    return {"site": site}


PLUGS = [RequestIntake()]
