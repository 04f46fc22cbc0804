"""Lists narrowed to one warehouse, shown below its tabs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest

from inventory.finding import found_warehouse
from inventory.models import Warehouse
from inventory.tabs import page_context
from komek.web.lists import ListPage


class OfOneWarehouse(ListPage):
    """Stands before a list of rows that have a ``warehouse``; its address holds the warehouse's code. tab: the page it is."""

    tab: ClassVar[str]
    warehouse: Warehouse

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.warehouse = found_warehouse(request, kwargs["code"])
        return super().dispatch(request, *args, **kwargs)

    def queryset(self) -> Any:
        return super().queryset().filter(warehouse=self.warehouse)

    def exchange_filters(self) -> dict[str, str]:
        return {"warehouse": self.warehouse.code}

    def extra_context(self) -> dict[str, Any]:
        return page_context(self.warehouse, self.standing, self.tab)
