"""Socket ``texts``: who can send a text message (SMS). Rooms below messaging ask here and need not know any gateway."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@runtime_checkable
class TextsPlug(Protocol):
    key: str

    def can_send(self) -> bool:
        """Whether texts leave this installation at all: a gateway is set."""
        ...

    def send(
        self,
        *,
        by: Any,
        to: str,
        body: str,
        purpose: str,
        is_secret: bool,
        expires_after: timedelta | None,
        dedupe_key: str,
    ) -> None:
        """Queue one text; it leaves after the transaction is committed.

        to: E.164, such as ``+99365123456``. purpose: one of ``komek.messaging.models.Purpose``.
        is_secret: the body is a one-time code, forgotten as soon as it was sent or is too old.
        expires_after: not sent any more after this time. dedupe_key: queued once per key; empty means always.
        """
        ...


texts: Socket[TextsPlug] = Socket("texts", TextsPlug)


def can_send_texts() -> bool:
    """Whether any plug can send texts now."""
    return any(plug.can_send() for plug in texts)


def send_text(
    *,
    by: Any,
    to: str,
    body: str,
    purpose: str,
    is_secret: bool = False,
    expires_after: timedelta | None = None,
    dedupe_key: str = "",
) -> bool:
    """Hand a text to the first plug that can send; false, and nothing done, when none can."""
    for plug in texts:
        if plug.can_send():
            plug.send(
                by=by,
                to=to,
                body=body,
                purpose=purpose,
                is_secret=is_secret,
                expires_after=expires_after,
                dedupe_key=dedupe_key,
            )
            return True
    return False
