"""The public form by which somebody without an account becomes a volunteer."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from komek.records.actor import Actor, Channel
from volunteers.models import Volunteer
from volunteers.people.forms import ApplyForm
from volunteers.people.registering import apply_to_help
from volunteers.robots import stamp, too_often


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply(http: HttpRequest) -> HttpResponse:
    """The form "Help as a volunteer". What was typed stays whatever is wrong.

    A number that is registered already gets the same answer as a new one: nobody learns from this page who helps.
    """
    operation = http.operation or None  # type: ignore[attr-defined]
    if http.method != "POST":
        return _show(http, ApplyForm(initial={"opened": stamp()}), operation)
    form = ApplyForm(http.POST)
    if operation is None:
        form.add_error(None, _("No operation is open here, so nobody would look at this. Try again later."))
    if not form.is_valid():
        return _show(http, form, operation, status=422)
    sentence = too_often(
        http, Volunteer.objects.all(),
        from_network=_("Many came from your network just now. Wait an hour, or call the coordinators."),
        from_all=_("Very many people are offering to help just now. Please try again in an hour."),
    )  # fmt: skip
    if sentence:
        form.add_error(None, sentence)
        return _show(http, form, operation, status=429)
    by = Actor(user=None, channel=Channel.BROWSER, name=_("public form"))
    try:
        apply_to_help(by=by, operation=operation, **form.values())
    except ValidationError as refusal:
        if "phone" in refusal.message_dict and len(refusal.message_dict) == 1:
            return redirect("volunteers:applied")
        form.add_refusal(refusal)
        return _show(http, form, operation, status=422)
    return redirect("volunteers:applied")


@require_GET
def applied(http: HttpRequest) -> HttpResponse:
    """Thanks, and what comes next."""
    return render(http, "volunteers/applied.html")


def _show(http: HttpRequest, form: ApplyForm, operation: Any, status: int = 200) -> HttpResponse:
    form.fields["location"].begin_at(operation)  # type: ignore[attr-defined]
    return render(http, "volunteers/apply.html", {"form": form, "has_operation": operation is not None}, status=status)
