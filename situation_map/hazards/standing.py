"""Which alerts of a list are in force at a moment: updates, cancellations and expiry resolved. Pure.

Only the sender itself takes back its word: an Update or Cancel of another sender changes nothing, nor does one of another status (the
Cancel of an exercise leaves the real alert standing), nor one sent before what it names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from situation_map.hazards.alerts import Alert, Info, Key

# CAP leaves it to the receiver how long an alert without ``expires`` stands (section 3.2.2).
LASTS = timedelta(hours=24)


@dataclass(slots=True)
class Standing:
    """in_force: newest first. upcoming: not yet effective. replaced, cancelled: which message did it.

    idle: Updates and Cancels that named an alert they may not touch, and whose.
    """

    in_force: list[Alert] = field(default_factory=list)
    upcoming: list[Alert] = field(default_factory=list)
    expired: list[Alert] = field(default_factory=list)
    replaced: dict[Key, Key] = field(default_factory=dict)
    cancelled: dict[Key, Key] = field(default_factory=dict)
    idle: list[tuple[Key, Key]] = field(default_factory=list)

    @property
    def alarming(self) -> list[Alert]:
        """In force, and may raise an alarm."""
        return [alert for alert in self.in_force if alert.raises_alarm]


def current(alerts: Iterable[Alert], now: datetime, *, lasts: timedelta = LASTS) -> Standing:
    """Where each alert stands at ``now`` (aware). What was sent twice counts once; the order of the list does not matter."""
    # Of two with one key the one that ends counts, in whatever order they came.
    known = {alert.key: alert for alert in sorted(alerts, key=lambda alert: (alert.sent, alert.kind == "Cancel"))}
    by_number: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for alert in known.values():
        by_number[alert.sender, alert.identifier].append(alert)
    standing = Standing()
    for alert in known.values():
        if alert.kind in ("Update", "Cancel"):
            _take_back(alert, known, by_number, standing)
    for versions in by_number.values():
        for earlier, later in zip(versions, versions[1:], strict=False):
            if later.replaces_own:
                standing.replaced.setdefault(earlier.key, later.key)
    for alert in sorted(known.values(), key=lambda alert: alert.sent, reverse=True):
        if alert.kind not in ("Alert", "Update") or alert.key in standing.replaced or alert.key in standing.cancelled:
            continue
        if has_expired(alert, now, lasts=lasts):
            standing.expired.append(alert)
        elif begins(alert) > now:
            standing.upcoming.append(alert)
        else:
            standing.in_force.append(alert)
    return standing


def _take_back(
    alert: Alert, known: dict[Key, Alert], by_number: dict[tuple[str, str], list[Alert]], standing: Standing
) -> None:
    taken = standing.cancelled if alert.kind == "Cancel" else standing.replaced
    for reference in alert.references:
        # The moment in a reference is often written anew and wrong; sender and identifier tell it.
        exact = known.get(reference)
        for named in [exact] if exact else by_number.get((reference.sender, reference.identifier), []):
            if named.key == alert.key:
                continue
            if named.sender == alert.sender and named.status == alert.status and named.sent <= alert.sent:
                taken.setdefault(named.key, alert.key)
            else:
                standing.idle.append((alert.key, named.key))


def begins(alert: Alert) -> datetime:
    """When it takes effect: the earliest of its parts, or when it was sent."""
    return min((info.effective or alert.sent for info in alert.infos), default=alert.sent)


def expires(alert: Alert, *, lasts: timedelta = LASTS) -> datetime:
    """When its last part expires; a part that does not say so stands for ``lasts`` from when it takes effect."""
    return max((_end(info, alert.sent, lasts) for info in alert.infos), default=alert.sent + lasts)


def _end(info: Info, sent: datetime, lasts: timedelta) -> datetime:
    return info.expires or max(info.effective or sent, info.onset or sent) + lasts


def has_expired(alert: Alert, now: datetime, *, lasts: timedelta = LASTS) -> bool:
    return expires(alert, lasts=lasts) <= now
