"""API resources of the organisation registry. Each part registers its own."""

from importlib import import_module
from importlib.util import find_spec

from komek.api.router import ApiRouter

PARTS = ("orgs.api_organisations", "orgs.api_activities")


def register(router: ApiRouter) -> None:
    for part in PARTS:
        if find_spec(part):
            import_module(part).register(router)
