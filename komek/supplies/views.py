"""Pages of the catalogue."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, Standing, may, require, standing_of, visible
from komek.records.middleware import actor_of
from komek.supplies.catalogue import add_pack, retire_item, save_item
from komek.supplies.forms import ItemForm, PackForm
from komek.supplies.models import Item


def _standing(request: HttpRequest) -> Standing:
    return standing_of(request.user, getattr(request, "operation", None) or None)


@require_GET
@login_required
def item(request: HttpRequest, code: str) -> HttpResponse:
    """One item: how it is counted, packed and kept, what it holds, what a person needs of it."""
    standing = _standing(request)
    found = get_object_or_404(
        visible(Item.objects.select_related("unit", "category", "replaced_by"), standing), code=code
    )
    return render(
        request,
        "supplies/item.html",
        {
            "item": found,
            "packs": found.packs.all(),
            "contents": found.contents.select_related("item__unit"),
            "in_kits": found.in_kits.select_related("kit"),
            "needs": found.needs.select_related("item__unit"),
            "may_change": may(standing, Action.CHANGE, found),
            "pack_form": PackForm(),
        },
    )


@login_required
def edit(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """Add or change an item."""
    standing = _standing(request)
    found = get_object_or_404(visible(Item.objects.all(), standing), code=code) if code else None
    require(standing, Action.CHANGE if found else Action.ADD, found or Item)
    form = ItemForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_item(by=actor_of(request), standing=standing, item=form.save(commit=False))
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(saved)
    status = 422 if form.errors else 200
    return render(request, "supplies/edit.html", {"form": form, "item": found}, status=status)


@require_POST
@login_required
def pack(request: HttpRequest, code: str) -> HttpResponse:
    """Add a package of an item."""
    standing = _standing(request)
    found = get_object_or_404(visible(Item.objects.all(), standing), code=code)
    form = PackForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())  # type: ignore[arg-type]
        add_pack(by=actor_of(request), standing=standing, item=found, **form.cleaned_data)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect(found)


@require_POST
@login_required
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Take an item out of use."""
    standing = _standing(request)
    found = get_object_or_404(visible(Item.objects.all(), standing), code=code)
    retire_item(by=actor_of(request), standing=standing, item=found)
    messages.success(request, _("The item is out of use. What was counted in it stays as it is."))
    return redirect(found)
