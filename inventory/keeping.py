"""How long the names and numbers of drivers are kept. The vehicle, the route and what was received stay."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models import Consignment, ConsignmentState, Position
from komek.records.retention import Retention, register_retention

OVER = (ConsignmentState.RECEIVED, ConsignmentState.CANCELLED)
AFTER = timedelta(days=180)


def register() -> None:
    """Called once, when the app is ready."""
    why = _("Who drove is asked about as long as somebody may ask back about goods that were missing.")
    register_retention(
        Retention(
            key="inventory.drivers", model=Consignment, after=AFTER, since="updated_at",
            fields={"driver": "", "driver_phone": ""}, why=why, when=Q(state__in=OVER),
        )
    )  # fmt: skip
    register_retention(
        Retention(
            key="inventory.positions", model=Position, after=AFTER, since="occurred_at", fields={"reported_by": "", "note": ""},
            why=why, when=Q(consignment__state__in=OVER),
        )
    )  # fmt: skip
