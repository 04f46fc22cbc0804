"""Whether texts can be sent as the settings say, told at start-up and not when the first code is asked for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from komek.messaging.gateways import gateway


def gateway_works_as_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``komek.messaging.E001``: cannot work. ``E002``: codes would be printed by a system in use."""
    try:
        chosen = gateway()
    except ImproperlyConfigured as fault:
        return [Error(str(fault), id="komek.messaging.E001")]
    if chosen is not None and chosen.key == "console" and not settings.DEBUG:
        return [
            Error(
                "KOMEK_TEXT_GATEWAY is console: sign-in codes would be printed.",
                hint="Choose another gateway, or set KOMEK_DEBUG on a machine for development only.",
                id="komek.messaging.E002",
            )
        ]
    return []
