"""The short way for what providers bring. Nobody is signed in there, nobody reads a page: neither session nor language nor
operation is looked up, so that a flood of texts is stored with little processor time."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

PROVIDERS = ("/messaging/in/", "/messaging/receipts/")


class ProviderMiddleware:
    """Calls the view of a provider's address at once. What is no ``POST``, or no such address, goes the way of every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path_info.startswith(PROVIDERS):
            try:
                found = resolve(request.path_info)
            except Resolver404:
                return self.get_response(request)
            request.resolver_match = found
            response: HttpResponse = found.func(request, *found.args, **found.kwargs)
            return response
        return self.get_response(request)
