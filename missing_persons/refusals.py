"""What the registry of missing persons refuses, in sentences, the same at every door."""

from __future__ import annotations

from orgs.refusals import Refused

__all__ = ["Refused"]
