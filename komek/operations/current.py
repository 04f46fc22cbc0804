"""Which operation somebody works in. One is current per user; the public sees the newest open one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from komek.operations.models import Operation

SESSION_KEY = "operation"


def operation_of(request: HttpRequest) -> Operation | None:
    """The account's current operation, else the session's, else the newest open one, real before exercise."""
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.current_operation_id:
        chosen: Operation = user.current_operation
        return chosen
    key = request.session.get(SESSION_KEY) if hasattr(request, "session") else None
    if key and (kept := Operation.objects.filter(pk=key).first()):
        return kept
    return default_operation()


def default_operation() -> Operation | None:
    """The newest open operation, real before exercise; ``None`` on an empty installation."""
    return Operation.objects.filter(ended_at=None).order_by("is_exercise", "-started_at").first()


def choose_operation(request: HttpRequest, operation: Operation) -> None:
    """Make ``operation`` current for this account and session."""
    request.session[SESSION_KEY] = operation.pk
    if request.user.is_authenticated:
        request.user.current_operation = operation
        request.user.save(update_fields=["current_operation"])
