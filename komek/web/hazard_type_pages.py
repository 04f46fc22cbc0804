"""Pages about hazard types, which administrators of the installation keep as data."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, may, require, standing_of, visible
from komek.operations.hazards import add_hazard_type, change_hazard_type, retire_hazard_type
from komek.operations.models import HazardType, Operation
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.lists import Column, ListPage, link_cell
from komek.web.operation_forms import HazardTypeForm
from komek.web.records import RecordFormView


def found_hazard_type(request: HttpRequest, key: str) -> HazardType:
    """The hazard type with this key, or 404."""
    found: HazardType | None = visible(HazardType.objects.all(), standing(request)).filter(key=key).first()
    if found is None:
        raise Http404
    return found


def _state_badge(hazard: HazardType) -> SafeString | str:
    return "" if hazard.is_active else format_html('<span class="badge">{}</span>', _("out of use"))


class HazardTypeList(ListPage):
    key = "operations.hazardtype"
    model = HazardType
    title = gettext_lazy("Hazard types")
    default_sort = "name"
    exchange_key = "operations.hazardtype"
    empty_text = gettext_lazy("A hazard type says what can happen: earthquake, flood, epidemic …")
    template_name = "operations/hazard_types.html"
    add_url_name = "hazard_type_add"
    add_title = gettext_lazy("Add a hazard type")
    columns = (
        Column("name", gettext_lazy("Name"), str, sort=("name",), cell=link_cell()),
        Column("glide_code", gettext_lazy("GLIDE letters"), "glide_code", sort=("glide_code",), nowrap=True),
        Column("key", gettext_lazy("Key"), "key", sort=("key",), nowrap=True),
        Column("operations", gettext_lazy("Operations"), "operation_count", sort=("operation_count",), numeric=True),
        Column("is_active", gettext_lazy("State"), "is_active", sort=("is_active",), cell=_state_badge),
    )

    def queryset(self) -> Any:
        return HazardType.objects.annotate(operation_count=Count("operations"))

    def extra_context(self) -> dict[str, Any]:
        return {"may_add": may(standing_of(self.request.user, None), Action.ADD, HazardType)}


@require_GET
@login_required
def hazard_type(request: HttpRequest, key: str) -> HttpResponse:
    """One hazard type and the operations that have it."""
    found = found_hazard_type(request, key)
    operations = visible(Operation.objects.filter(hazard_types=found), standing(request))
    context = {
        "hazard": found,
        "operations": operations[:50],
        "may_change": may(standing_of(request.user, None), Action.CHANGE, found),
    }
    return render(request, "operations/hazard_type.html", context)


class HazardTypeAdd(RecordFormView):
    model = HazardType
    form_class = HazardTypeForm
    template_name = "operations/hazard_type_form.html"
    title = gettext_lazy("Add a hazard type")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            require(standing_of(request.user, None), Action.ADD, HazardType)
        return super().dispatch(request, *args, **kwargs)

    def save_record(self, form: Any, by: Actor) -> HazardType:
        return add_hazard_type(by=by, **form.fields_to_store())


class HazardTypeChange(RecordFormView):
    model = HazardType
    form_class = HazardTypeForm
    template_name = "operations/hazard_type_form.html"

    def record(self) -> HazardType:
        found = found_hazard_type(self.request, self.kwargs["key"])
        require(standing_of(self.request.user, None), Action.CHANGE, found)
        return found

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: Any, by: Actor) -> HazardType:
        return change_hazard_type(by=by, hazard_type=self.kept, **form.fields_to_store())


@require_POST
@login_required
def retire(request: HttpRequest, key: str) -> HttpResponse:
    """Take a hazard type out of use, or back into use."""
    found = found_hazard_type(request, key)
    is_back = request.POST.get("is_active") == "yes"
    retire_hazard_type(by=actor_of(request), hazard_type=found, is_active=is_back)
    messages.success(
        request,
        _("The hazard type is in use again.")
        if is_back
        else _("The hazard type is out of use. Operations that have it keep it."),
    )
    return redirect(found)
