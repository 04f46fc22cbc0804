"""Pages about organisations: the list, one organisation with its tabs, and the buttons on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import F, FilteredRelation, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, may, visible
from komek.records.actor import Actor
from komek.records.lean import all_but
from komek.records.middleware import actor_of
from komek.records.models import Approval
from komek.web.context import standing
from komek.web.drawing import badge, link
from komek.web.finding import found_by_code
from komek.web.lists import BulkAction, Column, ListPage, link_cell
from komek.web.templatetags.komek import ago
from orgs.merging import kept_of
from orgs.models import Organisation, OrganisationMerge, Verification
from orgs.organisation_filters import OrganisationFilterSet
from orgs.organisations import (
    approve_organisation,
    confirm_entry,
    refuse_organisation,
    verify_organisation,
)
from orgs.refusals import Refused
from orgs.staleness import Freshness, ask_to_confirm, freshness

TABS = (
    ("overview", gettext_lazy("Overview")),
    ("contacts", gettext_lazy("Contacts")),
    ("members", gettext_lazy("Members")),
    ("branches", gettext_lazy("Branches")),
    ("sites", gettext_lazy("Sites")),
    ("activities", gettext_lazy("Activities")),
)
SHOWN_PER_TAB = 100


def found_organisation(request: HttpRequest, code: str) -> Organisation:
    """The organisation with this code as the viewer may see it; 404 with a sentence when the code is mistyped."""
    rows = Organisation.objects.select_related("parent", "operation", "entered_by")
    nowhere = _("There is no organisation %(code)s here, or you may not see it.")
    organisation: Organisation = found_by_code(request, rows, code, Organisation.CODE_LETTER, nowhere)
    return organisation


def sentences_of(refusal: ValidationError) -> str:
    """A refusal as running text, for pages without a form to put it in."""
    return " ".join(refusal.messages)


# --- The list


def verification_badge(organisation: Organisation) -> SafeString | str:
    shades = {Verification.VERIFIED: "badge-ok", Verification.DOUBTFUL: "badge-danger"}
    shade = shades.get(Verification(organisation.verification), "")
    return badge(Verification(organisation.verification).label, shade)


def approval_badge(organisation: Organisation) -> SafeString | str:
    shades = {Approval.APPROVED: "badge-ok", Approval.REFUSED: "badge-danger"}
    shade = shades.get(Approval(organisation.approval), "badge-warn")
    return badge(Approval(organisation.approval).label, shade)


def confirmed_cell(organisation: Organisation) -> SafeString | str:
    """When it was last confirmed, marked when that is long ago."""
    age = freshness(organisation.confirmed_at)
    if age == Freshness.FRESH:
        return ago(organisation.confirmed_at)
    shade = "badge-danger" if age == Freshness.STALE else "badge-warn"
    return format_html("{} {}", ago(organisation.confirmed_at), badge(age.label, shade))


def name_cell(organisation: Organisation) -> SafeString:
    name = link(organisation.get_absolute_url(), organisation.name)
    if organisation.approval == Approval.APPROVED:
        return name
    return format_html("{} {}", name, approval_badge(organisation))


def _each(rows: Iterable[Organisation], act: Any, done_words: str, by: Actor, operation: Any) -> str:
    """Do something to each row and say how many were done and how many were not, with the first reason."""
    done, reasons = 0, []
    for organisation in rows:
        try:
            act(by=by, operation=operation, organisation=organisation)
            done += 1
        except Refused as refusal:
            reasons.append(f"{organisation.code}: {sentences_of(refusal)}")
    said = done_words % {"n": done}
    if reasons:
        said += " " + _("Left: %(n)d. %(reason)s") % {"n": len(reasons), "reason": reasons[0]}
    return said


def approve_many(rows: Any, by: Actor, operation: Any) -> str:
    return _each(rows, approve_organisation, _("Approved: %(n)d."), by, operation)


def verify_many(rows: Any, by: Actor, operation: Any) -> str:
    return _each(rows, verify_organisation, _("Marked as verified: %(n)d."), by, operation)


def ask_many(rows: Any, by: Actor, operation: Any) -> str:
    done = ask_to_confirm(organisations=rows.select_related("operation"), by=by, operation=operation)
    said = _("Asked: %(asked)d. Without a manager to ask: %(nobody)d.") % {"asked": done.asked, "nobody": done.nobody}
    if done.failed:
        said += " " + _("The mail could not be sent to: %(n)d.") % {"n": done.failed}
    return said


def _coordinates(whose: Any) -> bool:
    return may(whose, Action.APPROVE, Organisation)


class OrganisationList(ListPage):
    key = "orgs.organisation"
    model = Organisation
    title = gettext_lazy("Organisations")
    filterset_class = OrganisationFilterSet
    default_sort = "name"
    exchange_key = "orgs.organisation"
    add_url_name = "orgs:organisation_add"
    add_title = gettext_lazy("Add an organisation")
    empty_text = gettext_lazy("Add the organisations that take part in the response, or import a list of them.")
    template_name = "orgs/organisation_list.html"
    columns = (
        Column("name", gettext_lazy("Name"), "name", sort=("name",), cell=name_cell),
        Column("acronym", gettext_lazy("Acronym"), "acronym", sort=("acronym",)),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), cell=link_cell(lambda row: row.code), nowrap=True),
        Column("kind", gettext_lazy("Kind"), "kind", sort=("kind",)),
        Column("sectors", gettext_lazy("Sectors"), lambda row: ", ".join(map(str, row.sectors_here))),
        Column("sites", gettext_lazy("Sites"), "site_count", sort=("site_count",), numeric=True),
        Column("activities", gettext_lazy("Activities"), "activity_count", sort=("activity_count",), numeric=True),
        Column(
            "verification",
            gettext_lazy("Verification"),
            "verification",
            sort=("verification",),
            cell=verification_badge,
        ),
        Column(
            "confirmed_at",
            gettext_lazy("Last confirmed"),
            "confirmed_at",
            sort=("confirmed_at",),
            cell=confirmed_cell,
            nowrap=True,
        ),
        Column("country", gettext_lazy("Home country"), "country", sort=("country",), default=False),
        Column("parent", gettext_lazy("Branch of"), "parent.name", sort=("parent__name",), default=False),
        Column("website", gettext_lazy("Website"), "website", default=False),
        Column("is_donor", gettext_lazy("Gives funds or goods"), "is_donor", sort=("is_donor",), default=False),
        Column("is_implementing", gettext_lazy("Works in the field"), "is_implementing", default=False),
        Column("approval", gettext_lazy("Approval"), "approval", sort=("approval",), default=False),
        Column("updated_at", gettext_lazy("Changed"), "updated_at", sort=("updated_at",), default=False, nowrap=True),
        Column("channel", gettext_lazy("Channel"), "channel", default=False),
    )
    actions = (
        BulkAction("approve", gettext_lazy("Approve"), approve_many, _coordinates),
        BulkAction("verify", gettext_lazy("Mark as verified"), verify_many, _coordinates),
        BulkAction("ask", gettext_lazy("Ask their managers to confirm"), ask_many, _coordinates),
    )

    def queryset(self) -> QuerySet[Any]:
        rows = Organisation.objects.select_related("parent").defer(
            "about", "search_key", *all_but("parent", Organisation, "name")
        )
        rows = rows.prefetch_related(Prefetch("sectors", to_attr="sectors_here"))  # a list costs less than a manager
        return self._counted(rows)

    def bare_queryset(self) -> QuerySet[Any]:
        column, _is_descending = self._sort()
        rows = Organisation.objects.all()
        return self._counted(rows) if column and column.key in ("sites", "activities") else rows

    def _counted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With the numbers of sites and activities, as far as this operation sees them."""
        operation = self.standing.operation
        sites, activities = Coalesce(F("here__sites"), 0), Coalesce(F("here__activities"), 0)
        rows = rows.alias(here=FilteredRelation("tallies", condition=Q(tallies__operation=operation)))
        if operation and not operation.is_exercise:  # sites of the standing register are seen in every real operation
            rows = rows.alias(standing=FilteredRelation("tallies", condition=Q(tallies__operation=None)))
            sites = sites + Coalesce(F("standing__sites"), 0)
        return rows.annotate(site_count=sites, activity_count=activities)

    def extra_context(self) -> dict[str, Any]:
        return {"may_merge": _coordinates(self.standing)}


