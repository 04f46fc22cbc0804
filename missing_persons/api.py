"""API resources of the registry of missing persons."""

from __future__ import annotations

from komek.api.router import ApiRouter
from missing_persons import api_pairs, api_persons, api_reports, api_search


def register(router: ApiRouter) -> None:
    api_persons.register(router)
    api_reports.register(router)
    api_pairs.register(router)
    api_search.register(router)
