"""Pages about the figures themselves: the list of standards, one of them with its history, its form."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from camps.indicator_words import standard_words
from camps.indicators import Step
from camps.models import Standard
from camps.standard_forms import StandardForm
from camps.standard_rows import figures_of
from camps.standards import add_standard, change_standard
from komek.accounts.authority import Action, may, require, visible
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.lists import Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView

JOINED = ("sector", "item__unit", "part_of")


def least_words(standard: Standard) -> str:
    """The figure at first, if the standard has one."""
    return standard_words(standard, Step.FIRST) if standard.first is not None else ""


def cold_words(standard: Standard) -> str:
    return standard_words(standard, Step.COLD) if standard.target_cold is not None else ""


class StandardList(ListPage):
    key = "camps.standard"
    model = Standard
    title = gettext_lazy("Standards")
    default_sort = "order"
    add_url_name = "camps:standard_add"
    add_title = gettext_lazy("Add a standard")
    template_name = "camps/standard_list.html"
    columns = (
        Column("name", gettext_lazy("What is measured"), str, sort=("name",), cell=link_cell()),
        Column("sector", gettext_lazy("Sector"), lambda one: str(one.sector or ""), sort=("sector__order",)),
        Column("target", gettext_lazy("Standard"), standard_words),
        Column("first", gettext_lazy("At first, or the least"), least_words),
        Column("cold", gettext_lazy("In the cold or in a town"), cold_words),
        Column("item", gettext_lazy("Item that closes a gap"), lambda one: str(one.item or "")),
        Column("source", gettext_lazy("Source"), "source"),
        Column("is_active", gettext_lazy("In use"), "is_active", sort=("is_active",)),
        Column("order", gettext_lazy("Order"), "order", sort=("order",), default=False),
        Column("updated_at", gettext_lazy("Changed"), "updated_at", sort=("updated_at",), default=False, nowrap=True),
    )

    def queryset(self) -> Any:
        return Standard.objects.select_related(*JOINED)


@require_GET
@login_required
def standard(request: HttpRequest, key: str) -> HttpResponse:
    """One standard: its figures, its source, and who changed what."""
    record = found_standard(request, key)
    context = {
        "standard": record,
        "note": record.text("note"),
        "figures": figures_of(record),
        "names": [(code, name) for code, name in record.names.items() if name],
        "may_change": may(standing(request), Action.CHANGE, record),
    }
    return render(request, "camps/standard.html", context)


def found_standard(request: HttpRequest, key: str) -> Standard:
    """The standard with this key; 404 when there is none."""
    whose = standing(request)
    require(whose, Action.VIEW, Standard)
    record: Standard | None = visible(Standard.objects.select_related(*JOINED), whose).filter(key=key).first()
    if record is None:
        raise Http404
    return record


class StandardAdd(RecordFormView):
    model = Standard
    form_class = StandardForm
    template_name = "camps/standard_form.html"
    title = gettext_lazy("Add a standard")

    def save_record(self, form: RecordForm, by: Actor) -> Standard:
        assert isinstance(form, StandardForm)
        return add_standard(by=by, operation=self.request.operation or None, **form.values())  # type: ignore[attr-defined]


class StandardChange(RecordFormView):
    model = Standard
    form_class = StandardForm
    template_name = "camps/standard_form.html"

    def record(self) -> Standard:
        return found_standard(self.request, self.kwargs["key"])

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Standard:
        assert isinstance(form, StandardForm)
        return change_standard(by=by, operation=self.request.operation or None, standard=self.kept, **form.values())  # type: ignore[attr-defined]
