"""Texts through any provider with a plain HTTP interface: a local aggregator, or an Android phone with an SMS gateway app.

``KOMEK_HTTP_GATEWAY`` describes it as JSON::

    {"url": "https://sms.example.net/send",
     "json": {"to": "{to}", "text": "{body}", "from": "{sender}", "ref": "{text}"},
     "headers": {"Authorization": "Bearer …"},
     "id": "message.id",
     "secret": "a long random text",
     "in": {"id": "id", "sender": "from", "body": "text", "to": "to", "sent_at": "timestamp"},
     "receipt": {"id": "id", "status": "status", "text": "ref"},
     "statuses": {"delivered": "delivered", "failed": "undelivered"}}

``form`` in place of ``json`` sends the same as a form. ``secret`` is what the provider must send with each text and receipt, as the
header ``X-Komek-Secret`` or ``Authorization: Bearer``, or as ``secret`` in the address.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime

from komek.messaging.gateways import Forged, GatewayFault, News, Sent, Unreadable
from komek.messaging.inbound.receiving import Incoming
from komek.messaging.models import Receipt

TIMEOUT_S = 15
SHORTEST_SECRET = 16
IN = {"id": "id", "sender": "from", "body": "text", "to": "to", "sent_at": "sent_at"}
RECEIPT = {"id": "id", "status": "status", "text": "ref"}
STATUSES = {
    "queued": Receipt.QUEUED, "sent": Receipt.SENT, "delivered": Receipt.DELIVERED, "undelivered": Receipt.UNDELIVERED,
    "failed": Receipt.UNDELIVERED,
}  # fmt: skip


class Http:
    key = "http"

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.url: str = description["url"]
        self.as_json = "json" in description
        self.fields: Mapping[str, str] = description.get("json") or description.get("form") or {}
        self.headers: Mapping[str, str] = description.get("headers", {})
        self.id_path: str = description.get("id", "")
        self.secret: str = description["secret"]
        self.names = {**IN, **description.get("in", {})}
        self.receipt_names = {**RECEIPT, **description.get("receipt", {})}
        self.statuses = {**{key: key for key in STATUSES}, **description.get("statuses", {})}

    def send(self, *, to: str, body: str, sender: str, text: int = 0, valid_for: timedelta | None = None) -> Sent:
        words = {"to": to, "body": body, "sender": sender, "text": str(text)}
        filled = {name: _filled(value, words) for name, value in self.fields.items()}
        given: dict[str, Any] = {"json": filled} if self.as_json else {"data": filled}
        try:
            answer = requests.post(self.url, headers=dict(self.headers), timeout=TIMEOUT_S, **given)
        except requests.RequestException as fault:
            raise GatewayFault(f"HTTP gateway: {type(fault).__name__}", permanent=False) from fault
        if answer.status_code >= 400:
            # What the provider says of this very text is final; of us, of its load or of itself, it passes.
            permanent = answer.status_code in (400, 404, 410, 422)
            raise GatewayFault(f"HTTP gateway answered {answer.status_code}", permanent=permanent)
        return Sent(provider_id=self._id_in(answer))

    def _id_in(self, answer: requests.Response) -> str:
        if not self.id_path:
            return ""
        try:
            found: Any = answer.json()
        except ValueError:
            return ""
        for part in self.id_path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return str(found)[:80] if isinstance(found, str | int) else ""

    def incoming(self, request: HttpRequest) -> Incoming:
        data = self._verified(request)
        sender, body = _text(data, self.names["sender"]), _text(data, self.names["body"])
        if not sender:
            raise Unreadable(f"no {self.names['sender']}")
        moment = _moment(data.get(self.names["sent_at"]))
        named = _text(data, self.names["id"])
        return Incoming(
            provider_id=named or _own_name(sender, body, moment),
            sender=sender,
            body=body,
            to=_text(data, self.names["to"]),
            sent_at=moment,
        )

    def news(self, request: HttpRequest) -> News:
        data = self._verified(request)
        said = self.statuses.get(_text(data, self.receipt_names["status"]).lower(), "")
        if said not in STATUSES:
            raise Unreadable("no known status")
        ours = _text(data, self.receipt_names["text"])
        return News(
            provider_id=_text(data, self.receipt_names["id"])[:80],
            receipt=STATUSES[said],
            text=int(ours) if ours.isascii() and ours.isdigit() and len(ours) < 18 else 0,
        )

    def thanks(self) -> HttpResponse:
        return JsonResponse({"status": "stored"})

    def _verified(self, request: HttpRequest) -> Mapping[str, Any]:
        shown = (
            request.headers.get("X-Komek-Secret")
            or request.headers.get("Authorization", "").removeprefix("Bearer ")
            or request.GET.get("secret", "")
        )
        if not hmac.compare_digest(shown.encode(), self.secret.encode()):
            raise Forged
        if request.content_type == "application/json":
            try:
                data = json.loads(request.body)
            except ValueError as fault:
                raise Unreadable("not JSON") from fault
            if not isinstance(data, dict):
                raise Unreadable("not a JSON object")
            return data
        return {**request.GET.dict(), **request.POST.dict()}


def _filled(value: str, words: Mapping[str, str]) -> str:
    """Placeholders put in by name; braces in a text mean nothing."""
    if value.startswith("{") and value.endswith("}") and value[1:-1] in words:
        return words[value[1:-1]]
    return value


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    return str(value).strip() if isinstance(value, str | int) else ""


def _moment(value: Any) -> datetime | None:
    """ISO 8601, or seconds or milliseconds since 1970; ``None`` for what is neither."""
    text = str(value or "").strip()
    try:
        if text.isascii() and text.isdigit():
            seconds = int(text) / (1000 if len(text) > 11 else 1)
            return datetime.fromtimestamp(seconds, UTC)
        found = parse_datetime(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _own_name(sender: str, body: str, moment: datetime | None) -> str:
    """For a provider without numbers: the same words of the same sender at the same moment (or minute) are one text."""
    when = moment or datetime.now(UTC).replace(second=0, microsecond=0)
    return "own-" + hashlib.sha256(f"{sender}\n{when.isoformat()}\n{body}".encode()).hexdigest()[:40]


def make() -> Http:
    """From ``KOMEK_HTTP_GATEWAY``."""
    description: Mapping[str, Any] = settings.HTTP_GATEWAY
    if not str(description.get("url", "")).startswith(("http://", "https://")):
        raise ImproperlyConfigured(
            "KOMEK_TEXT_GATEWAY is http: set KOMEK_HTTP_GATEWAY to JSON with url, json or form, and secret."
        )
    if len(str(description.get("secret", ""))) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"KOMEK_HTTP_GATEWAY needs a secret of at least {SHORTEST_SECRET} letters.")
    return Http(description)
