"""What else must happen when a need ends, or when a request moves on: parts of this registry hang themselves in here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from aid_requests.models import AidRequest, RequestLine


def goods_first(*, request: AidRequest, line: RequestLine | None = None) -> None:
    """To end a request, or one line: lock it after what is held for it, for who sends these goods locks them before the request."""
    if find_spec("aid_requests.committing"):
        import_module("aid_requests.committing").lock_with_goods(request, line)


def line_ended(*, by: Any, line: RequestLine, reason: str) -> None:
    """Nothing more is needed of a line: promises go back, and all who promised are told. In the caller's transaction."""
    if find_spec("aid_requests.committing"):
        import_module("aid_requests.committing").release_all(by=by, lines=[line], reason=reason)


def line_met(*, line: int) -> None:
    """All that a line (its key) asks for came: what is promised beyond that goes back. After the transaction in which it came."""
    if find_spec("aid_requests.committing"):
        import_module("aid_requests.committing").release_surplus(lines=[line])


def request_ended(*, by: Any, request: AidRequest, reason: str) -> None:
    """Nothing more is needed of a request: as ``line_ended`` for each of its lines."""
    if find_spec("aid_requests.committing"):
        import_module("aid_requests.committing").release_all(by=by, lines=list(request.lines.all()), reason=reason)
