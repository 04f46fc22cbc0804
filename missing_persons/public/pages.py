"""What every public page has: its language, the numbers to call, and answers that no cache and no search engine keeps."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache

from komek.records.actor import Actor, Channel
from missing_persons.public.addresses import asked_language
from missing_persons.public.emergency import numbers_for
from missing_persons.public.limits import mark_device

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Answers in the language the address names; kept by no cache, listed by no search engine."""

    @wraps(view)
    @never_cache
    def shown(http: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        language = asked_language(http)
        with translation.override(language):
            http.LANGUAGE_CODE = language
            response = view(http, *arguments, **named)
        response["Content-Language"] = language
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive, noimageindex"
        return mark_device(http, response)

    return shown


def show(http: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A public page with what all of them show."""
    operation = operation_of(http)
    whole = {
        "numbers": numbers_for(operation),
        "is_exercise": bool(operation and operation.is_exercise),
        "languages": settings.LANGUAGES,
        **(context or {}),
    }
    return render(http, f"missing_persons/public/{template}", whole, status=status)


def operation_of(http: HttpRequest) -> Any:
    """The operation the page stands for, or ``None``: the standing register."""
    return http.operation or None  # type: ignore[attr-defined]


def public_actor(name: str = "") -> Actor:
    """Who acts here: nobody we know. Never by name: it would stand in the history that everybody with an account reads."""
    return Actor(user=None, channel=Channel.BROWSER, name=name or translation.gettext("public page"))
