"""The history tab of every record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from komek.accounts.authority import Standing, standing_of, visible
from komek.accounts.history_parts import sources
from komek.records.changes import Change, history_of, is_tracked
from komek.records.middleware import actor_of
from komek.records.parts import guard_of
from komek.records.reads import log_read

PER_PAGE = 100


@require_GET
@login_required
def history(request: HttpRequest, app_label: str, model_name: str, pk: int) -> HttpResponse:
    """What changed on one record and its parts, for whoever may see it; ``before``: a moment, for older changes."""
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
    guard, before = guard_of(model), _moment(request.GET.get("before", ""))
    if guard.read_as:
        log_read(
            by=actor_of(request),
            record=record,
            why=gettext("History"),
            part=guard.read_as,
            operation=standing.operation,
        )
    page = history_of(
        record,
        limit=PER_PAGE,
        before=before,
        parts=sources(record, standing),
        hidden=guard.hidden(standing, record),
    )
    imports = _imports(page.changes, standing)
    context = {
        "record": record,
        "changes": [(change, imports.get(change.batch)) for change in page.changes],
        "older": page.older.isoformat() if page.older else "",
        "is_newest": before is None,
        "address": record.get_absolute_url() if hasattr(record, "get_absolute_url") else "",
    }
    return render(request, "accounts/history.html", context)


def _moment(text: str) -> datetime | None:
    """What the address says; ``None`` for what is no moment, so that a broken link shows the newest changes."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def _imports(changes: list[Change], standing: Standing) -> dict[str, Any]:
    """The imports that changes came with, as far as the reader may see them: key as in history → import."""
    keys = {change.batch for change in changes if change.batch.isdecimal()}
    if not keys:
        return {}
    batches = apps.get_model("exchange", "ImportBatch")._default_manager.filter(pk__in=keys)
    return {str(batch.pk): batch for batch in visible(batches, standing)}
