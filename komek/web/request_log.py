"""One line in the log for every request answered: id, method, path, status, duration. Never the query, nor a secret in the path."""

from __future__ import annotations

import logging
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger("komek.requests")

# Parts of an address that name a record or a page. Any other may be a secret that opens something, and is left out.
TELLING = frozenset({"pk", "number", "code", "pcode", "slug", "step", "symbol", "app_label", "model_name", "purpose"})
# A request's code in these addresses is half of what opens it to who asked.
OPENED_BY_CODE = ("follow/",)
PHONE = re.compile(r"(?<![A-Za-z0-9])\+?\d[\d ()-]{6,}")
LEFT_OUT = "…"
UNTOLD = ("/healthz", "/readyz", "/metrics")


def told_path(request: HttpRequest) -> str:
    """The request's path for a log: without what opens something or reaches somebody. Of an unknown address only its beginning."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        first = request.path.strip("/").split("/")[0]
        return (
            f"/{first}/{LEFT_OUT}"
            if re.fullmatch(r"[a-z0-9-]{1,24}", first) and not PHONE.search(first)
            else f"/{LEFT_OUT}"
        )
    is_open = not match.route.startswith(OPENED_BY_CODE)
    left_out = [
        str(value)
        for name, value in match.kwargs.items()
        if not (is_open and name in TELLING) or (isinstance(value, str) and PHONE.search(value))
    ]
    path = request.path
    # The longest first: a short one may be a part of it.
    for value in sorted([*left_out, *map(str, match.args)], key=len, reverse=True):
        path = path.replace(value, LEFT_OUT) if value else path
    return path


def log_request(request: HttpRequest, status: int, duration_s: float) -> None:
    """Files and the questions of machines about our health are not worth a line."""
    if request.path.startswith((settings.STATIC_URL, *UNTOLD)):
        return
    path, ms = told_path(request), round(duration_s * 1000, 1)
    fields = {"method": request.method, "path": path, "status": status, "duration_ms": ms}
    logger.info("%s %s %d %.1f ms", request.method, path, status, ms, extra={**fields, "request": request})


def without_secrets(record: logging.LogRecord, request: Any) -> None:
    """Django writes the path of what it refused into its lines; there too it is told without secrets."""
    path = getattr(request, "path", None)
    if path and isinstance(record.args, tuple) and path in record.args:
        record.args = tuple(told_path(request) if one == path else one for one in record.args)
