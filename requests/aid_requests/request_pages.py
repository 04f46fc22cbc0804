"""The page of one request: what is asked, what became of it, and the next steps."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from aid_requests.ageing import reporter_words, too_late
from aid_requests.claiming import is_held_by_another
from aid_requests.commitment_lists import commitments_of, receipts_of
from aid_requests.deadlines import WAITING
from aid_requests.duplicates import pairs_of, reasons_in_words
from aid_requests.false_reports import record_of
from aid_requests.finding import found_request
from aid_requests.models import (
    OPEN_STATES,
    AidRequest,
    Commitment,
    DuplicatePair,
    PairState,
    RequestState,
)
from aid_requests.needed import lines_with_figures
from aid_requests.notices import follow_address
from aid_requests.policies import answers, handles
from aid_requests.steps import STEPS, possible_steps
from komek.accounts.authority import Action, Standing, may
from komek.web.context import standing

FIRST_STEPS = ("submit", "verify", "accept", "close", "reopen")
"""Steps that stand in the open; the others fold away behind "More"."""

OF_DRAFTS = ("submit",)


@require_GET
@login_required
def request_page(http: HttpRequest, code: str) -> HttpResponse:
    """One request, with what matters first."""
    record = found_request(http, code)
    if record.code != code:
        return redirect(record)
    return render(http, "aid_requests/request.html", page_context(record, standing(http)))


def page_context(record: AidRequest, whose: Standing) -> dict[str, Any]:
    """What the page of a request shows to this standing."""
    is_handler = whose.runs_installation or handles(whose, record)
    possible = [
        (key, STEPS[key])
        for key in possible_steps(record.state)
        if key not in OF_DRAFTS and record.merged_into_id is None and may(whose, STEPS[key].asks, record)
    ]
    return {
        "request_record": record,
        "lines": lines_with_figures(record),
        "history": record.steps.select_related("entered_by", "forwarded_to"),
        "first_steps": [(key, step) for key, step in possible if key in FIRST_STEPS],
        "other_steps": [(key, step) for key, step in possible if key not in FIRST_STEPS],
        "handles": is_handler,
        "answers": whose.runs_installation or answers(whose, record),
        "may_change": may(whose, Action.CHANGE, record) and record.state in (*OPEN_STATES, RequestState.DRAFT),
        "may_be_false": not record.is_false and record.state in (*STEPS["refuse"].before, RequestState.REFUSED),
        "is_open": record.state in OPEN_STATES,
        "is_overdue": record.state in WAITING and too_late(record.due_at),
        "is_too_late": record.state in OPEN_STATES and too_late(record.wanted_by),
        "held_by_another": is_held_by_another(record, whose.user),
        "is_mine": record.claimed_by_id is not None and record.claimed_by_id == whose.user.pk,
        "pairs": _pairs(record) if may(whose, Action.VIEW, DuplicatePair) else [],
        "merged": record.merged.all(),
        "commitments": commitments_of(record, whose),
        "receipts": receipts_of(record),
        "may_promise": may(whose, Action.ADD, Commitment),
        **(_for_handlers(record) if is_handler else {}),
    }


def _for_handlers(record: AidRequest) -> dict[str, Any]:
    """Names, numbers, files and messages: for those who work on the request."""
    known = record_of(record)
    return {
        "notices": record.notices.all(),
        "attachments": record.attachments.all(),
        "follow_address": follow_address(record),
        "reporter_record": reporter_words(known.verified, known.false) if known else "",
    }


def _pairs(record: AidRequest) -> list[dict[str, Any]]:
    return [
        {
            "other": pair.second if pair.first_id == record.pk else pair.first,
            "score": round(100 * pair.likeness),
            "why": reasons_in_words(pair.why),
            "pair": pair,
        }
        for pair in pairs_of(record).filter(state=PairState.OPEN)[:5]
    ]
