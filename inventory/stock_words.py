"""How lots, batches and what may be done with them are said and shown."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from inventory.choosing import WHY
from inventory.expiring import DAYS
from inventory.models import Balance, ZoneKind
from inventory.picking import Lot, Why, why_not


def lot_of(row: Balance) -> Lot:
    """A balance, read with its batch, pack, bin and zone, as picking takes it."""
    return Lot(
        batch=row.batch_id, bin=row.bin_id, quantity=row.quantity, expires_on=row.batch.expires_on,
        expiry_is_unknown=row.batch.expiry_is_unknown, is_blocked=row.batch.is_blocked, condition=row.condition,
        is_quarantine_zone=row.bin is not None and row.bin.zone.kind == ZoneKind.QUARANTINE,
        pack=row.batch.pack.quantity if row.batch.pack else None, order=row.bin.pick_order if row.bin else 0,
    )  # fmt: skip


def why_apart(row: Balance) -> Why | None:
    """Why what lies here cannot be given out today; ``None`` when it can."""
    return why_not(lot_of(row), timezone.localdate())


def apart_badge(row: Balance) -> SafeString | str:
    """The reason as a badge; empty for what can be given out."""
    why = why_apart(row)
    if why is None:
        return ""
    shade = "badge-danger" if why in (Why.EXPIRED, Why.DAMAGED) else "badge-warn"
    return format_html('<span class="badge {}">{}</span>', shade, WHY[why])


def expiry_words(batch: Any) -> str:
    """``15.03.2027``, ``not known``, or ``does not expire``."""
    if batch.expires_on is not None:
        return formats.date_format(batch.expires_on, "SHORT_DATE_FORMAT")
    return _("not known") if batch.expiry_is_unknown else _("does not expire")


def expiry_badge(expires_on: date | None) -> SafeString | str:
    """The day, marked when it has passed or comes soon; empty when there is none."""
    if expires_on is None:
        return ""
    day = formats.date_format(expires_on, "SHORT_DATE_FORMAT")
    days = (expires_on - timezone.localdate()).days
    if days < 0:
        return format_html('<span class="badge badge-danger">{} {}</span>', day, _("expired"))
    if days <= DAYS:
        words = _("today") if days == 0 else _("in %(days)d d") % {"days": days}
        return format_html('<span class="badge badge-warn">{} {}</span>', day, words)
    return day
