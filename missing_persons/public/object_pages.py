"""“This is me”, “this is wrong”, “this puts somebody in danger”: on every public entry, for anybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from missing_persons.disputing import object_to
from missing_persons.models import DisputeKind, Person
from missing_persons.public.addresses import unsealed
from missing_persons.public.forms import line, words
from missing_persons.public.gate import pass_gate
from missing_persons.public.pages import public_actor, public_page, show
from missing_persons.public.search_page import person_of
from missing_persons.refusals import Refused


class ObjectionForm(forms.Form):
    """What is wrong with an entry; nobody need say who they are."""

    kind = forms.ChoiceField(
        label=_("What do you want to tell us?"),
        choices=(
            (DisputeKind.ME, _("This is me, and I do not want to be listed")),
            (DisputeKind.WRONG, _("Something here is wrong")),
            (DisputeKind.DANGER, _("This puts somebody in danger: hide it now")),
        ),
        widget=forms.RadioSelect, error_messages={"required": _("Choose what you object to.")},
    )  # fmt: skip
    text = words(_("In your words"), _("Only registrars read it."))
    phone = line(_("Your telephone"), _("If we may ask back. Only registrars see it."), most=60, kind="tel")
    email = line(_("Your e-mail"), most=254, kind="email")


@require_http_methods(("GET", "HEAD", "POST"))
@public_page
def objection(http: HttpRequest, seal: str) -> HttpResponse:
    """The form, and what happens next once it was sent."""
    person = person_of(seal)
    if http.method != "POST":
        return _shown(http, person, ObjectionForm())
    if "in_language" in http.POST:
        return _shown(http, person, ObjectionForm(initial=http.POST.dict()))
    form = ObjectionForm(http.POST)
    if not form.is_valid():
        return _shown(http, person, form, status=422)
    passage = pass_gate(http, "object", name=person.name)
    if not passage.is_open:
        return _shown(http, person, form, passage=passage, status=passage.status)
    try:
        made = object_to(
            by=public_actor(), person=Person.objects.get(pk=unsealed("person", seal)), language=get_language() or "",
            **form.cleaned_data,
        )  # fmt: skip
    except Refused as refusal:
        for name, faults in refusal.error_dict.items():
            form.add_error(name if name in form.fields else None, faults)
        return _shown(http, person, form, status=422)
    return show(http, "objected.html", {"is_hidden": made.kind == DisputeKind.DANGER})


def _shown(http: HttpRequest, person: Any, form: Any, *, passage: Any = None, status: int = 200) -> HttpResponse:
    context = {"person": person, "form": form, "passage": passage, "form_id": "objection"}
    return show(http, "objection.html", context, status=status)
