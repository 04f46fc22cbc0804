"""Who may see and change warehouses, stock and consignments.

Everybody with an approved account sees warehouses, stock and where consignments are. Stock is moved by the people of the
organisation that runs the warehouse: its keepers, coordinators and administrators, and by coordinators of the whole operation.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from inventory.models import (
    Balance,
    Batch,
    Bin,
    Consignment,
    ConsignmentLine,
    Count,
    CountLine,
    Delivery,
    DeliveryLine,
    Entry,
    Keeper,
    Movement,
    MovementKind,
    Parcel,
    Position,
    Reservation,
    StockLevel,
    TemperatureReading,
    UnsolicitedGoods,
    Warehouse,
    Zone,
)
from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS, Role
from orgs.policies import OwnedPolicy, coordinates_everything

KEEPERS = (*MANAGERS, Role.WAREHOUSE_KEEPER)
RECEIVERS = (*KEEPERS, Role.CAMP_MANAGER, Role.REGISTRAR)


def keeps(standing: Standing, warehouse: Warehouse | None) -> bool:
    """Whether this standing may move stock of the warehouse."""
    return warehouse is not None and standing.holds(*KEEPERS, organisation_id=warehouse.organisation_id)


class SeenByAll(OwnedPolicy):
    """Rows without an organisation of their own, seen by everybody with an approved account."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.user.may_work else queryset.none()


class WarehousePolicy(OwnedPolicy):
    """Warehouses and what belongs to one (zones, movements, counts, levels): seen by all, changed by its keepers.

    A warehouse itself is as unknown as its organisation while that waits for approval.
    """

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if queryset.model is Warehouse:
            return super().narrow(queryset, standing)
        return SeenByAll().narrow(queryset, standing)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return super().may(standing, action, record) if isinstance(record, Warehouse) else True
        if record is None:
            return standing.holds_anywhere(*KEEPERS)
        if isinstance(record, Warehouse) and action == Action.DELETE:
            return coordinates_everything(standing)
        return keeps(standing, record if isinstance(record, Warehouse) else record.warehouse)


class MovementPolicy(WarehousePolicy):
    """As the warehouse; what becomes of a consignment at its destination is also written by those who receive it there."""

    AT_DESTINATION = (MovementKind.ARRIVAL, MovementKind.LOSS)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if super().may(standing, action, record):
            return True
        is_arrival = record is not None and record.consignment is not None and record.kind in self.AT_DESTINATION
        return is_arrival and action == Action.ADD and receives(standing, record.consignment)


class BatchPolicy(SeenByAll):
    """A batch has no warehouse of its own: it is described by those who keep any, and blocked by those who keep it."""

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return True
        if record is None or action == Action.ADD or coordinates_everything(standing):
            return standing.holds_anywhere(*KEEPERS)
        if standing.holds(*KEEPERS, organisation_id=record.owner_id):
            return True
        mine = standing.organisation_ids(*KEEPERS, write=True)
        return Balance.objects.filter(batch=record, quantity__gt=0, warehouse__organisation_id__in=mine).exists()


class ConsignmentPolicy(SeenByAll):
    """Asked for by either end, sent by the origin's keepers, received by the people of the destination."""

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return True
        if record is None:
            return standing.holds_anywhere(*RECEIVERS)
        consignment = record if isinstance(record, Consignment) else record.consignment
        return sends(standing, consignment) or receives(standing, consignment)


def sends(standing: Standing, consignment: Consignment) -> bool:
    """Whether this standing may pick, load and dispatch the consignment. What comes from outside is the receiver's to describe."""
    if consignment.origin is None:
        return receives(standing, consignment)
    return keeps(standing, consignment.origin)


def sees_driver(standing: Standing, consignment: Consignment) -> bool:
    """Whether this standing reads the name and the phone of the driver: those at both ends, and coordinators of the operation."""
    return standing.runs_installation or sends(standing, consignment) or receives(standing, consignment)


def receives(standing: Standing, consignment: Consignment) -> bool:
    """Whether this standing may receive the consignment at its destination."""
    return standing.holds(*RECEIVERS, organisation_id=consignment.destination.organisation_id)


def register() -> None:
    """Called once, when the app is ready."""
    warehouse, consignment = WarehousePolicy(), ConsignmentPolicy()
    for model in (
        Warehouse, Zone, Bin, Keeper, StockLevel, TemperatureReading, Balance, Reservation, Count, UnsolicitedGoods,
    ):  # fmt: skip
        register_policy(model, warehouse)
    register_policy(Movement, MovementPolicy())
    register_policy(Batch, BatchPolicy())
    for model in (Consignment, ConsignmentLine, Parcel, Delivery, Position):
        register_policy(model, consignment)
    register_policy(Entry, PartPolicy("movement", warehouse))
    register_policy(CountLine, PartPolicy("count", warehouse))
    register_policy(DeliveryLine, PartPolicy("delivery", consignment))


class PartPolicy:
    """A line follows the record it is a line of."""

    def __init__(self, whole: str, policy: OwnedPolicy) -> None:
        self.whole = whole
        self.policy = policy

    def narrow(self, queryset: Any, standing: Standing) -> Any:
        return self.policy.narrow(queryset, standing)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return self.policy.may(standing, action, None if record is None else getattr(record, self.whole))
