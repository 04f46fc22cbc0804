"""The page of one person: its reports side by side, notes, who looks for them, what was joined."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from komek.accounts.authority import Action, Standing, may, visible
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.finding import code_in_address
from missing_persons.finding import found_person
from missing_persons.heard import still_told
from missing_persons.models import (
    Dispute,
    FamilyLink,
    Joining,
    Note,
    PairState,
    PassedMessage,
    Person,
    Report,
    SightingMatch,
    Subscription,
)
from missing_persons.pairs import open_pairs
from missing_persons.person_list_page import BADGES, age_of
from missing_persons.photo_forms import show_photos
from missing_persons.policies import is_protection_officer, sits_at_desk
from missing_persons.reading import persons_read

SHOWN = 100


@require_GET
@login_required
def person_page(request: HttpRequest, code: str) -> HttpResponse:
    """One person. The code of somebody who was joined to another leads there."""
    try:
        record = found_person(request, code)
    except Http404:
        return _own_reports_only(request, code)
    if record.joined_into_id is not None or record.code != code:
        return redirect(record.current)
    whose = standing(request)
    context = page_context(record, whose)
    persons_read(
        by=actor_of(request),
        operation=whose.operation,
        what=_("Page of a person"),
        records=[record, *context["reports"]],
    )
    return render(request, "missing_persons/person.html", context)


def _own_reports_only(request: HttpRequest, code: str) -> HttpResponse:
    """For those whose report was joined with others': their own reports, and what the public may know. 404 when there is none."""
    canonical = code_in_address(code, Person.CODE_LETTER)
    whose = standing(request)
    rows = Report.objects.filter(tombstoned_at=None).filter(Q(person__code=canonical) | Q(made_person__code=canonical))
    rows = rows.select_related("person", "made_person", "organisation", "home_area", "last_seen_area", "entered_by")
    reports = list(visible(rows, whose).prefetch_related("names").order_by("occurred_at", "pk")[:SHOWN])
    if not reports:
        raise Http404
    show_photos(reports, whose)
    for report in reports:
        report.may_change = may(whose, Action.CHANGE, report)  # type: ignore[attr-defined]
    persons_read(by=actor_of(request), operation=whose.operation, what=_("Own reports of a person"), records=reports)
    return render(
        request,
        "missing_persons/own_reports.html",
        {"reports": reports, "person": reports[0].person, "is_limited": True},
    )


def page_context(record: Person, whose: Standing) -> dict[str, Any]:
    """What the page shows to this standing."""
    reports = Report.objects.filter(person=record).select_related(
        "organisation", "made_person", "home_area", "last_seen_area", "entered_by", "verified_by", "moderated_by"
    )
    reports = reports.defer("home_area__geometry", "last_seen_area__geometry").prefetch_related("names")
    seen = list(visible(reports, whose).order_by("occurred_at", "pk")[:SHOWN])
    notes = Note.objects.filter(person=record).select_related("organisation", "entered_by", "verified_by", "report")
    is_desk = sits_at_desk(whose)
    for report in seen:
        report.may_change = may(whose, Action.CHANGE, report)  # type: ignore[attr-defined]
        report.may_approve = may(whose, Action.APPROVE, report)  # type: ignore[attr-defined]
        report.person = record
    own_notes = list(visible(notes, whose)[:SHOWN])
    for note in own_notes:
        note.may_approve = may(whose, Action.APPROVE, note)  # type: ignore[attr-defined]
    show_photos(seen, whose)
    return {
        "person": record,
        "badge": BADGES.get(record.status, ""),  # type: ignore[call-overload]
        "age": age_of(record),
        "source_anchor": record.status_source.replace(" ", "-") if " " in record.status_source else "",
        "reports": seen,
        "hidden_reports": Report.objects.filter(person=record).count() - len(seen) if not is_desk else 0,
        "notes": own_notes,
        "family": _family(record, whose),
        "is_desk": is_desk,
        "is_officer": is_protection_officer(whose),
        "may_split": is_desk and len(seen) > 1,
        "pairs": open_pairs(record.operation_id).filter(Q(first=record) | Q(second=record)) if is_desk else [],
        "joinings": list(_joinings(record, whose)),
        "seekers": visible(Subscription.objects.filter(person=record, ended_at=None), whose).exclude(confirmed_at=None),
        "messages_passed": visible(PassedMessage.objects.filter(person=record).select_related("seeker"), whose),
        "disputes": visible(Dispute.objects.filter(person=record), whose),
        "sightings": still_told(
            visible(SightingMatch.objects.filter(person=record, state=PairState.OPEN).select_related("site"), whose),
            whose.operation,
        ),
        "is_found": record.status in ("alive", "safe"),
        "now": timezone.now(),
    }  # fmt: skip


def _family(record: Person, whose: Standing) -> list[tuple[Person, str]]:
    """Relatives the viewer may see, and what they are to each other."""
    links = FamilyLink.objects.filter(person=record) | FamilyLink.objects.filter(relative=record)
    rows = visible(links.select_related("person", "relative"), whose)
    return [
        (link.relative if link.person_id == record.pk else link.person, str(link.get_kind_display())) for link in rows
    ]


def _joinings(record: Person, whose: Standing) -> Any:
    rows = Joining.objects.filter(source=record) | Joining.objects.filter(target=record)
    return visible(rows.select_related("source", "target", "done_by", "undone_by"), whose)[:SHOWN]
