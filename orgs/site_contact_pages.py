"""The contacts of one site, as rows."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from komek.accounts.authority import Action, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing
from orgs.models import Contact, ContactVisibility
from orgs.organisation_forms import ContactRows
from orgs.organisations import set_contacts
from orgs.refusals import Refused
from orgs.site_pages import found_site, most_specific


@require_http_methods(["GET", "POST"])
@login_required
def contacts(request: HttpRequest, code: str) -> HttpResponse:
    """Who can be reached at a site. An emptied row is taken away; rows one may not see stay as they are."""
    record = most_specific(found_site(request, code))
    whose = standing(request)
    require(whose, Action.CHANGE, record)
    seen = visible(Contact.objects.filter(site=record), whose)
    initial = list(seen.values("pk", "person", "position", "phone", "email", "note", "visibility"))
    rows = ContactRows(request.POST or None, prefix="contacts", initial=initial)
    faults: list[str] = []
    if request.method == "POST" and rows.is_valid():
        given = [
            {**row.cleaned_data, "visibility": row.cleaned_data.get("visibility") or ContactVisibility.PARTNERS}
            for row in rows
            if row.is_filled
        ]
        if record.organisation is None:
            faults = [_("Say first who runs this site; its contacts belong to them.")]
        else:
            try:
                set_contacts(
                    by=actor_of(request), operation=request.operation or None,  # type: ignore[attr-defined]
                    organisation=record.organisation, contacts=given, site=record,
                )  # fmt: skip
            except Refused as refusal:
                faults = list(refusal.messages)
            else:
                messages.success(request, _("Saved."))
                return redirect(record)
    status = 422 if request.method == "POST" else 200
    return render(request, "orgs/site_contacts.html", {"site": record, "rows": rows, "faults": faults}, status=status)
