"""Following a request by its code, without an account: by the code alone what stage it is at; with the key its own words too."""

from __future__ import annotations

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
from komek.web.finding import code_in_address
from komek.web.following import ask_for_code, is_key


@require_GET
def follow_start(http: HttpRequest) -> HttpResponse:
    """Where somebody types the code they were given."""
    return ask_for_code(http, letter="R", route="requests:follow", template="aid_requests/follow_start.html")


@require_GET
@never_cache
def follow(http: HttpRequest, code: str) -> HttpResponse:
    """What became of a request. With a wrong key no more is shown than without one."""
    record = _found(code)
    key = http.GET.get("key", "")
    is_theirs = is_key(key, record.follow_key)
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
    if not is_key(key, record.follow_key):
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
    rows = AidRequest.objects.select_related("operation", "responsible", "merged_into", "site")
    record = rows.filter(code=code_in_address(code, "R")).exclude(state=RequestState.DRAFT).first()
    if record is None:
        raise Http404(_("No request has this code."))
    return record
