"""API resources of the registry of pledges."""

from __future__ import annotations

from komek.api.router import ApiRouter
from volunteers import api_pledges


def register(router: ApiRouter) -> None:
    api_pledges.register(router)
