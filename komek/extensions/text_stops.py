"""Socket ``text_stops``: somebody wrote STOP, or their carrier says so; rooms end what they send to the number by themselves."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@runtime_checkable
class TextStopsPlug(Protocol):
    key: str

    def stopped(self, *, by: Any, number: str) -> None:
        """End it, in the caller's transaction. number: E.164. Told twice changes nothing. by: an Actor; no account is known."""
        ...


text_stops: Socket[TextStopsPlug] = Socket("text_stops", TextStopsPlug)


def tell_of_stop(*, by: Any, number: str) -> None:
    """Tell every room."""
    for plug in text_stops:
        plug.stopped(by=by, number=number)
