"""Who is at which site, and of whom somebody should hear."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, NotAllowed, may, visible
from komek.records.middleware import actor_of
from komek.web.context import standing
from volunteers.check_ins import found_well, overdue
from volunteers.models import CheckIn

A_PAGE = 50


@require_GET
@login_required
def presence(request: HttpRequest) -> HttpResponse:
    """Helpers who are somewhere now, overdue ones first."""
    here = standing(request)
    if not may(here, Action.VIEW, CheckIn):
        raise NotAllowed(_("Who is where is seen by coordinators and volunteer managers. Ask one for a role."))
    rows = visible(CheckIn.objects.select_related("user", "site"), here).filter(left_at=None)
    page = Paginator(rows.order_by("due_at", "pk"), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "volunteers/presence.html", {"page": page, "late": overdue(rows).count(), "now": timezone.now()}
    )


@require_POST
@login_required
def well(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody was asked after: they are well."""
    here = standing(request)
    check_in = get_object_or_404(visible(CheckIn.objects.all(), here), pk=pk)
    found_well(by=actor_of(request), operation=here.operation, check_in=check_in, has_left="left" in request.POST)
    messages.success(request, _("Written down."))
    return redirect("volunteers:presence")
