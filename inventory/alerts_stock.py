"""Alerts about goods: below the minimum, running out, about to expire (with what could be done), expired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.expiring import DAYS, Expiring, Short, expired, expiring, find_uses
from inventory.models import Batch
from inventory.quantities import in_words
from inventory.seeing import warehouses_kept, warehouses_seen
from inventory.shortages import Shortage, shortages
from komek.accounts.authority import standing_of
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from komek.extensions.demands import Demand
from komek.supplies.models import Item


class StockAlerts:
    """For the people who keep a warehouse, and for coordinators of everything."""

    key = "inventory.stock"
    title = gettext_lazy("Stock")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        kept = warehouses_kept(standing)
        found: list[tuple[int, Alert | Expiring]] = []
        found += [(alert.urgency, alert) for row in shortages(kept) if (alert := _short(row))]
        ahead = [row for row in expiring(kept, days=DAYS) if not row.is_used_in_time][:limit]
        found += [(_urgency_of(row), row) for row in ahead]
        found += [(alert.urgency, alert) for alert in map(_expired, expired(kept)[:limit])]
        first = [one for _urgency, one in sorted(found, key=lambda one: -one[0])[:limit]]
        # Who could use it is looked for from each warehouse: only for what is told of.
        find_uses([one for one in first if isinstance(one, Expiring)], warehouses_seen(standing), viewer)
        return [_expiring(one) if isinstance(one, Expiring) else one for one in first]


def _short(row: Shortage) -> Alert | None:
    if not row.is_below and not row.runs_out_soon and (row.usable > 0 or row.use is None):
        return None
    words = {"item": row.item, "warehouse": row.warehouse}
    if row.usable <= 0:
        title, urgency = _("%(item)s is out of stock in %(warehouse)s") % words, 80
    elif row.is_below:
        title, urgency = _("%(item)s is below its minimum in %(warehouse)s") % words, 60
    else:
        title, urgency = _("%(item)s runs out soon in %(warehouse)s") % words, 55
    if row.usable > 0 and row.runs_out_soon:
        urgency = max(urgency, 74 - (row.forecast.days or 0))
    address = reverse("inventory:report_levels")
    return Alert(
        f"inventory.short.{row.warehouse.code}.{row.item.code}",
        title,
        shortage_in_words(row),
        f"{address}?warehouse={row.warehouse.pk}&item={row.item.pk}",
        gettext_lazy("Order more, or move some from elsewhere"),
        urgency,
        None,
    )


def shortage_in_words(row: Shortage) -> str:
    """What there is, what should be, when it runs out, and what is on its way."""
    usable = in_words(row.item, row.usable)
    if row.level is not None:
        least = in_words(row.item, row.level.minimum)
        parts = [_("%(usable)s usable; never below %(least)s.") % {"usable": usable, "least": least}]
    else:
        parts = [_("%(usable)s usable.") % {"usable": usable}]
    if row.expired:
        parts.append(_("%(expired)s more has expired.") % {"expired": in_words(row.item, row.expired)})
    if row.use is not None and row.usable > 0 and row.forecast.runs_out_on is not None:
        parts.append(
            ngettext(
                "At the pace of the last %(days)d day it lasts until %(day)s.",
                "At the pace of the last %(days)d days it lasts until %(day)s.",
                row.use.days,
            )
            % {"days": row.use.days, "day": formats.date_format(row.forecast.runs_out_on, "SHORT_DATE_FORMAT")}
        )
    if row.coming:
        parts.append(_("On its way: %(coming)s.") % {"coming": in_words(row.item, row.coming)})
    return " ".join(parts)


def _urgency_of(row: Expiring) -> int:
    return 72 if row.days <= 3 else 66 if row.days <= 7 else 58 if row.days <= 14 else 48


def _expiring(row: Expiring) -> Alert:
    today = row.days == 0
    return Alert(
        f"inventory.expiring.{row.warehouse.code}.{row.batch.code}",
        _("%(batch)s in %(warehouse)s expires today") % {"batch": row.batch, "warehouse": row.warehouse}
        if today
        else ngettext(
            "%(batch)s in %(warehouse)s expires in %(n)d day", "%(batch)s in %(warehouse)s expires in %(n)d days", row.days
        )
        % {"batch": row.batch, "warehouse": row.warehouse, "n": row.days},
        " ".join([_in_danger(row), *uses_in_words(row)]),
        row.demands[0].url if row.demands else row.batch.get_absolute_url(),
        gettext_lazy("Send it to who asks for it") if row.demands else gettext_lazy("Use it or move it first"),
        _urgency_of(row),
        None,
    )  # fmt: skip


def _in_danger(row: Expiring) -> str:
    item = row.batch.item
    if row.left_over is None:
        return _("%(quantity)s, and none was used lately.") % {"quantity": in_words(item, row.quantity)}
    return _("%(quantity)s; at the present pace %(left)s will be left over.") % {
        "quantity": in_words(item, row.quantity),
        "left": in_words(item, row.left_over.quantize(Decimal(1)) or row.left_over),
    }


def uses_in_words(row: Expiring) -> list[str]:
    """What could be done with it, a sentence each: who asks for it, which warehouses are short of it."""
    asked = [_demand_in_words(demand, row.batch.item) for demand in row.demands]
    return asked + [_short_in_words(short, row.batch.item) for short in row.shorts]


def _demand_in_words(demand: Demand, item: Item) -> str:
    words = {"title": demand.title, "quantity": in_words(item, demand.quantity), "far": far(demand.distance_m)}
    if words["far"]:
        return _("Asked for: %(title)s, %(quantity)s, %(far)s away.") % words
    return _("Asked for: %(title)s, %(quantity)s.") % words


def _short_in_words(short: Short, item: Item) -> str:
    words = {"warehouse": short.warehouse, "quantity": in_words(item, short.missing), "far": far(short.distance_m)}
    if words["far"]:
        return _("%(warehouse)s, %(far)s away, is %(quantity)s short of it.") % words
    return _("%(warehouse)s is %(quantity)s short of it.") % words


def far(metres: float | None) -> str:
    """A distance in kilometres; empty when not known."""
    if metres is None:
        return ""
    return _("%(km)s km") % {"km": formats.number_format(round(metres / 1000) or 1)}


def _expired(row: Expiring) -> Alert:
    batch: Batch = row.batch
    since = None
    if batch.expires_on is not None:
        since = timezone.make_aware(datetime.combine(batch.expires_on, time.max))
    return Alert(
        f"inventory.expired.{row.warehouse.code}.{batch.code}",
        _("%(batch)s in %(warehouse)s has expired") % {"batch": batch, "warehouse": row.warehouse},
        _("%(quantity)s lie on the shelf and must not be given out.")
        % {"quantity": in_words(batch.item, row.quantity)},
        batch.get_absolute_url(),
        gettext_lazy("Set it apart and write it off"),
        50,
        since,
    )


PLUGS = [StockAlerts()]
