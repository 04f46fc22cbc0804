"""What the making of a PDF may read: our own static files, and nothing else. Needs the Pango library to be imported."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from weasyprint.urls import URLFetcher, URLFetcherResponse

# A name that cannot exist (RFC 2606), so that addresses in the page lead to this fetcher and nowhere else.
OWN = "https://komek.invalid/"


class RefusedAddress(ValueError):
    """The page asked for something that is not a static file of ours. WeasyPrint leaves it out and goes on."""


class OwnFiles(URLFetcher):
    """Reads static files from disk; every other address is refused, so that a name someone typed fetches nothing."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        wanted, own = urlsplit(url), urlsplit(OWN)
        prefix = urlsplit(settings.STATIC_URL).path
        if (wanted.scheme, wanted.netloc) != (own.scheme, own.netloc) or not wanted.path.startswith(prefix):
            raise RefusedAddress(url)
        file = static_file(unquote(wanted.path.removeprefix(prefix)))
        kind = guess_type(file.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, body=file.read_bytes(), headers={"Content-Type": kind})


def static_file(name: str) -> Path:
    """Where a static file is on disk: collected, or in its app. Raises RefusedAddress when there is none."""
    if not name or "\0" in name or ".." in Path(name).parts or Path(name).is_absolute():
        raise RefusedAddress(name)
    collected = Path(settings.STATIC_ROOT or "/nowhere") / name
    if collected.is_file():
        return collected
    found = finders.find(name)
    if not found:
        raise RefusedAddress(name)
    return Path(found)
