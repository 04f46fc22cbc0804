"""Pages about entries that may be the same: pairs to compare, the merge of two, and its undoing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, require
from komek.records.middleware import actor_of
from komek.web.context import standing, viewer_of
from komek.web.fields import LookupField
from orgs.duplicates import not_the_same, reason_sentences, waiting_pairs
from orgs.merging import CHOOSABLE, merge_organisations, undo_merge, what_would_move
from orgs.models import Organisation, OrganisationMerge
from orgs.organisation_pages import found_organisation, sentences_of

PAIRS_PER_PAGE = 20


class OtherForm(forms.Form):
    """Which entry to merge into this one."""

    other = LookupField(label=gettext_lazy("The other entry"), key="orgs.organisation", model=Organisation)

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].set_viewer(viewer)  # type: ignore[attr-defined]


@require_GET
@login_required
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that look alike, likeliest first, both side by side."""
    whose = standing(request)
    require(whose, Action.APPROVE, Organisation)
    page = Paginator(waiting_pairs(whose), PAIRS_PER_PAGE).get_page(request.GET.get("page"))
    counted = _counts([pk for pair in page.object_list for pk in (pair.first_id, pair.second_id)])
    pairs = [
        {
            "score": round(100 * pair.score),
            "reasons": reason_sentences(pair.reasons),
            "sides": [(side, counted.get(side.pk)) for side in (pair.first, pair.second)],
            "first": pair.first,
            "second": pair.second,
        }
        for pair in page.object_list
    ]
    return render(request, "orgs/duplicates.html", {"page": page, "pairs": pairs})


def _counts(pks: list[int]) -> dict[int, Organisation]:
    """Each with how many sites, activities and members hang on it, and its other names."""
    rows = Organisation.objects.filter(pk__in=pks).prefetch_related("other_names", "sectors")
    rows = rows.annotate(
        sites_n=Count("sites", distinct=True),
        activities_n=Count("activities", distinct=True),
        members_n=Count("memberships", distinct=True, filter=Q(memberships__approval="approved")),
    )
    return {row.pk: row for row in rows}


@require_POST
@login_required
def different(request: HttpRequest) -> HttpResponse:
    """Remember that two entries are not the same."""
    one = found_organisation(request, request.POST.get("one", ""))
    other = found_organisation(request, request.POST.get("other", ""))
    try:
        not_the_same(by=actor_of(request), operation=request.operation or None, one=one, other=other)  # type: ignore[attr-defined]
        messages.success(request, _("Noted. This pair will not be shown again."))
    except ValidationError as refusal:
        messages.error(request, sentences_of(refusal))
    return redirect("orgs:duplicates")


@login_required
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Compare two entries field by field, choose what to keep, and merge. Without ``with`` it asks for the other one."""
    kept = found_organisation(request, code)
    require(standing(request), Action.APPROVE, kept)
    if kept.merged_into_id is not None:
        return redirect(kept)
    asked = request.POST.get("with") or request.GET.get("with")
    if not asked:
        return _choose_other(request, kept)
    duplicate = found_organisation(request, asked)
    faults: list[str] = []
    if request.method == "POST":
        choices = {name: request.POST[f"choice-{name}"] for name in CHOOSABLE if f"choice-{name}" in request.POST}
        try:
            merge_organisations(
                by=actor_of(request),
                operation=request.operation or None,  # type: ignore[attr-defined]
                kept=kept,
                duplicate=duplicate,
                choices=choices,
                reason=request.POST.get("reason", "").strip(),
            )
        except ValidationError as refusal:
            faults = refusal.messages
        else:
            messages.success(
                request,
                _("Merged. %(code)s leads here from now on. The merge can be undone on this page.")
                % {"code": duplicate.code},
            )
            return redirect(kept)
    context = {
        "kept": kept,
        "duplicate": duplicate,
        "rows": _differing(kept, duplicate, request.POST),
        "moves": what_would_move(duplicate),
        "faults": faults,
        "reason": request.POST.get("reason", ""),
        "swap": f"{reverse('orgs:organisation_merge', args=[duplicate.code])}?with={kept.code}",
    }
    return render(request, "orgs/merge.html", context, status=422 if faults else 200)


def _choose_other(request: HttpRequest, kept: Organisation) -> HttpResponse:
    form = OtherForm(request.GET if "other_text" in request.GET else None, viewer=viewer_of(request))
    if form.is_bound and form.is_valid():
        other = form.cleaned_data["other"]
        return HttpResponseRedirect(f"{request.path}?with={other.code}")
    return render(request, "orgs/merge_choose.html", {"kept": kept, "form": form})


def _differing(kept: Organisation, duplicate: Organisation, chosen: Any) -> list[dict[str, Any]]:
    """Fields in which the two differ, with what a merge would keep unless told otherwise."""
    rows = []
    for name in CHOOSABLE:
        mine, yours = getattr(kept, name), getattr(duplicate, name)
        if mine == yours or (not mine and not yours):
            continue
        choice = chosen.get(f"choice-{name}") or ("kept" if mine or name.startswith("is_") else "duplicate")
        field = Organisation._meta.get_field(name)
        rows.append(
            {
                "name": name,
                "label": field.verbose_name,
                "mine": _shown(kept, name),
                "yours": _shown(duplicate, name),
                "choice": choice,
            }
        )
    return rows


def _shown(organisation: Organisation, name: str) -> Any:
    display = getattr(organisation, f"get_{name}_display", None)
    value = display() if display else getattr(organisation, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "logo":
        return _("a picture") if value else "–"
    return value or "–"


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a merge."""
    record = get_object_or_404(OrganisationMerge.objects.select_related("kept", "duplicate"), pk=pk)
    kept = found_organisation(request, record.kept.code)
    if kept is None:
        raise Http404
    try:
        undo_merge(
            by=actor_of(request),
            operation=request.operation or None,  # type: ignore[attr-defined]
            merge=record,
            reason=request.POST.get("reason", "").strip(),
        )
        messages.success(request, _("The merge is undone; both entries are as they were."))
    except ValidationError as refusal:
        messages.error(request, sentences_of(refusal))
        return redirect(kept)
    return redirect(record.duplicate)
