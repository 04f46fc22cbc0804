"""Pages about who works for an organisation: its members, and the requests that wait."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from phonenumber_field.phonenumber import to_python as parse_phone

from komek.accounts.authority import Standing, visible
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.records.actor import Actor, Channel
from komek.records.middleware import actor_of
from komek.records.models import Approval
from komek.web.context import standing
from orgs.memberships import (
    approve_membership,
    ask_to_join,
    end_membership,
    give_role,
    in_force,
    refuse_membership,
    roles_to_give,
    waiting_memberships,
)
from orgs.models import Membership, Organisation
from orgs.organisation_pages import found_organisation, sentences_of
from orgs.policies import manages


class AskForm(forms.Form):
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role.value, role.label) for role in Role], initial=Role.VIEWER
    )
    position = forms.CharField(label=gettext_lazy("Your position there"), max_length=150, required=False)


class GiveForm(forms.Form):
    person = forms.CharField(
        label=gettext_lazy("Person"), max_length=200, help_text=gettext_lazy("The e-mail or phone of their account.")
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    position = forms.CharField(label=gettext_lazy("Position"), max_length=150, required=False)
    ends_on = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    only_here = forms.BooleanField(label=gettext_lazy("Only for this operation"), required=False)

    def __init__(self, *args: Any, roles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]

    def clean_person(self) -> User:
        text = self.cleaned_data["person"].strip()
        user = User.objects.filter(email__iexact=text).first()
        if user is None:
            phone = parse_phone(text)
            user = User.objects.filter(phone=phone).first() if phone and phone.is_valid() else None
        if user is None:
            raise ValidationError(_("No account has this e-mail or phone. Ask the person to sign up first."))
        return user


def members_context(organisation: Organisation, whose: Standing) -> dict[str, Any]:
    """What the tab of members shows: those in force, those who ask, and the two forms."""
    rows = visible(organisation.memberships.select_related("user", "operation", "organisation"), whose)
    is_manager = manages(whose, organisation.pk) or whose.runs_installation
    by = Actor(user=whose.user, channel=Channel.BROWSER)
    return {
        "members": in_force(rows).order_by("role", "user__name", "pk"),
        "asking": rows.filter(approval=Approval.PENDING).order_by("created_at", "pk"),
        "is_manager": is_manager,
        "ask_form": AskForm(),
        "give_form": GiveForm(roles=roles_to_give(by, organisation, whose.operation)) if is_manager else None,
    }


def _back(request: HttpRequest, organisation: Organisation) -> HttpResponseRedirect:
    asked = request.POST.get("next", "")
    if asked and url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(asked)
    return HttpResponseRedirect(f"{organisation.get_absolute_url()}?tab=members")


def _first_errors(form: forms.Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


@require_POST
@login_required
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a role in an organisation."""
    organisation = found_organisation(request, code)
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, _first_errors(form))
        return _back(request, organisation)
    try:
        ask_to_join(
            by=actor_of(request),
            operation=request.operation or None,  # type: ignore[attr-defined]
            organisation=organisation,
            **form.cleaned_data,
        )
        messages.success(request, _("A manager of the organisation will answer your request."))
    except ValidationError as refusal:
        messages.error(request, sentences_of(refusal))
    return _back(request, organisation)


@require_POST
@login_required
def give(request: HttpRequest, code: str) -> HttpResponse:
    """Give somebody a role in an organisation."""
    organisation = found_organisation(request, code)
    by, operation = actor_of(request), request.operation or None  # type: ignore[attr-defined]
    form = GiveForm(request.POST, roles=list(Role))
    if not form.is_valid():
        messages.error(request, _first_errors(form))
        return _back(request, organisation)
    asked = form.cleaned_data
    try:
        give_role(
            by=by,
            operation=operation,
            user=asked["person"],
            organisation=organisation,
            role=asked["role"],
            position=asked["position"],
            ends_on=asked["ends_on"],
            everywhere=not asked["only_here"],
        )
        messages.success(request, _("%(person)s now holds this role.") % {"person": asked["person"]})
    except ValidationError as refusal:
        messages.error(request, sentences_of(refusal))
    return _back(request, organisation)


@require_POST
@login_required
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, refuse or end a membership."""
    rows = visible(Membership.objects.select_related("organisation", "user"), standing(request))
    membership = rows.filter(pk=pk).first()
    if membership is None:
        raise Http404(_("There is no such request, or you may not answer it."))
    by, reason = actor_of(request), request.POST.get("reason", "").strip()
    try:
        match request.POST.get("action"):
            case "approve":
                approve_membership(by=by, membership=membership)
                messages.success(request, _("Approved. The role holds from now on."))
            case "refuse":
                refuse_membership(by=by, membership=membership, reason=reason)
                messages.success(request, _("Refused."))
            case "end":
                end_membership(by=by, membership=membership, reason=reason)
                messages.success(request, _("The role has ended."))
            case _:
                messages.error(request, _("This page does not know that button. Reload it and try again."))
    except ValidationError as refusal:
        messages.error(request, sentences_of(refusal))
    return _back(request, membership.organisation)


@require_GET
@login_required
def requests(request: HttpRequest) -> HttpResponse:
    """Everybody who waits for an answer that this person may give."""
    waiting = waiting_memberships(standing(request))
    return render(request, "orgs/requests.html", {"waiting": waiting[:200], "back": reverse("orgs:requests")})
