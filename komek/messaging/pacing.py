"""When a text may leave: the gateway's pace, and the hours in which people sleep."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from komek.messaging.models import GatewayPace, Lane

AHEAD = {Lane.REPLY: 8.0, Lane.ALERT: 5.0, Lane.TASK: 2.0, Lane.DIGEST: 0.0}
"""Seconds of a gateway's time a lane may take in advance: so answers pass a broadcast that fills the pace."""

WAKING_LANES = (Lane.REPLY, Lane.ALERT)


def slot(gateway: str, lane: int, now: datetime) -> datetime | None:
    """Take the gateway's next slot: ``None`` when this text may leave now, else when to ask again."""
    rate = settings.TEXT_RATES.get(gateway)
    if not rate:
        return None
    GatewayPace.objects.bulk_create([GatewayPace(gateway=gateway, free_at=now)], ignore_conflicts=True)
    ahead = timedelta(seconds=AHEAD[Lane(lane)])
    taken = GatewayPace.objects.filter(gateway=gateway, free_at__lte=now + ahead).update(
        free_at=Greatest(F("free_at"), now) + timedelta(seconds=1 / rate), last_out_at=now
    )
    if taken:
        return None
    free_at: datetime = GatewayPace.objects.values_list("free_at", flat=True).get(gateway=gateway)
    return max(free_at - ahead, now + timedelta(seconds=1))


def end_of_quiet(lane: int, now: datetime) -> datetime | None:
    """When people are awake again; ``None`` when they are, or when the text is worth waking them."""
    hours = quiet_hours(settings.QUIET_HOURS)
    if hours is None or lane in WAKING_LANES:
        return None
    begin, end = hours
    here = timezone.localtime(now)
    is_quiet = begin <= here.hour or here.hour < end if begin > end else begin <= here.hour < end
    if not is_quiet:
        return None
    until = here.replace(hour=end, minute=0, second=0, microsecond=0)
    return until if until > here else until + timedelta(days=1)


def quiet_hours(text: str) -> tuple[int, int] | None:
    """``22-7`` → (22, 7). Raises ValueError for what is not two hours."""
    if not text.strip():
        return None
    begin, _dash, end = text.partition("-")
    hours = int(begin), int(end)
    if not all(0 <= hour <= 23 for hour in hours) or hours[0] == hours[1]:
        raise ValueError(f"{text!r} is not two different hours, such as 22-7")
    return hours
