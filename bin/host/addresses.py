"""Where Komek is reached, and where its database is, from the variables of whoever starts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from bin.host.faults import Fault

DATABASE_SCHEMES = ("postgis", "postgres", "postgresql")


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        return os.environ.get("KOMEK_PUBLIC_URL", "").rstrip("/") or f"http://localhost:{self.port}"

    @property
    def probe(self) -> tuple[str, int]:
        """Where this machine itself reaches the server."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host), self.port  # noqa: S104 - compared, not bound


def web_address() -> Address:
    text = os.environ.get("PORT", "").strip() or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Fault(f"PORT must be a number from 1 to 65535, and it is “{text}”.")
    return Address(os.environ.get("KOMEK_HOST", "").strip() or "127.0.0.1", int(text))


def other_database() -> str | None:
    """DATABASE_URL, if the database is another server's; its form is checked here, the server itself later."""
    url = os.environ.get("DATABASE_URL", "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        is_whole = (
            parts.scheme in DATABASE_SCHEMES and parts.path.strip("/") != "" and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        is_whole = False
    if not is_whole:
        raise Fault(
            "DATABASE_URL is not the address of a PostgreSQL database. It looks like postgis://user:password@server:5432/name."
        )
    return url
