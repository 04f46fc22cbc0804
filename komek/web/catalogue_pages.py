"""Pages of what the catalogue's items stand on: units, categories, packs, and items' names by language."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, may, require, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.supplies.catalogue import remove_pack, save_category, save_item, save_pack, save_unit, use_item_again
from komek.supplies.models import Category, Item, Pack, Unit
from komek.web.catalogue_forms import CategoryForm, ItemNamesForm, PackForm, UnitForm
from komek.web.context import standing
from komek.web.records import RecordFormView


def _count(field: str) -> Coalesce:
    counted = (
        Item.objects.filter(**{field: OuterRef("pk")}).order_by().values(field).annotate(n=Count("pk")).values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


@require_GET
@login_required
def units_and_categories(request: HttpRequest) -> HttpResponse:
    """All of both: they are few."""
    whose = standing(request)
    require(whose, Action.VIEW, Unit)
    context = {
        "units": visible(Unit.objects.annotate(item_count=_count("unit")), whose),
        "categories": visible(Category.objects.select_related("parent").annotate(item_count=_count("category")), whose),
        "may_change": may(whose, Action.ADD, Unit),
    }
    return render(request, "supplies/lists.html", context)


class _CatalogueForm(RecordFormView):
    template_name = "supplies/named_form.html"

    def record(self) -> Any:
        if "pk" not in self.kwargs:
            return None
        return get_object_or_404(
            visible(self.model._default_manager.all(), standing(self.request)), pk=self.kwargs["pk"]
        )

    def heading(self) -> Any:
        return self.kept or self.title


class UnitEdit(_CatalogueForm):
    model, form_class, title = Unit, UnitForm, gettext_lazy("Add a unit")

    def save_record(self, form: Any, by: Actor) -> Unit:
        return save_unit(by=by, standing=standing(self.request), unit=form.store(self.kept or Unit()))


class CategoryEdit(_CatalogueForm):
    model, form_class, title = Category, CategoryForm, gettext_lazy("Add a category")

    def save_record(self, form: Any, by: Actor) -> Category:
        return save_category(by=by, standing=standing(self.request), category=form.store(self.kept or Category()))


class PackEdit(_CatalogueForm):
    model, form_class = Pack, PackForm

    def save_record(self, form: Any, by: Actor) -> Pack:
        return save_pack(by=by, standing=standing(self.request), pack=form.store(self.kept))


class ItemNames(_CatalogueForm):
    model, form_class = Item, ItemNamesForm

    def save_record(self, form: Any, by: Actor) -> Item:
        return save_item(by=by, standing=standing(self.request), item=form.store(self.kept))


@require_POST
@login_required
def pack_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a package out of the catalogue."""
    whose = standing(request)
    found = get_object_or_404(visible(Pack.objects.select_related("item"), whose), pk=pk)
    item = found.item
    remove_pack(by=actor_of(request), standing=whose, pack=found)
    messages.success(request, _("The pack is gone. What was counted in it stays as it is."))
    return redirect(item)


@require_POST
@login_required
def use_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item back into use."""
    whose = standing(request)
    found = get_object_or_404(visible(Item.objects.all(), whose), pk=pk)
    use_item_again(by=actor_of(request), standing=whose, item=found)
    messages.success(request, _("The item is in use again."))
    return redirect(found)
