"""Pages for those without an account: offering help, and following an offer by its code and key."""

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
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from komek.records.actor import Actor, Channel
from komek.web.finding import code_in_address
from komek.web.following import ask_for_code, is_key
from volunteers.life_cycle import send_by_donor, withdraw_by_donor
from volunteers.models import OPEN_USES, WAITING, Pledge, PledgeState, UseState
from volunteers.notices import follow_path
from volunteers.offer_form import OfferForm
from volunteers.offering import hide_name, offer_help
from volunteers.robots import stamp, too_often
from volunteers.steps import STEPS


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def offer(http: HttpRequest) -> HttpResponse:
    """The form "Offer help". What was typed stays whatever is wrong."""
    operation = http.operation or None  # type: ignore[attr-defined]
    if http.method != "POST":
        form = OfferForm(initial={"opened": stamp()})
        return _show(http, form, operation)
    form = OfferForm(http.POST)
    if operation is None:
        form.add_error(None, _("No operation is open here, so nobody would look at your offer. Try again later."))
    if not form.is_valid():
        return _show(http, form, operation, status=422)
    sentence = too_often(
        http, Pledge.objects.all(),
        from_network=_("Many offers came from your network just now. Wait an hour, or call the coordinators."),
        from_all=_("Very many offers are coming in just now. Please try again in an hour."),
    )  # fmt: skip
    if sentence:
        form.add_error(None, sentence)
        return _show(http, form, operation, status=429)
    by = Actor(user=None, channel=Channel.BROWSER, name=_("public form"))
    try:
        made = offer_help(by=by, operation=operation, confirmed=form.cleaned_data["confirmed"], **form.values())
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return _show(http, form, operation, status=422)
    messages.success(
        http, _("Thank you! Your offer has come in. Keep the address of this page: here you see what becomes of it.")
    )
    return HttpResponseRedirect(follow_path(made))


@require_GET
def follow_start(http: HttpRequest) -> HttpResponse:
    """Where somebody types the code they were given."""
    return ask_for_code(http, letter="G", route="volunteers:follow", template="volunteers/follow_start.html")


@require_GET
@never_cache
def follow(http: HttpRequest, code: str) -> HttpResponse:
    """What became of an offer: by the code alone the state, with the key all of it, as a report that can be printed."""
    pledge = _found(code)
    key = http.GET.get("key", "")
    is_theirs = is_key(key, pledge.follow_key)
    context: dict[str, Any] = {
        "pledge": pledge,
        "is_theirs": is_theirs,
        "key": key if is_theirs else "",
        "key_is_wrong": bool(key) and not is_theirs,
        "is_exercise": bool(pledge.operation and pledge.operation.is_exercise),
        "history": pledge.steps.all(),
    }
    if is_theirs:
        uses = pledge.uses.filter(state__in=OPEN_USES).select_related("destination")
        context |= {
            "uses": uses,
            "receipts": pledge.receipts.all(),
            "may_withdraw": pledge.state in STEPS["withdraw"].before,
            "to_send": [use for use in uses if use.state == UseState.HELD] if pledge.state in WAITING else [],
            "is_new": pledge.state == PledgeState.PLEDGED,
        }
    return render(http, "volunteers/follow.html", context)


@require_POST
def follow_answer(http: HttpRequest, code: str) -> HttpResponse:
    """The donor says that a part is on its way, takes the offer back, or does not want to be named any more."""
    pledge = _found(code)
    key = http.POST.get("key", "")
    if not is_key(key, pledge.follow_key):
        raise Http404
    # Not their name: it would stand in the history that everybody with an account reads.
    by = Actor(user=None, channel=Channel.BROWSER, name=_("the donor"))
    try:
        if http.POST.get("answer") == "sent":
            use = pledge.uses.filter(pk=http.POST.get("use", "0") if http.POST.get("use", "").isdigit() else 0).first()
            if use is None:
                raise Http404
            send_by_donor(by=by, pledge=pledge, use=use)
            messages.success(http, _("Thank you. Those who wait for it are told that it is on its way."))
        elif http.POST.get("answer") == "hide":
            hide_name(by=by, pledge=pledge)
            messages.success(http, _("Your name is not shown any more, except to those who work with your offer."))
        else:
            withdraw_by_donor(by=by, pledge=pledge, reason=http.POST.get("words", "")[:300])
            messages.success(http, _("Your offer is taken back. Thank you all the same."))
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
    return HttpResponseRedirect(f"{reverse('volunteers:follow', args=[pledge.code])}?{urlencode({'key': key})}")


def _show(http: HttpRequest, form: OfferForm, operation: Any, status: int = 200) -> HttpResponse:
    form.fields["location"].begin_at(operation)  # type: ignore[attr-defined]
    return render(http, "volunteers/offer.html", {"form": form, "has_operation": operation is not None}, status=status)


def _found(code: str) -> Pledge:
    pledge = Pledge.objects.select_related("operation", "item").filter(code=code_in_address(code, "G")).first()
    if pledge is None:
        raise Http404(_("No offer has this code."))
    return pledge
