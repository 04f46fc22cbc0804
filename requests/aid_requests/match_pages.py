"""The page of offers for a line, where one click promises and starts the delivery; and the needs that an item fits."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from aid_requests.commitment_forms import in_days
from aid_requests.committing import commit_offer
from aid_requests.finding import found_request
from aid_requests.matching import kilometres, matches_for
from aid_requests.models import OPEN_STATES, Commitment, RequestLine
from aid_requests.needed import still_needed
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, NotAllowed, may, require
from komek.extensions.demands import demands
from komek.records.middleware import actor_of
from komek.supplies.models import Item
from komek.web.context import standing, viewer_of

MOST_NEEDS = 50


@require_http_methods(["GET", "POST"])
@login_required
def match(http: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Offers for a line. A click promises one of them; what was refused is said above the list as it is now."""
    record = found_request(http, code)
    rows = RequestLine.objects.select_related("item__unit")
    line = get_object_or_404(rows, pk=pk, request=record)
    line.request = record
    status, refused, typed = 200, "", {}
    if http.method == "POST":
        typed = http.POST.dict()
        try:
            made = _promise(http, line)
        except (ValidationError, NotAllowed) as refusal:
            refused, status = " ".join(getattr(refusal, "messages", None) or [str(refusal)]), 422
        else:
            messages.success(http, _said(made))
            return redirect(http.path if still_needed(line) > 0 else record.get_absolute_url())
    needed = still_needed(line)
    matches = matches_for(line, viewer_of(http), needed) if record.state in OPEN_STATES else None
    context = {
        "request_record": record, "line": line, "needed": needed, "matches": matches, "refused": refused, "typed": typed,
        "is_open": record.state in OPEN_STATES, "may_promise": may(standing(http), Action.ADD, Commitment),
        "until": in_days(3), "delivers": record.site_id is not None,
    }  # fmt: skip
    return render(http, "aid_requests/match.html", context, status=status)


@require_GET
@login_required
def needs_for(http: HttpRequest) -> HttpResponse:
    """The needs that goods of an item fit, nearest to a point first: for a pledge, or a batch that expires."""
    raw = http.GET.get("item", "")
    rows = Item.objects.select_related("unit")
    item = rows.filter(pk=int(raw)).first() if raw.isdigit() else rows.filter(code=raw).first() if raw else None
    longitude, latitude = _degrees(http, "longitude", 180), _degrees(http, "latitude", 90)
    found = []
    if item is not None:
        for plug in demands:
            near = plug.nearest(
                [item.pk], longitude=longitude, latitude=latitude, viewer=viewer_of(http), limit=MOST_NEEDS
            )
            found += near.get(item.pk, ())
    found.sort(key=lambda one: (one.distance_m is None, one.distance_m or 0, one.reference))
    context: dict[str, Any] = {
        "item": item,
        "found": [(one, kilometres(one.distance_m)) for one in found],
        "knows_place": longitude is not None,
        "most": MOST_NEEDS,
    }
    return render(http, "aid_requests/needs_for.html", context)


def _promise(http: HttpRequest, line: RequestLine) -> Commitment:
    require(standing(http), Action.ADD, Commitment)
    try:
        quantity = Decimal(http.POST.get("quantity", "").strip().replace(",", "."))
    except InvalidOperation:
        raise Refused({"quantity": _("Write the quantity as a number.")}) from None
    days = http.POST.get("days", "3")
    if not days.isdigit() or not 1 <= int(days) <= 60:
        raise Refused({"days": _("Give for how many days it is held, from 1 to 60.")})
    return commit_offer(
        by=actor_of(http), operation=http.operation or None, line=line, plug=http.POST.get("plug", ""),  # type: ignore[attr-defined]
        offer=http.POST.get("offer", ""), quantity=quantity, until=in_days(int(days)),
        title=http.POST.get("title", ""),
    )  # fmt: skip


def _said(made: Commitment) -> str:
    if made.delivery:
        return _("Promised, held, and delivery %(code)s has begun.") % {"code": made.delivery}
    return _("Promised and held. Bringing it is still to be arranged.")


def _degrees(http: HttpRequest, name: str, most: int) -> float | None:
    try:
        degrees = float(http.GET.get(name, ""))
    except ValueError:
        return None
    return degrees if -most <= degrees <= most else None
