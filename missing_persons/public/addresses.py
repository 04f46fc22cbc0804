"""Addresses of the public pages: each names its language, so that it can be passed on; and a person by a seal, never by code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

LANGUAGE = "lang"
SALT = "missing_persons.public"
SEAL_LENGTH = 22
"""Of a digest in hexadecimal: 88 bits, as many as nobody guesses."""


def page_at(route: str, *arguments: Any, **query: Any) -> str:
    """A public page's address in the language of the moment."""
    words = {key: value for key, value in query.items() if value not in ("", None)}
    return (
        f"{reverse(f'missing_persons:{route}', args=arguments)}?{urlencode({**words, LANGUAGE: get_language() or ''})}"
    )


def asked_language(http: HttpRequest) -> str:
    """The language that the address or the form names; else the one Django has found."""
    for given in (http.POST.get("in_language"), http.POST.get(LANGUAGE), http.GET.get(LANGUAGE)):
        if given in dict(settings.LANGUAGES):
            return str(given)
    return get_language() or settings.LANGUAGE_CODE


def same_page(http: HttpRequest, language: str) -> str:
    """This page in another language. What was answered to a question is left out: it is good only once."""
    query = QueryDict(mutable=True)
    for name, values in http.GET.lists():
        if name not in (LANGUAGE, "sum", "sum_seal"):
            query.setlist(name, values)
    query[LANGUAGE] = language
    return f"{http.path}?{query.urlencode()}"


def sealed(kind: str, pk: int) -> str:
    """What stands in an address for a record: its number and a digest only we can make. The same each time, so it can be passed on.

    Codes and numbers follow each other; who counted through them would have the list that nobody may have.
    """
    return f"{pk:x}-{_digest(kind, pk)}"


def unsealed(kind: str, seal: str) -> int:
    """The record's number. Raises Http404 for what we did not make, whether there is such a record or not."""
    number, _dash, given = seal.partition("-")
    try:
        pk = int(number, 16) if len(number) <= 12 else -1
    except ValueError:
        pk = -1
    if not constant_time_compare(_digest(kind, pk), given) or pk < 0:
        raise Http404(_("Nothing is here. The address may be old or not whole; search again."))
    return pk


def _digest(kind: str, pk: int) -> str:
    return salted_hmac(f"{SALT}.{kind}", str(pk), algorithm="sha256").hexdigest()[:SEAL_LENGTH]
