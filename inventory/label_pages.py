"""Sheets of labels for bins, batches and consignments, and the page on which a code is scanned or typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from inventory.codes_drawn import code128, qr_code
from inventory.models import Batch, Bin, Consignment, Warehouse
from komek.accounts.authority import Action, require, visible
from komek.records.codes import MistypedCode, parse_code
from komek.web.context import standing

MOST_LABELS = 300


@dataclass(frozen=True)
class Label:
    """text: what the codes hold. detail: lines for people."""

    text: str
    name: str
    detail: tuple[str, ...]

    @property
    def qr(self) -> SafeString:
        return qr_code(self.text)

    @property
    def bars(self) -> SafeString:
        return code128(self.text)


@require_GET
@login_required
def labels(request: HttpRequest) -> HttpResponse:
    """A sheet. kind: bin (``warehouse=W1232``), batch or consignment (``codes=…``). copies: of each, up to 50."""
    whose = standing(request)
    require(whose, Action.VIEW, Batch)
    codes = [code.strip() for code in request.GET.get("codes", "").split(",") if code.strip()]
    made: list[Label] = []
    match request.GET.get("kind"):
        case "bin":
            rows = visible(Warehouse.objects.all(), whose).filter(code=request.GET.get("warehouse", ""))
            bins = Bin.objects.filter(warehouse__in=rows, is_active=True).select_related("warehouse", "zone")
            bins = bins.filter(label__in=codes) if codes else bins
            made = [bin_label(place) for place in bins.order_by("pick_order", "label")[:MOST_LABELS]]
        case "batch":
            batches = visible(Batch.objects.select_related("item__unit"), whose).filter(code__in=codes)
            made = [batch_label(batch) for batch in batches[:MOST_LABELS]]
        case "consignment":
            found = visible(Consignment.objects.select_related("origin", "destination"), whose).filter(code__in=codes)
            made = [consignment_label(one) for one in found[:MOST_LABELS]]
    asked = request.GET.get("copies", "1")
    copies = min(max(int(asked), 1), 50) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1
    sheet = [label for label in made for _copy in range(copies)][:MOST_LABELS]
    hidden = [(name, request.GET.get(name, "")) for name in ("kind", "codes", "warehouse") if request.GET.get(name)]
    return render(request, "inventory/labels.html", {"labels": sheet, "copies": copies, "hidden": hidden})


def bin_label(place: Bin) -> Label:
    """A bin has no code of its own: its warehouse's code and its label. Letters outside ASCII are not for bars, so its number is."""
    text = f"{place.warehouse.code} {place.label}"
    if not text.isascii():
        text = f"{place.warehouse.code} #{place.pk}"
    return Label(text, place.label, (place.warehouse.name, place.zone.name))


def batch_label(batch: Batch) -> Label:
    until = (
        _("expires %(day)s") % {"day": date_format(batch.expires_on, "SHORT_DATE_FORMAT")} if batch.expires_on else ""
    )
    return Label(batch.code, str(batch.item), tuple(filter(None, (batch.number, until))))


def consignment_label(one: Consignment) -> Label:
    start = str(one.origin or one.sender)
    return Label(one.code, str(one.destination), (_("from %(start)s") % {"start": start}, one.request_reference))


@require_GET
@login_required
def scan(request: HttpRequest) -> HttpResponse:
    """Scan or type a code; a code that is known leads to its page."""
    text = request.GET.get("code", "").strip()
    address, fault = address_of(request, text) if text else ("", "")
    if address:
        return redirect(address)
    return render(request, "inventory/scan.html", {"code": text, "fault": fault}, status=404 if fault else 200)


def address_of(request: HttpRequest, text: str) -> tuple[str, str]:
    """Where a scanned code leads, or a sentence why nowhere."""
    whose = standing(request)
    first, _blank, label = text.partition(" ")
    kinds: dict[str, Any] = {"K": Consignment, "B": Batch, "W": Warehouse}
    try:
        code = parse_code(first if label and first[:1].upper() == "W" else text, "KBW")
    except MistypedCode as fault:
        return "", str(fault)
    found = visible(kinds[code[0]].objects.all(), whose).filter(code=code).first()
    if found is None:
        return "", _("Nothing here has the code %(code)s.") % {"code": code}
    try:
        if isinstance(found, Warehouse) and label:
            place = bin_of_label(found, label)
            if place is None:
                return "", _("%(house)s has no bin “%(bin)s”.") % {"house": found, "bin": label[:40]}
            return f"{reverse('inventory:stock')}?warehouse={found.code}&bin={place.label}", ""
        return found.get_absolute_url(), ""
    except NoReverseMatch:
        return reverse("home"), ""


def bin_of_label(house: Warehouse, text: str) -> Bin | None:
    """The bin that a label's text names, after the warehouse's code."""
    if text.startswith("#") and text[1:].isascii() and text[1:].isdigit():
        return house.bins.filter(pk=int(text[1:])).first()
    return house.bins.filter(label__iexact=text.strip(), is_active=True).first()
