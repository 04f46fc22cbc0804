"""The history tab of every record."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from komek.accounts.authority import standing_of, visible
from komek.records.changes import changes_of, is_tracked


@require_GET
@login_required
def history(request: HttpRequest, app_label: str, model_name: str, pk: int) -> HttpResponse:
    """What changed on one record, for whoever may see the record."""
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError as fault:
        raise Http404 from fault
    if not is_tracked(model):
        raise Http404
    standing = standing_of(request.user, getattr(request, "operation", None) or None)
    record = visible(model._default_manager.all(), standing).filter(pk=pk).first()
    if record is None:
        raise Http404
    address = record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""
    return render(
        request, "accounts/history.html", {"record": record, "changes": changes_of(record), "address": address}
    )
