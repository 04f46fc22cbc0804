"""Texts through Twilio, by its own SDK.

Which errors are worth another try follows https://www.twilio.com/docs/api/errors: the message itself refused (400, 404) is final;
a wrong password, no credit, too many at once and trouble at Twilio's end pass, or are put right by a person.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from komek.messaging.gateways import GatewayFault, Sent

TIMEOUT_S = 15
MESSAGING_SERVICE = "MG"
"""A sender that begins so is a messaging service, which picks the number itself."""

ABOUT_OUR_ACCOUNT = frozenset({20003, 20005, 20403, 20429, 21606, 21611, 30001, 30002})
"""Codes that say nothing against the receiver: authentication, a suspended account, our sender, a full queue."""


class Twilio:
    key = "twilio"

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, *, to: str, body: str, sender: str) -> Sent:
        origin = {"messaging_service_sid": sender} if sender.startswith(MESSAGING_SERVICE) else {"from_": sender}
        try:
            message = self.client.messages.create(to=to, body=body, **origin)
        except TwilioRestException as fault:
            permanent = fault.status in (400, 404) and fault.code not in ABOUT_OUR_ACCOUNT
            raise GatewayFault(f"Twilio {fault.code or fault.status}: {fault.msg}", permanent=permanent) from fault
        except (RequestException, TwilioException, ValueError) as fault:
            # No connection, or an answer that is not Twilio's: something between us, which passes.
            raise GatewayFault(f"Twilio: {type(fault).__name__}", permanent=False) from fault
        return Sent(provider_id=message.sid or "")


def make() -> Twilio:
    """From ``KOMEK_TWILIO_ACCOUNT_SID`` and ``KOMEK_TWILIO_AUTH_TOKEN``; ``KOMEK_TWILIO_BASE_URL`` names another server."""
    sid, token = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
    if not (sid and token and settings.TEXT_SENDER):
        raise ImproperlyConfigured(
            "KOMEK_TEXT_GATEWAY is twilio: set KOMEK_TWILIO_ACCOUNT_SID, KOMEK_TWILIO_AUTH_TOKEN and KOMEK_TEXT_SENDER."
        )
    client = Client(sid, token, http_client=TwilioHttpClient(timeout=TIMEOUT_S))
    if settings.TWILIO_BASE_URL:
        client.api.base_url = settings.TWILIO_BASE_URL
    return Twilio(client)
