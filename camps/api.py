"""API resources of the registry of camps. Each part registers its own."""

from importlib import import_module
from importlib.util import find_spec

from komek.api.router import ApiRouter

PARTS = ("camps.api_sites", "camps.api_people", "camps.api_standards", "camps.api_health", "camps.api_hospitals")


def register(router: ApiRouter) -> None:
    for part in PARTS:
        if find_spec(part):
            import_module(part).register(router)
