"""Pages that register and change organisations, and the page behind the link in the e-mail that asks to confirm one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.roles import Role
from komek.records.actor import Actor
from komek.records.models import Approval
from komek.web.models import Draft
from komek.web.records import RecordForm, RecordFormView
from orgs.logos import set_logo
from orgs.memberships import ask_to_join
from orgs.models import Organisation
from orgs.organisation_forms import OrganisationForm
from orgs.organisation_pages import found_organisation, sentences_of
from orgs.organisations import (
    LooksRegistered,
    change_organisation,
    confirm_entry,
    register_organisation,
    set_contacts,
    set_names,
)
from orgs.refusals import Refused
from orgs.staleness import LinkRefused, read_token


class _OrganisationFormView(RecordFormView):
    model = Organisation
    form_class = OrganisationForm
    template_name = "orgs/organisation_form.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.restored: Draft | None = None
        if request.GET.get("draft") == "restore":
            self.restored = Draft.objects.filter(user_id=request.user.pk, form_key=self.form_key).first()
        return super().get(request, *args, **kwargs)

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        restored = getattr(self, "restored", None)
        if restored is not None and isinstance(form, OrganisationForm):
            form.restore_rows(restored.data)
        return {"similar": getattr(form, "similar", [])}

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]

    def _store_logo(self, form: RecordForm, by: Actor, organisation: Organisation) -> None:
        picture = form.cleaned_data.get("logo")
        if picture and hasattr(picture, "read"):
            set_logo(by=by, operation=self.operation, organisation=organisation, picture=picture)
        elif form.cleaned_data.get("remove_logo"):
            set_logo(by=by, operation=self.operation, organisation=organisation, picture=None)


class OrganisationAdd(_OrganisationFormView):
    title = gettext_lazy("Add an organisation")

    @transaction.atomic
    def save_record(self, form: Any, by: Actor) -> Organisation:
        try:
            organisation = register_organisation(
                by=by,
                operation=self.operation,
                names=form.new_names(),
                contacts=form.new_contacts(),
                is_new=form.cleaned_data["is_new"],
                **form.fields_to_store(),
            )
        except LooksRegistered as looks:
            form.similar = list(looks.similar)
            raise
        self._store_logo(form, by, organisation)
        if form.cleaned_data.get("is_mine"):
            ask_to_join(by=by, operation=self.operation, organisation=organisation, role=Role.COORDINATOR)
        if organisation.approval == Approval.PENDING:
            messages.info(self.request, _("A coordinator will look at it. Until it is approved only you see it."))
        return organisation


class OrganisationChange(_OrganisationFormView):
    def record(self) -> Organisation:
        return found_organisation(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return self.kept

    @transaction.atomic
    def save_record(self, form: Any, by: Actor) -> Organisation:
        what = {"by": by, "operation": self.operation, "organisation": self.kept}
        change_organisation(**what, **form.fields_to_store())
        set_names(**what, names=form.new_names())
        set_contacts(**what, contacts=form.new_contacts())
        self._store_logo(form, by, self.kept)
        if form.cleaned_data.get("is_confirmed"):
            confirm_entry(**what)
        return self.kept


def confirm_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in the e-mail: shows the entry and one button. Nothing changes before it is pressed, because
    mail programs open links by themselves.
    """
    try:
        organisation, by = read_token(token)
    except LinkRefused as refusal:
        return render(request, "orgs/confirm_by_link.html", {"sentence": str(refusal)}, status=410)
    context: dict[str, Any] = {
        "organisation": organisation,
        "contacts": organisation.contacts.filter(site=None),
        "other_names": organisation.other_names.all(),
        "sectors": organisation.sectors.all(),
    }
    if request.method == "POST":
        try:
            confirm_entry(by=by, operation=organisation.operation, organisation=organisation)
        except Refused as refusal:
            return render(request, "orgs/confirm_by_link.html", {"sentence": sentences_of(refusal)}, status=410)
        context["is_done"] = True
    return render(request, "orgs/confirm_by_link.html", context)
