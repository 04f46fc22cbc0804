"""Pages for what piled up: ageing, bulk steps with a reason, possible duplicates side by side, things not in the catalogue."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aid_requests import bulk as acts
from aid_requests.ageing import AGES, ageing
from aid_requests.deadlines import WAITING, overdue
from aid_requests.duplicates import reasons_in_words
from aid_requests.list_page import RequestList
from aid_requests.merging import keep_both, merge, pair_of, undo_decision
from aid_requests.models import AidRequest, DuplicatePair, LineKind, PairState, RequestLine
from aid_requests.piles import piles
from aid_requests.request_forms import ForwardForm, ReasonForm
from komek.accounts.authority import Action, NotAllowed, may, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing

MOST = 500
PAIRS_ON_A_PAGE = 20
TITLES = {"forward": gettext_lazy("Forward"), "refuse": gettext_lazy("Refuse"), "false": gettext_lazy("Mark as false")}


@require_GET
@login_required
def piles_part(http: HttpRequest) -> HttpResponse:
    """The counts above the list: fetched once the list is there, so that it does not wait for them."""
    whose = standing(http)
    require(whose, Action.VIEW, AidRequest)
    return render(http, "aid_requests/parts/piles.html", {"piles": piles(whose)})


@require_GET
@login_required
def ageing_page(http: HttpRequest) -> HttpResponse:
    """Waiting requests by state and age, and the ones that wait longest beyond their time."""
    whose = standing(http)
    require(whose, Action.VIEW, AidRequest)
    rows = visible(AidRequest.objects.all(), whose)
    late = overdue(rows).select_related("site", "area", "responsible", "claimed_by").order_by("due_at")
    context = {"ages": [age[0] for age in AGES], "rows": ageing(rows), "late": late.defer("area__geometry")[:50]}
    return render(http, "aid_requests/ageing.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def bulk(http: HttpRequest, step: str) -> HttpResponse:
    """A step for many requests that needs a reason or an addressee."""
    if step not in acts.WITH_MORE:
        raise Http404
    whose = standing(http)
    if not acts.may_work_on_requests(whose) and not whose.runs_installation:
        raise NotAllowed(_("This action needs a role you do not hold. Ask a coordinator."))
    rows = _chosen(http)
    if step == "merge":
        return _to_comparing(http, list(rows[:3]))
    form_class = ForwardForm if step == "forward" else ReasonForm
    form = form_class(http.POST or None, request=http)
    if http.method == "POST" and form.is_valid():
        if step != "forward" and not form.cleaned_data["reason"].strip():
            form.add_error("reason", _("Give the reason: the requester and those after you will ask for it."))
        else:
            doing: Any = {"forward": acts.forward_many, "refuse": acts.refuse_many, "false": acts.mark_many_false}[step]
            told = doing(rows[:MOST], actor_of(http), http.operation or None, **form.cleaned_data)  # type: ignore[attr-defined]
            messages.success(http, told)
            return HttpResponseRedirect(_back(http))
    context = {
        "form": form, "heading": TITLES[step], "rows": rows[:20], "count": rows.count(), "most": MOST, "back": _back(http),
    }  # fmt: skip
    return render(http, "aid_requests/bulk.html", context, status=422 if http.method == "POST" else 200)


def _chosen(http: HttpRequest) -> Any:
    """The requests ticked, or all that match the filters in the address."""
    ticked = [pk for pk in http.GET.getlist("pk") if pk.isdigit()]
    page = RequestList()
    page.setup(http)
    page.standing = standing(http)
    rows = page.matching(http).order_by("rank", "occurred_at", "pk")
    return rows.filter(pk__in=ticked) if ticked else rows


def _back(http: HttpRequest) -> str:
    address = http.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else reverse("requests:requests")


def _to_comparing(http: HttpRequest, two: list[AidRequest]) -> HttpResponse:
    if len(two) != 2:
        messages.warning(http, _("Tick exactly two requests to compare and merge them."))
        return HttpResponseRedirect(_back(http))
    return HttpResponseRedirect(f"{reverse('requests:compare')}?one={two[0].code}&other={two[1].code}")


@require_GET
@login_required
def duplicates(http: HttpRequest) -> HttpResponse:
    """Pairs that may be one request, the likeliest first, both shown; and what was decided lately, to undo."""
    whose = standing(http)
    require(whose, Action.VIEW, DuplicatePair)
    pairs = visible(DuplicatePair.objects.select_related("first__site", "second__site", "decided_by"), whose)
    page = Paginator(pairs.filter(state=PairState.OPEN), PAIRS_ON_A_PAGE).get_page(http.GET.get("page"))
    decided = pairs.exclude(state=PairState.OPEN).order_by("-decided_at")[:20]
    context = {"page": page, "pairs": [_shown(pair) for pair in _with_lines(page.object_list)], "decided": decided}
    return render(http, "aid_requests/duplicates.html", context)


@require_GET
@login_required
def compare(http: HttpRequest) -> HttpResponse:
    """Any two requests side by side, to be merged or kept."""
    whose = standing(http)
    require(whose, Action.VIEW, DuplicatePair)
    one, other = (_one(http, http.GET.get(name, "")) for name in ("one", "other"))
    if one.pk == other.pk:
        raise Http404(_("This is one request, not two."))
    pair = pair_of(one, other)
    return render(http, "aid_requests/duplicates.html", {"pairs": [_shown(pair)], "is_alone": True, "decided": []})


@require_POST
@login_required
def decide(http: HttpRequest) -> HttpResponse:
    """Merge a pair into one of the two, keep both, or undo what was decided."""
    by, operation = actor_of(http), http.operation or None  # type: ignore[attr-defined]
    one, other = (_one(http, http.POST.get(name, "")) for name in ("one", "other"))
    pair, answer = pair_of(one, other), http.POST.get("answer", "")
    try:
        if answer in (one.code, other.code):
            keep = one if answer == one.code else other
            merge(by=by, operation=operation, pair=pair, keep=keep)
            words = _("Merged: %(code)s stands for both. It can be undone below.") % {"code": keep.code}
        elif answer == "keep":
            keep_both(by=by, operation=operation, pair=pair)
            words = _("Noted: these are two requests.")
        else:
            undo_decision(by=by, operation=operation, pair=pair)
            words = _("Undone: both requests are as they were.")
        messages.success(http, words)
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
    return redirect("requests:duplicates")


@require_GET
@login_required
def unknown_items(http: HttpRequest) -> HttpResponse:
    """Things asked for that the catalogue does not know: to be named, or added to the catalogue."""
    whose = standing(http)
    require(whose, Action.VIEW, AidRequest)
    lines = visible(RequestLine.objects.filter(item=None, kind=LineKind.GOODS), whose)
    lines = lines.filter(request__state__in=WAITING, request__operation=whose.operation)
    lines = lines.select_related("request__site").order_by("request__rank", "request__occurred_at", "pk")
    page = Paginator(lines, 50).get_page(http.GET.get("page"))
    from komek.supplies.models import Item

    context = {
        "page": page, "may_add_items": may(whose, Action.ADD, Item),
        "rows": [(line, may(whose, Action.CHANGE, line.request)) for line in page.object_list],
    }  # fmt: skip
    return render(http, "aid_requests/unknown_items.html", context)


def _one(http: HttpRequest, code: str) -> AidRequest:
    rows = visible(AidRequest.objects.select_related("site__organisation", "merged_into"), standing(http))
    return get_object_or_404(rows, code=code)


def _with_lines(pairs: Any) -> list[DuplicatePair]:
    from django.db.models import prefetch_related_objects

    found = list(pairs)
    prefetch_related_objects(found, "first__lines__item", "second__lines__item")
    return found


def _shown(pair: DuplicatePair) -> dict[str, Any]:
    return {
        "pair": pair, "score": round(100 * pair.likeness), "why": reasons_in_words(pair.why),
        "sides": (pair.first, pair.second),
    }  # fmt: skip
