"""Alerts about warehouses: a cold chain that broke or that nobody watches, and ledgers that have fallen silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.cold_chain import Breach, Unread, watch
from inventory.models import Warehouse
from inventory.seeing import warehouses_kept
from inventory.silence import silent
from komek.accounts.authority import standing_of
from komek.extensions import Viewer
from komek.extensions.alerts import Alert


class StoreAlerts:
    """For the people who keep a warehouse, and for coordinators of everything."""

    key = "inventory.stores"
    title = gettext_lazy("Warehouses")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        kept = warehouses_kept(standing)
        breaches, unread = watch(kept)
        found = [_breach(one) for one in breaches] + [_unread(one) for one in unread]
        found += [_silent(house) for house in silent(kept, timezone.now())[:limit]]
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _clock(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _breach(one: Breach) -> Alert:
    place = one.zone or one.warehouse
    words = {"place": place, "warehouse": one.warehouse, "celsius": one.newest.celsius}
    if one.is_over:
        title = _("%(place)s in %(warehouse)s was too warm or too cold") % words
    else:
        title = _("%(place)s in %(warehouse)s is at %(celsius)s °C") % words
    detail = _("Kept at %(range)s; %(worst)s °C at %(when)s. Batches in it: %(goods)d.") % {
        "range": one.range, "worst": one.worst.celsius, "when": _clock(one.worst.occurred_at), "goods": one.goods,
    }  # fmt: skip
    return Alert(
        f"inventory.cold.{one.warehouse.code}.{one.zone.pk if one.zone else 'all'}",
        title,
        detail,
        one.warehouse.get_absolute_url(),
        gettext_lazy("See whether the goods can still be used") if one.is_over else gettext_lazy("Cool it, or move the goods"),
        (62 if one.is_over else 88) - (0 if one.goods else 30),
        one.began_at,
    )  # fmt: skip


def _unread(one: Unread) -> Alert:
    place = one.zone or one.warehouse
    return Alert(
        f"inventory.unread.{one.warehouse.code}.{one.zone.pk if one.zone else 'all'}",
        _("Nobody reads the thermometer of %(place)s in %(warehouse)s") % {"place": place, "warehouse": one.warehouse},
        _("Last read: %(when)s. Batches in it: %(goods)d.")
        % {"when": _clock(one.last_at) if one.last_at else _("never"), "goods": one.goods},
        one.warehouse.get_absolute_url(),
        gettext_lazy("Read it and enter it"),
        52,
        one.last_at,
    )


def _silent(house: Warehouse) -> Alert:
    return Alert(
        f"inventory.silent.{house.code}",
        _("The ledger of %(warehouse)s is silent") % {"warehouse": house},
        _("No movement was entered since %(when)s.") % {"when": _clock(house.last_entry_at)},  # type: ignore[attr-defined]
        house.get_absolute_url(),
        gettext_lazy("Call the keeper"),
        42,
        house.last_entry_at,  # type: ignore[attr-defined]
    )


PLUGS = [StoreAlerts()]
