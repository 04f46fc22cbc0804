"""Following a request by its code, without an account: by the code alone what stage it is at; with the key its own words too."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from aid_requests.confirming import confirm_receipt, say_not_all_came
from aid_requests.models import AidRequest, RequestState
from aid_requests.needed import lines_with_figures
from komek.records.actor import Actor, Channel
from komek.records.codes import MistypedCode, parse_code


@require_GET
def follow_start(http: HttpRequest) -> HttpResponse:
    """Where somebody types the code they were given."""
    typed = http.GET.get("code", "").strip()
    fault = ""
    if typed:
        try:
            code = parse_code(typed, "R")
        except MistypedCode as mistake:
            fault = str(mistake)
        else:
            return HttpResponseRedirect(reverse("requests:follow", args=[code]))
    return render(
        http, "aid_requests/follow_start.html", {"typed": typed, "fault": fault}, status=422 if fault else 200
    )


@require_GET
@never_cache
def follow(http: HttpRequest, code: str) -> HttpResponse:
    """What became of a request. With a wrong key no more is shown than without one."""
    record = _found(code)
    key = http.GET.get("key", "")
    is_theirs = _fits(record, key)
    context: dict[str, Any] = {
        "request_record": record,
        "is_theirs": is_theirs,
        "key": key if is_theirs else "",
        "key_is_wrong": bool(key) and not is_theirs,
        "history": record.steps.select_related("forwarded_to"),
        "is_exercise": bool(record.operation and record.operation.is_exercise),
        "kept": record.merged_into,
    }
    if is_theirs:
        context["lines"] = lines_with_figures(record)
        context["may_confirm"] = record.state in (RequestState.MET, RequestState.PARTLY_MET)
    return render(http, "aid_requests/follow.html", context)


@require_POST
def confirm(http: HttpRequest, code: str) -> HttpResponse:
    """The requester says that everything came, or what did not."""
    record = _found(code)
    key = http.POST.get("key", "")
    if not _fits(record, key):
        raise Http404
    # Not their name: it would stand in the history that everybody with an account reads.
    by = Actor(user=None, channel=Channel.BROWSER, name=_("who asked"))
    try:
        if http.POST.get("answer") == "missing":
            say_not_all_came(by=by, request=record, words=http.POST.get("words", ""))
            messages.success(http, _("Thank you. Whoever answers for the request sees what you wrote."))
        else:
            confirm_receipt(by=by, request=record)
            messages.success(http, _("Thank you. The request is closed."))
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
    return HttpResponseRedirect(f"{reverse('requests:follow', args=[record.code])}?{urlencode({'key': key})}")


def _found(code: str) -> AidRequest:
    try:
        canonical = parse_code(code, "R")
    except MistypedCode as fault:
        raise Http404(str(fault)) from fault
    rows = AidRequest.objects.select_related("operation", "responsible", "merged_into", "site")
    record = rows.filter(code=canonical).exclude(state=RequestState.DRAFT).first()
    if record is None:
        raise Http404(_("No request has this code."))
    return record


def _fits(record: AidRequest, key: str) -> bool:
    return bool(key) and secrets.compare_digest(key.encode(), record.follow_key.encode())
