"""How often the public pages may be used: by device, by network, and about one name.

Kept in the database, so that every process counts together.

Nobody's address is kept: only a digest keyed with a secret of ours and the day, so that digests of different days cannot be
compared, and each count is deleted after two days. Thousands share one address behind a mobile network, so a network that asks
much is asked a question (``missing_persons.public.challenge``) long before it is refused.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core import signing
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from missing_persons.models import UseCount

COOKIE = "komek_device"
COOKIE_LIVES = timedelta(days=1)
SALT = "missing_persons.device"
KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Limit:
    """Uses in this hour and the one before. ``*_free``: without a question; ``*_most``: none beyond. about: different names asked
    for by one device or network; same: uses by anybody about one and the same name.
    """

    device_free: int
    device_most: int
    network_free: int
    network_most: int
    about_free: int = 10**6
    same_free: int = 10**6


LIMITS = {
    "search": Limit(device_free=20, device_most=150, network_free=200, network_most=5_000, about_free=15),
    "report": Limit(device_free=4, device_most=20, network_free=30, network_most=500, same_free=5),
    "follow": Limit(device_free=8, device_most=20, network_free=30, network_most=300),
    "object": Limit(device_free=3, device_most=10, network_free=20, network_most=200, same_free=5),
    "tell": Limit(device_free=3, device_most=10, network_free=20, network_most=200, same_free=5),
    "draft": Limit(device_free=20, device_most=40, network_free=200, network_most=1_000),
}
FREE, ASK, STOP = "free", "ask", "stop"
# Whose uses about one name are counted together: everybody's.
SAME = "everybody"


@dataclass(frozen=True)
class Asker:
    """Who asks, as digests. device is empty for who does not keep our cookie."""

    network: str
    device: str


def digest(kind: str, value: str, moment: datetime | None = None) -> str:
    """128 bits in hexadecimal, keyed with our secret and the day."""
    day = (moment or timezone.now()).date().isoformat()
    return salted_hmac(f"missing_persons.limits.{kind}.{day}", value, algorithm="sha256").hexdigest()[:32]


def asker_of(http: HttpRequest) -> Asker:
    """The network (an IPv4 address, or the first 64 bits of an IPv6 one) and the device of a request."""
    device = _device_in(http)
    return Asker(digest("network", network_of(_address(http))), digest("device", device) if device else "")


def network_of(address: str) -> str:
    """The part of an address that one household or one server farm has for itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:45]
    return str(ip_network(f"{parsed}/{32 if parsed.version == 4 else 64}", strict=False))


def mark_device(http: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give the browser a device of its own for a day: a random number and nothing else."""
    if not _device_in(http):
        value = signing.dumps(secrets.token_hex(8), salt=SALT, compress=False)
        response.set_cookie(
            COOKIE, value, max_age=COOKIE_LIVES, httponly=True, samesite="Lax", secure=http.is_secure(), path="/"
        )
    return response


def count_use(action: str, asker: Asker, about: str = "") -> str:
    """Count one use and say whether it is free, needs an answered question, or is one too many. Two statements.

    about: a digest of what it is about. Refused uses count as well: who goes on stays refused.
    """
    limit, hour = LIMITS[action], _hour()
    keys = [key for key in (asker.device, asker.network) if key]
    _add(action, [*keys, SAME] if about else keys, about, hour)
    counted = _counted(action, asker, about, hour)
    if counted.device > limit.device_most or counted.network > limit.network_most:
        return STOP
    paid = counted.solved + 1
    if counted.solved and counted.device <= limit.device_free * paid and counted.abouts <= limit.about_free * paid:
        return FREE
    is_much = (
        counted.device > limit.device_free
        or counted.network > limit.network_free
        or counted.abouts > limit.about_free
        or counted.same > limit.same_free
    )
    return ASK if is_much else FREE


def count_solved(action: str, asker: Asker) -> None:
    """A question was answered: this device has as many uses free again."""
    if asker.device:
        _add(f"{action}-ok", [asker.device], "", _hour())


def spend(nonce: str) -> bool:
    """Whether something that may be used once is used for the first time."""
    _row, is_new = UseCount.objects.get_or_create(action="spent", key=nonce[:32], about="", hour=_hour())
    return is_new and not UseCount.objects.filter(action="spent", key=nonce[:32], hour__lt=_hour()).exists()


def forget_uses(now: datetime | None = None) -> int:
    """Delete counts older than two days; returns how many."""
    return UseCount.objects.filter(hour__lt=(now or timezone.now()) - KEPT).delete()[0]


@dataclass
class _Counted:
    """Uses by the device, by its network, and about the same name by anybody; answered questions; different names asked for."""

    device: int = 0
    network: int = 0
    same: int = 0
    solved: int = 0
    abouts: int = 0


def _counted(action: str, asker: Asker, about: str, hour: datetime) -> _Counted:
    rows = UseCount.objects.filter(
        Q(key__in=[key for key in (asker.device, asker.network) if key]) | Q(key=SAME, about=about),
        action__in=(action, f"{action}-ok"), hour__gte=hour - timedelta(hours=1),
    )  # fmt: skip
    found, abouts = _Counted(), set()
    for name, key, what, count in rows.values_list("action", "key", "about", "count"):
        if name != action:
            found.solved += count
        elif key == SAME:
            found.same += count
        elif key == asker.device:
            found.device += count
        else:
            found.network += count
        # A network's names count only for who brings no device: a whole town may sit behind one address.
        if what and key == (asker.device or asker.network):
            abouts.add(what)
    found.abouts = len(abouts)
    return found


def _add(action: str, keys: list[str], about: str, hour: datetime) -> None:
    table = connection.ops.quote_name(UseCount._meta.db_table)
    places = ", ".join(["(%s, %s, %s, %s, 1)"] * len(keys))
    values = [value for key in sorted(keys) for value in (action, key, about, hour)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (action, key, about, hour, count) VALUES {places} "  # noqa: S608
            f"ON CONFLICT (action, key, about, hour) DO UPDATE SET count = {table}.count + 1",
            values,
        )


def _hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def _device_in(http: HttpRequest) -> str:
    try:
        return str(signing.loads(http.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_LIVES))
    except signing.BadSignature:
        return ""


def _address(http: HttpRequest) -> str:
    return str(get_adapter().get_client_ip(http) or "")
