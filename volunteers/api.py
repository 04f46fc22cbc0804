"""API resources of the registry of pledges and volunteers."""

from __future__ import annotations

from komek.api.router import ApiRouter
from volunteers import api_people, api_pledges


def register(router: ApiRouter) -> None:
    api_pledges.register(router)
    api_people.register(router)
