"""The page on which a consignment is received, line by line."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inventory.consignment_forms import ArrivedRow
from inventory.consignment_pages import page_context
from inventory.consignments import finished_sentence, warehouse_at
from inventory.finding import found_consignment
from inventory.models import Bin, Warehouse
from inventory.receiving_consignments import Arrived, receive_consignment
from inventory.refusals import Refused
from komek.records.middleware import actor_of
from komek.supplies.models import plain


@require_http_methods(["GET", "POST"])
@login_required
def receive(request: HttpRequest, code: str) -> HttpResponse:
    """Type what came in good order and what is damaged; the difference asks for an explanation."""
    record = found_consignment(request, code)
    context = page_context(request, record)
    key = request.POST.get("key", "")
    is_resend = bool(key) and record.deliveries.filter(key=key).exists()
    if is_resend:
        return redirect(record)
    if not context["is_receivable"]:
        said = finished_sentence(record) if record.received_at else _("This consignment cannot be received now.")
        messages.error(request, said)
        return redirect(record)
    house = warehouse_at(record.destination)
    waiting = [parcel for parcel in context["parcels"] if parcel.left > 0]
    data = request.POST if request.method == "POST" else None
    forms = [
        (parcel, ArrivedRow(data, prefix=f"p{parcel.pk}", item=parcel.batch.item, initial={"good": plain(parcel.left)}))
        for parcel in waiting
    ]
    faults: list[str] = []
    if data is not None:
        try:
            lines = [_line(parcel, form, house) for parcel, form in forms]
            receive_consignment(
                by=actor_of(request), consignment=record, lines=[line for line in lines if line], key=key,
                is_last="more" not in data, note=data.get("note", ""),
            )  # fmt: skip
        except ValidationError as refusal:
            faults = refusal.messages
        else:
            messages.success(request, _("Received. The ledger is up to date."))
            return redirect(record)
    context |= {
        "forms": forms, "faults": faults, "house": house, "key": key or get_random_string(16),
        "more": bool(data and "more" in data), "note": data.get("note", "") if data else "",
    }  # fmt: skip
    return render(request, "inventory/receive.html", context, status=422 if faults else 200)


def _line(parcel: Any, form: ArrivedRow, house: Warehouse | None) -> Arrived | None:
    if not form.is_valid():
        raise Refused({"__all__": "; ".join(str(error) for errors in form.errors.values() for error in errors)})
    try:
        good, damaged = form.amount("good"), form.amount("damaged")
    except ValidationError as refusal:
        form.add_error("good", refusal.messages)
        raise
    place = bin_named(form.cleaned_data["bin"], house)
    return Arrived(parcel, good, damaged, bin=place, explanation=form.cleaned_data["explanation"])


def bin_named(text: str, house: Warehouse | None) -> Bin | None:
    """The bin of this label, typed or scanned (``W1232 A-01``). Raises Refused when the warehouse has none."""
    label = text.strip()
    if not label or house is None:
        return None
    if label.upper().startswith(f"{house.code} "):
        label = label[len(house.code) + 1 :]
    rows = house.bins.filter(is_active=True)
    if label.startswith("#") and label[1:].isascii() and label[1:].isdigit() and len(label) < 19:
        found = rows.filter(pk=int(label[1:])).first()  # the label of a bin whose name no bar code can hold
    else:
        found = rows.filter(label__iexact=label).first()
    if found is None:
        raise Refused({"bin": _("%(house)s has no bin “%(bin)s”.") % {"house": house, "bin": label[:40]}})
    return found
