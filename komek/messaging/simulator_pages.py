"""Phones in the browser, for training: several numbers that belong to nobody, in an exercise only."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed
from komek.messaging import outbox
from komek.messaging.gateways import SIMULATED, SIMULATOR
from komek.messaging.inbound.handling import work_off
from komek.messaging.inbound.receiving import Incoming, receive
from komek.messaging.inbox_pages import standing_in
from komek.messaging.models import Correspondent, Inbound, Outbox, State
from komek.messaging.segments import cost_of

PHONES = 4
SHOWN = 12


def numbers(operation: Any) -> list[str]:
    """The phones of an exercise; each exercise has its own."""
    return [f"{SIMULATED}{operation.pk:03d}{phone}" for phone in range(1, PHONES + 1)]


@login_required
def simulator(request: HttpRequest) -> HttpResponse:
    """All phones of the exercise, each with what it sent and got. A text typed into one goes the way of every text."""
    standing = standing_in(request)
    operation = standing.operation
    if operation is None or not operation.is_exercise:
        raise NotAllowed(_("The phones are for exercises. Choose an exercise first."))
    if request.method == "POST":
        return _send(request, operation)
    phones = [_phone(number, operation, place) for place, number in enumerate(numbers(operation), start=1)]
    return render(request, "messaging/simulator.html", {"phones": phones})


def _send(request: HttpRequest, operation: Any) -> HttpResponse:
    number, body = request.POST.get("number", ""), request.POST.get("body", "")[:1600]
    if number not in numbers(operation):
        raise Http404
    message = Incoming(provider_id=secrets.token_hex(16), sender=number, body=body, sent_at=timezone.now())
    receive(gateway=SIMULATOR, message=message, operation=operation)
    # So that training needs no worker: it would do the same a moment later.
    work_off(most=20)
    for pk in Outbox.objects.filter(to=number, state=State.QUEUED).values_list("pk", flat=True)[:10]:
        outbox.send(pk)
    return redirect("messaging:simulator")


def _phone(number: str, operation: Any, place: int) -> dict[str, Any]:
    theirs = Inbound.objects.filter(sender=number, operation=operation).order_by("-pk")[:SHOWN]
    ours = Outbox.objects.filter(to=number, operation=operation).order_by("-pk")[:SHOWN]
    said = [{"at": text.received_at, "words": text.body, "is_ours": False} for text in theirs]
    said += [
        {"at": text.queued_at, "words": text.body, "is_ours": True, "segments": cost_of(text.body).segments}
        for text in ours
    ]
    known = Correspondent.objects.filter(number=number).first()
    return {
        "number": number,
        "place": place,
        "said": sorted(said, key=lambda one: one["at"])[-SHOWN:],
        "stopped": known is not None and known.stopped_at is not None,
    }
