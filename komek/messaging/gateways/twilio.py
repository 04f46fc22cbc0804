"""Texts through Twilio, by its own SDK.

Which errors are worth another try follows https://www.twilio.com/docs/api/errors: the message itself refused (400, 404) is final;
a wrong password, no credit, too many at once and trouble at Twilio's end pass, or are put right by a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from twilio.rest import Client

from komek.messaging.gateways import Forged, GatewayFault, News, Sent, Unreadable
from komek.messaging.inbound.receiving import Incoming
from komek.messaging.models import Receipt

TIMEOUT_S = 15
MESSAGING_SERVICE = "MG"
"""A sender that begins so is a messaging service, which picks the number itself."""

ABOUT_OUR_ACCOUNT = frozenset({20003, 20005, 20403, 20429, 21606, 21611, 30001, 30002})
"""Codes that say nothing against the receiver: authentication, a suspended account, our sender, a full queue."""

OPTED_OUT = 21610
"""The receiver told the carrier to stop."""

SHORTEST_VALID, LONGEST_VALID = 6, 36_000
"""Seconds a text may wait in Twilio's queue: what the API takes, and more than the 5 it advises."""

STATUSES = {
    "accepted": Receipt.QUEUED, "scheduled": Receipt.QUEUED, "queued": Receipt.QUEUED, "sending": Receipt.SENT,
    "sent": Receipt.SENT, "delivered": Receipt.DELIVERED, "read": Receipt.DELIVERED, "undelivered": Receipt.UNDELIVERED,
    "failed": Receipt.UNDELIVERED, "canceled": Receipt.UNDELIVERED,
}  # fmt: skip
MOST_HELD = 5000


class Twilio:
    key = "twilio"

    def __init__(self, client: Client, token: str) -> None:
        self.client = client
        self.validator = RequestValidator(token)

    def send(self, *, to: str, body: str, sender: str, text: int = 0, valid_for: timedelta | None = None) -> Sent:
        given: dict[str, Any] = {}
        given["messaging_service_sid" if sender.startswith(MESSAGING_SERVICE) else "from_"] = sender
        if text and settings.PUBLIC_URL.startswith("https://"):  # Twilio reaches no other address of ours
            given["status_callback"] = (
                f"{settings.PUBLIC_URL}{reverse('messaging:receipt', args=[self.key])}?text={text}"
            )
        if valid_for is not None:
            given["validity_period"] = min(max(int(valid_for.total_seconds()), SHORTEST_VALID), LONGEST_VALID)
        try:
            message = self.client.messages.create(to=to, body=body, **given)
        except TwilioRestException as fault:
            permanent = fault.status in (400, 404) and fault.code not in ABOUT_OUR_ACCOUNT
            raise GatewayFault(
                f"Twilio {fault.code or fault.status}: {fault.msg}",
                permanent=permanent,
                has_opted_out=fault.code == OPTED_OUT,
            ) from fault
        except (RequestException, TwilioException, ValueError) as fault:
            # No connection, or an answer that is not Twilio's: something between us, which passes.
            raise GatewayFault(f"Twilio: {type(fault).__name__}", permanent=False) from fault
        return Sent(provider_id=message.sid or "")

    def incoming(self, request: HttpRequest) -> Incoming:
        form = self._verified(request)
        sid, sender = form.get("MessageSid", "") or form.get("SmsSid", ""), form.get("From", "")
        if not sid or not sender:
            raise Unreadable("no MessageSid or From")
        media = form.get("NumMedia", "0")
        return Incoming(
            provider_id=sid,
            sender=sender,
            body=form.get("Body", ""),
            to=form.get("To", ""),
            media=int(media) if media.isascii() and media.isdigit() else 0,
        )

    def news(self, request: HttpRequest) -> News:
        form = self._verified(request)
        sid, status, code = form.get("MessageSid", ""), form.get("MessageStatus", ""), form.get("ErrorCode", "")
        if not sid or status not in STATUSES:
            raise Unreadable("no MessageSid, or a status that is not known")
        ours = request.GET.get("text", "")
        return News(
            provider_id=sid,
            receipt=STATUSES[status],
            text=int(ours) if ours.isascii() and ours.isdigit() and len(ours) < 18 else 0,
            error=f"Twilio {code}" if code else "",
            has_opted_out=code == str(OPTED_OUT),
        )

    def thanks(self) -> HttpResponse:
        """Empty TwiML: the answer goes through the outbox."""
        return HttpResponse("<Response/>", content_type="text/xml")

    def held(self, since: datetime) -> Iterator[Incoming]:
        try:
            for message in self.client.messages.stream(date_sent_after=since, limit=MOST_HELD):
                if message.direction == "inbound" and message.sid and message.from_:
                    yield Incoming(
                        provider_id=message.sid,
                        sender=message.from_,
                        body=message.body or "",
                        to=message.to or "",
                        media=int(message.num_media or 0),
                        sent_at=message.date_sent,
                    )
        except (RequestException, TwilioException, ValueError) as fault:
            raise GatewayFault(f"Twilio: {type(fault).__name__}", permanent=False) from fault

    def _verified(self, request: HttpRequest) -> QueryDict:
        """The form of a request that Twilio signed. The address signed is the one Twilio knows, not what a proxy made of it.

        All fields count for the signature, also those that Twilio adds one day.
        """
        url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
        signature = request.headers.get(SIGNATURE_HEADER, "")
        algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER))
        if not signature or not self.validator.validate(url, request.POST, signature, algorithm=algorithm):
            raise Forged
        return request.POST


def make() -> Twilio:
    """From ``KOMEK_TWILIO_ACCOUNT_SID`` and ``KOMEK_TWILIO_AUTH_TOKEN``; ``KOMEK_TWILIO_BASE_URL`` names another server."""
    sid, token = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
    if not (sid and token and settings.TEXT_SENDER):
        raise ImproperlyConfigured(
            "KOMEK_TEXT_GATEWAY is twilio: set KOMEK_TWILIO_ACCOUNT_SID, KOMEK_TWILIO_AUTH_TOKEN and KOMEK_TEXT_SENDER."
        )
    return _made(sid, token, settings.TWILIO_BASE_URL)


@lru_cache(maxsize=4)
def _made(sid: str, token: str, base_url: str) -> Twilio:
    """Kept: every text that comes in asks for it."""
    client = Client(sid, token, http_client=TwilioHttpClient(timeout=TIMEOUT_S))
    if base_url:
        client.api.base_url = base_url
    return Twilio(client, token)
