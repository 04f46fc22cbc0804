"""Plugs for the ``exchange`` socket: warehouses, what lies in them, batches, movements and consignments as tables with HXL tags."""

from __future__ import annotations

from inventory.exchange_batches import BatchResource
from inventory.exchange_consignments import ConsignmentTable
from inventory.exchange_stock import MovementTable, StockTable
from inventory.exchange_warehouses import WarehouseResource

PLUGS = [WarehouseResource(), StockTable(), BatchResource(), MovementTable(), ConsignmentTable()]