# --- One organisation


@require_GET
@login_required
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation. The code of a merged one leads to the one that was kept."""
    record = found_organisation(request, code)
    if record.merged_into_id is not None:
        kept = kept_of(record)
        messages.info(
            request,
            _("%(name)s (%(code)s) was merged into this entry.") % {"name": record.name, "code": record.code},
        )
        return redirect(kept)
    if record.code != code:
        return redirect(record)
    whose = standing(request)
    asked = request.GET.get("tab", "overview")
    tab = asked if asked in dict(TABS) else "overview"
    context = {
        "organisation": record,
        "tabs": TABS,
        "tab": tab,
        "freshness": freshness(record.confirmed_at),
        "verification_badge": verification_badge(record),
        "approval_badge": approval_badge(record),
        "may_change": may(whose, Action.CHANGE, record),
        "may_approve": may(whose, Action.APPROVE, record),
        **_TAB_CONTENTS[tab](record, whose),
    }
    return render(request, "orgs/organisation.html", context)


def _overview(record: Organisation, whose: Any) -> dict[str, Any]:
    merges = OrganisationMerge.objects.filter(kept=record, undone_at=None).select_related("duplicate", "merged_by")
    return {
        "other_names": record.other_names.all(),
        "sectors": record.sectors.all(),
        "merges": merges if may(whose, Action.APPROVE, record) else (),
        "external_ids": sorted(record.external_ids.items()),
        "language_names": dict(_language_names()),
    }


def _language_names() -> list[tuple[str, Any]]:
    from django.conf import settings

    return list(settings.LANGUAGES)


def _contacts(record: Organisation, whose: Any) -> dict[str, Any]:
    rows = record.contacts.select_related("site")
    return {"contacts": visible(rows, whose), "hidden": rows.count() - visible(rows, whose).count()}


def _members(record: Organisation, whose: Any) -> dict[str, Any]:
    from orgs.membership_pages import members_context

    return members_context(record, whose)


def _branches(record: Organisation, whose: Any) -> dict[str, Any]:
    rows = visible(record.branches.filter(merged_into=None), whose)
    return {"branches": rows[:SHOWN_PER_TAB], "total": rows.count()}


def _sites(record: Organisation, whose: Any) -> dict[str, Any]:
    rows = visible(record.sites.select_related("area").defer("area__geometry"), whose)
    return {"sites": rows[:SHOWN_PER_TAB], "total": rows.count()}


def _activities(record: Organisation, whose: Any) -> dict[str, Any]:
    rows = visible(record.activities.select_related("sector", "area").defer("area__geometry"), whose)
    return {"activities": rows[:SHOWN_PER_TAB], "total": rows.count()}


_TAB_CONTENTS: dict[str, Any] = {
    "overview": _overview,
    "contacts": _contacts,
    "members": _members,
    "branches": _branches,
    "sites": _sites,
    "activities": _activities,
}


@require_GET
@login_required
def logo(request: HttpRequest, code: str) -> FileResponse:
    """The logo, to those who may see the organisation."""
    record = found_organisation(request, code)
    if not record.logo or not record.logo.storage.exists(record.logo.name):
        raise Http404
    response = FileResponse(record.logo.open("rb"), content_type="image/png")
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_POST
@login_required
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """The buttons of an organisation's page: approve, refuse, verify, doubt, confirm, ask."""
    record = found_organisation(request, code)
    by, operation = actor_of(request), request.operation or None  # type: ignore[attr-defined]
    what = {"by": by, "operation": operation, "organisation": record}
    reason = request.POST.get("reason", "").strip()
    try:
        match request.POST.get("action"):
            case "approve":
                approve_organisation(**what, note=reason)
                messages.success(request, _("Approved. Others see it now."))
            case "refuse":
                refuse_organisation(**what, reason=reason)
                messages.success(request, _("Refused. Whoever proposed it sees your reason."))
            case "verify":
                verify_organisation(**what)
                messages.success(request, _("Marked as verified."))
            case "doubt":
                verify_organisation(**what, verification=Verification.DOUBTFUL)
                messages.success(request, _("Marked as doubtful."))
            case "confirm":
                confirm_entry(**what)
                messages.success(request, _("Thank you. The entry is marked as right today."))
            case "ask":
                rows = Organisation.objects.filter(pk=record.pk)
                messages.info(request, ask_many(rows, by, operation))
            case _:
                messages.error(request, _("This page does not know that button. Reload it and try again."))
    except Refused as refusal:
        messages.error(request, sentences_of(refusal))
    return HttpResponseRedirect(record.get_absolute_url())
