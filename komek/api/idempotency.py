"""``Idempotency-Key`` on POST: a request repeated after a broken line is done once and answered twice the same.

Steps, in one transaction: take an advisory lock for the key, look for a kept answer, do the work, keep the answer. A
second request with the same key waits at the lock and then finds the answer. A refused request keeps nothing, so it can
be corrected and sent again under its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from komek.api.models import ApiToken, IdempotentRequest
from komek.api.problems import FieldFault, Problem, invalid

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WAIT_SECONDS = 20
_KEPT_HEADERS = ("Location", "ETag", "Komek-Operation", "Komek-Exercise")
_KEY = re.compile(r"[\x21-\x7e]{8,255}")
_LOCK_NOT_AVAILABLE = "55P03"


class Idempotent:
    """For views: every POST of a signed-in asker may carry a key. Put first among the bases."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method == "POST" and HEADER in request.headers:
            handler = getattr(self, "post", None)
            if handler is not None:
                self.post = partial(self._once, handler)

    def _once(self, handler: Callable[..., HttpResponse], request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _checked_key(request)
        if not request.user.is_authenticated:
            return handler(request, *args, **kwargs)
        token = request.auth if isinstance(request.auth, ApiToken) else None
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            _lock(f"{request.user.pk}/{token.pk if token else '-'}/{key}")
            kept = IdempotentRequest.objects.filter(owner=request.user, token=token, key=key).first()
            if kept is not None and kept.created_at > timezone.now() - IdempotentRequest.KEPT_FOR:
                return _replay(kept, fingerprint)
            if kept is not None:
                kept.delete()
            response = handler(request, *args, **kwargs)
            if response.status_code < 400:
                self._keep(request, response, key, token, fingerprint)
            return response

    def _keep(
        self, request: Request, response: HttpResponse, key: str, token: ApiToken | None, fingerprint: str
    ) -> None:
        if isinstance(response, Response):
            renderer: Any = request.accepted_renderer
            body = renderer.render(response.data, renderer.media_type, {}) if response.data is not None else b""
            content_type = renderer.media_type
        else:
            body, content_type = response.content, response.headers.get("Content-Type", "")
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        IdempotentRequest.objects.create(
            key=key, owner=request.user, token=token, fingerprint=fingerprint, status=response.status_code,
            headers={"Content-Type": content_type, **headers}, body=body,
        )  # fmt: skip


def forget_kept_answers() -> int:
    """Delete answers kept longer than promised; how many."""
    count, _by_model = IdempotentRequest.objects.filter(
        created_at__lte=timezone.now() - IdempotentRequest.KEPT_FOR
    ).delete()
    return count


def _checked_key(request: Request) -> str:
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        sentence = _("An Idempotency-Key is 8 to 255 characters without spaces; a UUID does well.")
        raise invalid((FieldFault(HEADER, str(sentence)),))
    return key


def _replay(kept: IdempotentRequest, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise Problem(
            422, "key-used-for-another-request",
            _("This Idempotency-Key was already used for a different request. Make a new key for each new request."),
        )  # fmt: skip
    return HttpResponse(bytes(kept.body), status=kept.status, headers={**kept.headers, REPLAYED: "true"})


def _lock(name: str) -> None:
    """Wait for the key's lock until the end of the transaction.

    Raises Problem 409 when the first request with this key takes longer than ``WAIT_SECONDS``.
    """
    number = int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_SECONDS}s"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise Problem(
            409, "still-working", _("The first request with this Idempotency-Key is still being worked on. Try again."),
            headers={"Retry-After": "5"},
        ) from error  # fmt: skip


def _fingerprint(request: Request) -> str:
    """Of what is asked. Forms by their fields and files: the boundary between their parts is drawn anew each time."""
    django: Any = request._request
    media_type = (request.content_type or "").partition(";")[0]
    total = sha256(f"{request.method} {django.get_full_path()}\n{media_type}\n".encode())
    if not media_type.startswith("multipart/"):
        total.update(django.body)
        return total.hexdigest()
    for name, values in sorted(request.data.lists()):
        for value in values:
            content = b"".join(value.chunks()) if hasattr(value, "chunks") else str(value).encode()
            total.update(f"{name}={len(content)}:".encode() + content)
            if hasattr(value, "seek"):
                value.seek(0)
    return total.hexdigest()
