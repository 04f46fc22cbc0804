"""The page of one request: what is asked, what became of it, and the next steps."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from aid_requests.finding import found_request
from aid_requests.models import AidRequest
from aid_requests.policies import answers, handles
from aid_requests.steps import STEPS, possible_steps
from komek.accounts.authority import Standing, may
from komek.web.context import standing


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
    steps = [(key, STEPS[key]) for key in possible_steps(record.state) if may(whose, STEPS[key].asks, record)]
    return {
        "request_record": record,
        "lines": record.lines.select_related("item", "sector"),
        "history": record.steps.select_related("entered_by", "forwarded_to"),
        "possible": steps,
        "handles": is_handler,
        "answers": whose.runs_installation or answers(whose, record),
    }
