"""The style guide: every component of the pages, once, for those who build or run an installation."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.places.models import Area
from komek.web.context import standing, viewer_of
from komek.web.fields import LocationField, LookupField
from komek.web.filtering import ChooseMany

COLOURS = ("ink", "ink-soft", "paper", "ground", "line", "line-strong", "accent", "ok", "warn", "danger", "focus")
STATES = (("open", _("open")), ("closed", _("closed")))


class Example(forms.Form):
    name = forms.CharField(label=_("Name"), help_text=_("As on its sign."))
    area = LookupField(label=_("Area"), key="places.area", model=Area, required=False)
    location = LocationField(label=_("Location"), required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES)
    states = forms.MultipleChoiceField(label=_("State"), choices=STATES, required=False, widget=ChooseMany)
    boxes = forms.MultipleChoiceField(
        label=_("State"), choices=STATES, required=False, widget=forms.CheckboxSelectMultiple
    )
    opened_on = forms.DateField(label=_("Opened on"), required=False, widget=forms.DateInput({"type": "date"}))
    capacity = forms.IntegerField(label=_("Capacity"), required=False)
    about = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea)
    is_right = forms.BooleanField(
        label=_("Everything here is right today"), help_text=_("Marks the entry as confirmed.")
    )


@login_required
def style_guide(request: HttpRequest) -> HttpResponse:
    """For administrators, and for everybody signed in on a development installation. Sending the form shows its faults."""
    if not (settings.DEBUG or standing(request).runs_installation):
        raise Http404
    form = Example(request.POST or None)
    for form_field in form.fields.values():
        if isinstance(form_field, LookupField):
            form_field.set_viewer(viewer_of(request))
    context = {"form": form, "colours": COLOURS, "capacities": (7, 1250, 48000), "now": timezone.now()}
    return render(request, "web/style_guide.html", context, status=422 if form.errors else 200)
