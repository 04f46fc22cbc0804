"""Texts by way of e-mail, for operators that turn a mail to ``number@their.domain`` into an SMS."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage

from komek.messaging.gateways import GatewayFault, Sent


class Email:
    key = "email"

    def __init__(self, address: str) -> None:
        self.address = address

    def send(self, *, to: str, body: str, sender: str, text: int = 0, valid_for: timedelta | None = None) -> Sent:
        mail = EmailMessage(subject="", body=body, to=[self.address.format(number=to.lstrip("+"))])
        try:
            mail.send()
        except SMTPRecipientsRefused as fault:
            raise GatewayFault("the mail server does not take this number", permanent=True) from fault
        except (SMTPException, OSError) as fault:
            raise GatewayFault(f"mail: {type(fault).__name__}", permanent=False) from fault
        return Sent(provider_id="")


def make() -> Email:
    """From ``KOMEK_EMAIL_GATEWAY``, an address with ``{number}`` in it, such as ``{number}@sms.example.net``."""
    address: str = settings.EMAIL_GATEWAY
    if "{number}" not in address or "@" not in address:
        raise ImproperlyConfigured(
            "KOMEK_TEXT_GATEWAY is email: set KOMEK_EMAIL_GATEWAY to an address with {number} in it."
        )
    return Email(address)
