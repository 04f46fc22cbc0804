"""Whether texts can be sent as the settings say, told at start-up and not when the first code is asked for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from komek.messaging.gateways import gateways
from komek.messaging.grammar.vocabulary import AliasClash
from komek.messaging.pacing import quiet_hours


def gateway_works_as_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``komek.messaging.E001``: cannot work. ``E002``: codes would be printed by a system in use."""
    try:
        chosen = gateways()
        quiet_hours(settings.QUIET_HOURS)
    except ImproperlyConfigured as fault:
        return [Error(str(fault), id="komek.messaging.E001")]
    except ValueError as fault:
        return [Error(f"KOMEK_QUIET_HOURS: {fault}.", id="komek.messaging.E001")]
    unused = set(settings.TEXT_ROUTES.values()) - {one.key for one in chosen}
    if chosen and unused:
        sentence = f"KOMEK_TEXT_ROUTES names {', '.join(sorted(unused))}, which KOMEK_TEXT_GATEWAY does not."
        return [Error(sentence, id="komek.messaging.E001")]
    if any(one.key == "console" for one in chosen) and not settings.DEBUG:
        return [
            Error(
                "KOMEK_TEXT_GATEWAY is console: sign-in codes would be printed.",
                hint="Choose another gateway, or set KOMEK_DEBUG on a machine for development only.",
                id="komek.messaging.E002",
            )
        ]
    return []


def verbs_are_clear(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``komek.messaging.E003``: a word would mean two things, in whatever language and registry."""
    from komek.extensions.sms_commands import sms_commands
    from komek.messaging.verbs import vocabulary_of

    try:
        vocabulary_of(list(sms_commands))
    except AliasClash as fault:
        return [Error(str(fault), hint="Change the aliases of one of the two verbs.", id="komek.messaging.E003")]
    return []
