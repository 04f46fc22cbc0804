"""The pages that one warehouse has, as its tabs show them."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from inventory.models import Movement, Warehouse
from komek.accounts.authority import Action, Standing, may

PAGES = (
    ("overview", "inventory:warehouse", _("Overview")),
    ("stock", "inventory:warehouse_stock", _("Stock")),
    ("movements", "inventory:warehouse_movements", _("Movements")),
    ("zones", "inventory:zones", _("Zones and bins")),
    ("counts", "inventory:warehouse_counts", _("Counts")),
    ("unsolicited", "inventory:warehouse_unsolicited", _("Unsolicited goods")),
    ("levels", "inventory:levels", _("Stock levels")),
    ("temperatures", "inventory:temperatures", _("Temperatures")),
)


def tabs_of(warehouse: Warehouse) -> list[tuple[str, str, Any]]:
    """(key, address, title) of every page of this warehouse."""
    found = []
    for key, url_name, title in PAGES:
        try:
            found.append((key, reverse(url_name, args=[warehouse.code]), title))
        except NoReverseMatch:  # the part is not installed
            continue
    found.append(("history", reverse("history", args=["inventory", "warehouse", warehouse.pk]), _("History")))
    return found


def page_context(warehouse: Warehouse, standing: Standing, tab: str) -> dict[str, Any]:
    """What every page of a warehouse hands to its template."""
    return {
        "warehouse": warehouse,
        "tab": tab,
        "warehouse_tabs": tabs_of(warehouse),
        "may_change": may(standing, Action.CHANGE, warehouse),
        "may_move": may(standing, Action.ADD, Movement(warehouse=warehouse, operation_id=warehouse.operation_id)),
    }
