"""Settings that name roles must name ones that exist, told at start-up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from komek.accounts.roles import Role


def roles_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``komek.accounts.E001``: a typing error here would leave a role without its second factor."""
    unknown = sorted(set(settings.REQUIRE_MFA_ROLES) - set(Role.values))
    if not unknown:
        return []
    sentence = f"KOMEK_REQUIRE_MFA_ROLES names {', '.join(unknown)}; known are {', '.join(Role.values)}."
    return [Error(sentence, id="komek.accounts.E001")]
