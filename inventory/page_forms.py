"""Forms on the pages of one warehouse: who may, where one lands, and what the template gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse

from inventory.finding import found_warehouse
from inventory.models import Warehouse
from inventory.tabs import page_context
from komek.accounts.authority import Action, require
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView


@dataclass(frozen=True)
class Landing:
    """Where a saved form leads, when that is not the record's own page."""

    address: str

    def get_absolute_url(self) -> str:
        return self.address


class WarehousePage(RecordFormView):
    """A form below a warehouse. Its address holds the warehouse's code; only its keepers get to it.

    tab: the page of the warehouse it belongs to. back: name of the address to go to, with the warehouse's code.
    """

    template_name = "inventory/form.html"
    tab: ClassVar[str] = "overview"
    back: ClassVar[str] = "inventory:warehouse"
    save_title: ClassVar[Any] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.warehouse: Warehouse = found_warehouse(request, kwargs["code"])
            require(standing(request), Action.CHANGE, self.warehouse)
        return super().dispatch(request, *args, **kwargs)

    @property
    def operation(self) -> Any:
        """The operation the person works in."""
        return self.request.operation or None  # type: ignore[attr-defined]

    def landing(self) -> Landing:
        return Landing(reverse(self.back, args=[self.warehouse.code]))

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        found = super().form_context(form)
        return {
            **found,
            **page_context(self.warehouse, standing(self.request), self.tab),
            "back": self.landing().address,
            "save_title": self.save_title,
        }
