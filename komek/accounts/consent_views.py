"""A person's own consents: what they agreed to, for themself and for others, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.consents import give_consent, own_consents, purpose_of, purposes, withdraw_consent
from komek.accounts.models import User
from komek.records.middleware import actor_of

SHOWN = 200


@require_GET
@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """Everything this account agreed to, newest first, and what may be agreed to."""
    account_type = ContentType.objects.get_for_model(User)
    own = own_consents(request.user).select_related("about_type").prefetch_related("about").order_by("-given_at", "-pk")
    rows = [
        (
            consent,
            purpose_of(consent.purpose),
            (consent.about_type_id, consent.about_id) == (account_type.pk, request.user.pk),
        )
        for consent in own[:SHOWN]
    ]
    agreed = {
        (consent.purpose, consent.version) for consent, _purpose, is_mine in rows if is_mine and consent.is_in_force
    }
    offered = [purpose for purpose in purposes() if purpose.offered and (purpose.key, purpose.version) not in agreed]
    return render(request, "accounts/consents.html", {"rows": rows, "offered": offered})


@require_POST
@login_required
def give(request: HttpRequest, purpose: str) -> HttpResponse:
    """Agree, for oneself, to something that is offered to accounts."""
    named = purpose_of(purpose)
    if named is None or not named.offered:
        raise Http404
    try:
        give_consent(
            by=actor_of(request), about=request.user, purpose=purpose, version=request.POST.get("version", "")
        )  # fmt: skip
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Thank you. You can take this back here at any time."))
    return redirect("consents")


@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one of one's own consents."""
    consent = get_object_or_404(own_consents(request.user), pk=pk)
    try:
        withdraw_consent(by=actor_of(request), consent=consent, reason=request.POST.get("reason", "").strip())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Taken back. It holds from now on."))
    return redirect("consents")
