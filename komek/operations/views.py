"""Pages about operations."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from komek.accounts.authority import Action, Standing, may, standing_of, visible
from komek.operations.current import choose_operation
from komek.operations.models import Operation


def _standing(request: HttpRequest) -> Standing:
    return standing_of(request.user, getattr(request, "operation", None) or None)


@login_required
def operations(request: HttpRequest) -> HttpResponse:
    """Every operation the viewer may see, open ones first."""
    found = visible(Operation.objects.prefetch_related("hazard_types"), _standing(request))
    context = {
        "operations": found.order_by(F("ended_at").desc(nulls_first=True), "is_exercise", "-started_at"),
        "may_add": may(standing_of(request.user, None), Action.ADD, Operation),
    }
    return render(request, "operations/list.html", context)


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Make an operation current for this account."""
    key = request.POST.get("operation", "")
    found = visible(Operation.objects.all(), _standing(request))
    choose_operation(request, get_object_or_404(found, pk=int(key) if key.isdigit() else 0))
    asked = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(asked if is_ours else "/")
