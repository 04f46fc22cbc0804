"""The accounts of an installation by what became of them, for those who approve them: searched, and a page at a time."""

from __future__ import annotations

import re

from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from komek.accounts.authority import Action, require, standing_of, visible
from komek.accounts.models import ERASED, User
from komek.records.models import Approval

PER_PAGE = 50
SHOWN = {
    "waiting": (_("Waiting for approval"), Q(approval=Approval.PENDING, is_active=True), ("created_at", "pk")),
    "working": (_("Working"), Q(approval=Approval.APPROVED, is_active=True), ("name", "pk")),
    "refused": (_("Refused"), Q(approval=Approval.REFUSED, is_active=True), ("-created_at", "pk")),
    "stopped": (_("Stopped"), Q(is_active=False), ("name", "pk")),
}


def matching(accounts: QuerySet[User], text: str) -> QuerySet[User]:
    """Accounts in whose name, e-mail, phone or reason every word is found."""
    for word in text.split():
        digits = re.sub(r"\D", "", word)
        meant = Q(name__icontains=word) | Q(email__icontains=word) | Q(why__icontains=word)
        if len(digits) >= 3:
            meant |= Q(phone__contains=digits)
        accounts = accounts.filter(meant)
    return accounts


@require_GET
@login_required
def accounts(request: HttpRequest) -> HttpResponse:
    """``show``: which of them (``SHOWN``); ``q``: words to look for; ``page``."""
    standing = standing_of(request.user, getattr(request, "operation", None) or None)
    require(standing, Action.APPROVE, User)
    text = request.GET.get("q", "").strip()[:100]
    seen = visible(User.objects.exclude(email__endswith=ERASED), standing)
    found = matching(seen, text)
    counts = {key: found.filter(condition).count() for key, (_title, condition, _order) in SHOWN.items()}
    shown = request.GET.get("show", "")
    if shown not in SHOWN:
        # Who waits comes first; with nobody waiting, or nobody found there, where somebody is.
        shown = next((key for key, count in counts.items() if count), "working")
    _title, condition, order = SHOWN[shown]
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    rows = found.filter(condition).annotate(email_verified=Exists(verified)).order_by(*order)
    context = {
        "text": text,
        "shown": shown,
        "tabs": [(key, title, counts[key]) for key, (title, _condition, _order) in SHOWN.items()],
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "accounts/waiting.html", context)
