"""Requests that may be one: same place, same things, close in time. Both are shown to a coordinator, who decides."""

from __future__ import annotations

from aid_requests.models import AidRequest, DuplicatePair


def find_for(request: AidRequest) -> list[DuplicatePair]:
    """Compare a request with those near it and keep the pairs that may be one."""
    return []
