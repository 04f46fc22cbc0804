"""What the inventory holds."""

from inventory.models.consignments import (
    Consignment,
    ConsignmentLine,
    ConsignmentState,
    Delivery,
    DeliveryLine,
    Parcel,
    Position,
)
from inventory.models.counting import Count, CountLine, CountState
from inventory.models.stock import (
    Account,
    Balance,
    Batch,
    Condition,
    Entry,
    LossReason,
    Movement,
    MovementKind,
    Reservation,
)
from inventory.models.unsolicited import Outcome, Priority, UnsolicitedGoods
from inventory.models.warehouses import (
    Bin,
    Keeper,
    LorryAccess,
    StockLevel,
    TemperatureReading,
    Warehouse,
    Zone,
    ZoneKind,
)

__all__ = [
    "Account",
    "Balance",
    "Batch",
    "Bin",
    "Condition",
    "Consignment",
    "ConsignmentLine",
    "ConsignmentState",
    "Count",
    "CountLine",
    "CountState",
    "Delivery",
    "DeliveryLine",
    "Entry",
    "Keeper",
    "LorryAccess",
    "LossReason",
    "Movement",
    "MovementKind",
    "Outcome",
    "Parcel",
    "Position",
    "Priority",
    "Reservation",
    "StockLevel",
    "TemperatureReading",
    "UnsolicitedGoods",
    "Warehouse",
    "Zone",
    "ZoneKind",
]
