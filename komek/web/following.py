"""Following something by its public code, without an account; with the key that its owner was given, more of it."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from komek.records.codes import MistypedCode, parse_code


def ask_for_code(http: HttpRequest, *, letter: str, route: str, template: str) -> HttpResponse:
    """Where somebody types the code they were given; a sentence when it is mistyped, else on to ``route`` with the code."""
    typed = http.GET.get("code", "").strip()
    fault = ""
    if typed:
        try:
            return HttpResponseRedirect(reverse(route, args=[parse_code(typed, letter)]))
        except MistypedCode as mistake:
            fault = str(mistake)
    return render(http, template, {"typed": typed, "fault": fault}, status=422 if fault else 200)


def is_key(given: str, kept: str) -> bool:
    """Whether this is the owner's key, in the same time whatever was given."""
    return bool(given) and secrets.compare_digest(given.encode(), kept.encode())
