"""Texts whose delivery to us was missed, fetched from providers that keep a list; and gateways that have fallen silent."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from komek.messaging.gateways import GatewayFault, Lists, gateways
from komek.messaging.inbound.receiving import receive

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=1)
"""How far back each look goes: longer than most power cuts, and what is here already is passed over."""


def recover_missed() -> int:
    """Ask each gateway that keeps a list for what it has, and store what is not here. Returns how many were missed."""
    missed = 0
    since = timezone.now() - LOOKED_BACK
    try:
        known = gateways()
    except ImproperlyConfigured:
        return 0
    for gateway in known:
        if not isinstance(gateway, Lists):
            continue
        try:
            missed += sum(receive(gateway=gateway.key, message=message) for message in gateway.held(since))
        except GatewayFault as fault:
            log.warning("gateway %s could not be asked what it holds: %s", gateway.key, fault)
    return missed
