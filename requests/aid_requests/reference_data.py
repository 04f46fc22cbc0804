"""Plug for ``reference_data``: how long each step of a request may take, to begin with. Installations change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aid_requests.models import Priority, RequestState, StepDeadline

S, P = RequestState, Priority

HOURS: Mapping[str, Mapping[str, int]] = {
    S.SUBMITTED: {P.LIFE: 1, P.HIGH: 6, P.NORMAL: 24, P.LOW: 72},
    S.VERIFIED: {P.LIFE: 1, P.HIGH: 6, P.NORMAL: 24, P.LOW: 72},
    S.FORWARDED: {P.LIFE: 1, P.HIGH: 6, P.NORMAL: 24, P.LOW: 72},
    S.ACCEPTED: {P.LIFE: 6, P.HIGH: 24, P.NORMAL: 72, P.LOW: 240},
    S.PARTLY_MET: {P.LIFE: 12, P.HIGH: 48, P.NORMAL: 120, P.LOW: 336},
    S.MET: {P.LIFE: 48, P.HIGH: 72, P.NORMAL: 120, P.LOW: 240},
}
"""Hours by state and priority. Our own first guess to work with, no standard: the page of deadlines changes them."""


class Deadlines:
    key = "requests.deadlines"
    order = 60

    def load(self, report: Callable[[str], None]) -> None:
        """Add what is missing; what an installation changed stays."""
        known = set(StepDeadline.objects.values_list("state", "priority"))
        rows = [
            StepDeadline(state=state, priority=priority, hours=hours)
            for state, by_priority in HOURS.items()
            for priority, hours in by_priority.items()
            if (state, priority) not in known
        ]
        StepDeadline.objects.bulk_create(rows)
        if rows:
            report(f"Deadlines of requests: {len(rows)} added")


PLUGS = [Deadlines()]
