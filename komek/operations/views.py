"""Pages about operations."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from komek.operations.current import choose_operation
from komek.operations.models import Operation


@login_required
def operations(request: HttpRequest) -> HttpResponse:
    """Every operation, open ones first."""
    found = Operation.objects.prefetch_related("hazard_types").order_by("ended_at", "is_exercise", "-started_at")
    return render(request, "operations/list.html", {"operations": found})


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Make an operation current for this account."""
    key = request.POST.get("operation", "")
    choose_operation(request, get_object_or_404(Operation, pk=int(key) if key.isdigit() else 0))
    asked = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(asked if is_ours else "/")
