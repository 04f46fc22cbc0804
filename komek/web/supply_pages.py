"""Pages of the catalogue with rows. The room itself is a floor below and cannot import what forms with rows are made of."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from komek.accounts.authority import visible
from komek.records.actor import Actor
from komek.supplies.kits import set_kit_contents
from komek.supplies.models import Item
from komek.supplies.needs import set_needs
from komek.web.context import standing
from komek.web.rows import RowsFormView
from komek.web.supply_forms import KitForm, NeedsForm


class _ItemRows(RowsFormView):
    model = Item

    def record(self) -> Item:
        items = visible(Item.objects.select_related("unit"), standing(self.request))
        found: Item = get_object_or_404(items, code=self.kwargs["code"])
        return found


class KitChange(_ItemRows):
    """What a kit holds: rows added and removed, in any unit that converts."""

    form_class = KitForm
    template_name = "supplies/kit_form.html"

    def heading(self) -> Any:
        return _("What is in it: %(item)s") % {"item": self.kept}

    def save_record(self, form: Any, by: Actor) -> Item:
        set_kit_contents(by=by, standing=standing(self.request), kit=self.kept, contents=form.contents())
        return self.kept


class NeedsChange(_ItemRows):
    """What a person or a household needs of an item, with the sources."""

    form_class = NeedsForm
    template_name = "supplies/needs_form.html"

    def heading(self) -> Any:
        return _("What people need: %(item)s") % {"item": self.kept}

    def save_record(self, form: Any, by: Actor) -> Item:
        set_needs(by=by, standing=standing(self.request), item=self.kept, figures=form.figures())
        return self.kept
