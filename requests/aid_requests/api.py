"""API resources of the registry of requests. Each part registers its own."""

from importlib import import_module
from importlib.util import find_spec

from komek.api.router import ApiRouter

PARTS = ("aid_requests.api_requests", "aid_requests.api_commitments", "aid_requests.api_appeals")


def register(router: ApiRouter) -> None:
    for part in PARTS:
        if find_spec(part):
            import_module(part).register(router)
