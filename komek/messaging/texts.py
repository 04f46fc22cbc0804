"""Plug for ``texts``: the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from komek.messaging.gateways import is_gateway_set
from komek.messaging.outbox import queue_text


class OutboxTexts:
    key = "outbox"

    def can_send(self) -> bool:
        return is_gateway_set()

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
        queue_text(
            by=by,
            to=to,
            body=body,
            purpose=purpose,
            is_secret=is_secret,
            expires_after=expires_after,
            dedupe_key=dedupe_key,
        )


PLUGS = [OutboxTexts()]
