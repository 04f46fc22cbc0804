"""Pages on which coordinators keep the emergency numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from komek.accounts.authority import Action, may, require, visible
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView
from missing_persons.emergency_numbers import save_emergency_number
from missing_persons.models import EmergencyNumber, Service


@require_GET
@login_required
def emergency_numbers(http: HttpRequest) -> HttpResponse:
    """All of them: they are few."""
    whose = standing(http)
    require(whose, Action.VIEW, EmergencyNumber)
    context = {
        "numbers": visible(EmergencyNumber.objects.all(), whose),
        "may_change": may(whose, Action.ADD, EmergencyNumber),
    }
    return render(http, "missing_persons/emergency_numbers.html", context)


class EmergencyNumberForm(RecordForm):
    country = forms.CharField(label=_("Country"), max_length=2, help_text=_("Two letters, such as TM."))
    service = forms.ChoiceField(label=_("Who answers"), choices=Service.choices)
    number_text = forms.CharField(label=_("Number"), max_length=20)
    source = forms.CharField(label=_("Where the number is from"), max_length=300)
    checked_on = forms.DateField(
        label=_("Checked on"), required=False, help_text=_("The day on which you made sure that it works."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use: public pages show it"), required=False, initial=True)

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        initial = {**(kwargs.pop("initial", None) or {})}
        if record is not None:
            initial["number_text"] = record.number
        super().__init__(*args, record=record, initial=initial, **kwargs)


class EmergencyNumberEdit(RecordFormView):
    """Add a number, or change one."""

    model = EmergencyNumber
    form_class = EmergencyNumberForm
    template_name = "missing_persons/emergency_number_form.html"
    title = _("Add an emergency number")

    def record(self) -> EmergencyNumber | None:
        if "pk" not in self.kwargs:
            return None
        found: EmergencyNumber = get_object_or_404(
            visible(EmergencyNumber.objects.all(), standing(self.request)), pk=self.kwargs["pk"]
        )
        return found

    def heading(self) -> Any:
        return self.kept or self.title

    def save_record(self, form: Any, by: Actor) -> EmergencyNumber:
        names = ("country", "service", "number_text", "source", "checked_on", "is_active")
        return save_emergency_number(
            by=by, operation=standing(self.request).operation, number=self.kept,
            **{name: form.cleaned_data[name] for name in names},
        )  # fmt: skip
