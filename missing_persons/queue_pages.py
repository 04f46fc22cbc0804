"""What waits for a registrar: reports and notes not looked at, and objections by the public."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from komek.accounts.authority import Action, NotAllowed, Standing, may, require, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView
from missing_persons.disputing import decide_dispute
from missing_persons.heard import decide_sighting
from missing_persons.models import Dispute, DisputeState, Moderation, Note, Report, SightingMatch, SuggestedPair
from missing_persons.pairs import reopen_pair
from missing_persons.photo_forms import show_photos
from missing_persons.publishing import keep_from_public, publish
from missing_persons.reading import persons_read

SHOWN = 30


def waiting(whose: Standing, model: Any) -> QuerySet[Any]:
    """Reports or notes that wait to be looked at, as far as the viewer may see them, the oldest first."""
    rows = visible(model.objects.filter(tombstoned_at=None), whose)
    rows = rows.filter(moderation__in=(Moderation.WAITING, Moderation.HELD))
    if model is Note:
        # A note that says nothing about the status and was entered by registrars needs no look.
        rows = rows.filter(Q(moderation=Moderation.HELD) | Q(entered_by=None))
    return rows.order_by("entered_at", "pk")


@require_http_methods(["GET", "POST"])
@login_required
def waiting_page(request: HttpRequest) -> HttpResponse:
    """The oldest that wait, each with its answer; ``?held=1`` only what a protection officer decides."""
    whose = standing(request)
    require(whose, Action.VIEW, Report)
    if request.method == "POST":
        _answer(request, whose)
        return redirect(request.get_full_path())
    reports = waiting(whose, Report).select_related(
        "person", "made_person", "organisation", "home_area", "last_seen_area"
    )
    notes = waiting(whose, Note).select_related("person", "organisation")
    if request.GET.get("held"):
        reports, notes = reports.filter(moderation=Moderation.HELD), notes.filter(moderation=Moderation.HELD)
    shown = list(reports.prefetch_related("names")[:SHOWN])
    shown_notes = list(notes[:SHOWN])
    show_photos(shown, whose)
    for record in (*shown, *shown_notes):
        record.may_approve = may(whose, Action.APPROVE, record)
        record.may_change = False
    persons_read(
        by=actor_of(request),
        operation=whose.operation,
        what=_("Reports to be looked at"),
        records=[*shown, *shown_notes],
    )
    context = {
        "reports": shown, "notes": shown_notes, "total": reports.count() + notes.count(),
        "is_held": bool(request.GET.get("held")),
    }  # fmt: skip
    return render(request, "missing_persons/waiting.html", context)


def _answer(request: HttpRequest, whose: Standing) -> None:
    kind, _dash, key = request.POST.get("record", "").partition("-")
    model: Any = {"report": Report, "note": Note}.get(kind)
    if model is None or not key.isdigit():
        raise Http404
    record = get_object_or_404(visible(model.objects.all(), whose), pk=int(key))
    act: Any = publish if request.POST.get("answer") == "publish" else keep_from_public
    try:
        act(
            by=actor_of(request), operation=record.operation, record=record, reason=request.POST.get("reason", "")[:300]
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Published.") if act is publish else _("Kept from the public."))


@require_POST
@login_required
def pair_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the answer “two people”."""
    pair = get_object_or_404(visible(SuggestedPair.objects.all(), standing(request)), pk=pk)
    try:
        reopen_pair(by=actor_of(request), operation=pair.operation, pair=pair)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("missing_persons:pair", pk)


@require_POST
@login_required
def sighting_answered(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether somebody registered elsewhere is this person."""
    rows = visible(SightingMatch.objects.select_related("person"), standing(request))
    match = get_object_or_404(rows, pk=pk)
    is_same = request.POST.get("answer") == "same"
    try:
        decide_sighting(
            by=actor_of(request), operation=match.operation, match=match, is_same=is_same,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        said = (
            _("Noted: found alive. Where they are is seen by registrars only.") if is_same else _("Noted: two people.")
        )
        messages.success(request, said)
    return redirect(match.person)


@require_GET
@login_required
def disputes(request: HttpRequest) -> HttpResponse:
    """Objections that wait for a decision, danger first; below them the latest decided ones."""
    whose = standing(request)
    require(whose, Action.VIEW, Dispute)
    rows = visible(Dispute.objects.select_related("person", "decided_by"), whose)
    found = list(rows.filter(state=DisputeState.OPEN).order_by("entered_at", "pk")[: SHOWN * 3])
    persons_read(
        by=actor_of(request), operation=whose.operation, what=_("Objections"), records=[one.person for one in found]
    )
    context = {
        "open": sorted(found, key=lambda one: one.kind != "danger"),
        "decided": rows.exclude(state=DisputeState.OPEN).order_by("-decided_at")[:SHOWN],
    }
    return render(request, "missing_persons/disputes.html", context)


class DecisionForm(RecordForm):
    is_upheld = forms.TypedChoiceField(
        label=gettext_lazy("Decision"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=(("yes", gettext_lazy("granted")), ("no", gettext_lazy("refused"))),
    )  # fmt: skip
    decision = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Whoever objected may be told."),
    )  # fmt: skip


class DisputeDecided(RecordFormView):
    model = Dispute
    form_class = DecisionForm
    template_name = "missing_persons/dispute.html"
    saved_message = gettext_lazy("Decided.")

    def record(self) -> Dispute:
        rows = visible(Dispute.objects.select_related("person"), standing(self.request))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def initial(self) -> dict[str, Any]:
        return {"is_upheld": "", "decision": ""}

    def heading(self) -> Any:
        return _("Objection: %(person)s") % {"person": self.kept.person}

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        decide_dispute(by=by, operation=self.kept.operation, dispute=self.kept, **form.cleaned_data)
        return self.kept.person
