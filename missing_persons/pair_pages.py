"""Possibly one person: the evidence field by field, and an answer by one key. Quick enough for hundreds in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from komek.accounts.authority import Action, NotAllowed, may, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing
from missing_persons.models import Joining, PairState, Person, Report, SuggestedPair
from missing_persons.names.evidence import compare_places
from missing_persons.pairs import decide_pair, open_pairs
from missing_persons.person_list_page import age_of
from missing_persons.reading import persons_read
from missing_persons.searching import places_of

FIELDS = {
    "name": gettext_lazy("Name"), "sex": gettext_lazy("Sex"), "born": gettext_lazy("Born"), "home": gettext_lazy("Home"),
    "last_seen": gettext_lazy("Last seen or found"), "place": gettext_lazy("Place"),
}  # fmt: skip
VERDICTS = {
    "equal": (gettext_lazy("equal"), "badge-ok"), "compatible": (gettext_lazy("compatible"), ""),
    "different": (gettext_lazy("different"), "badge-danger"), "blank": (gettext_lazy("not known"), ""),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of the comparison. key: the verdict; label, badge: how it is shown."""

    title: Any
    first: str
    second: str
    key: str = ""
    label: Any = ""
    badge: str = ""


@require_GET
@login_required
def pairs(request: HttpRequest) -> HttpResponse:
    """The likeliest pair that waits for an answer; ``?after=`` the next one below it."""
    whose = standing(request)
    require(whose, Action.VIEW, SuggestedPair)
    waiting = visible(open_pairs(whose.operation), whose).order_by("-score", "pk")
    after = request.GET.get("after", "")
    found = _below(waiting, int(after)) if after.isdigit() else waiting.first()
    if found is None:
        return render(request, "missing_persons/pairs_done.html", {"waiting": waiting.count()})
    return redirect("missing_persons:pair", found.pk)


def _below(waiting: Any, pk: int) -> SuggestedPair | None:
    """The next pair in the order of the queue."""
    seen = SuggestedPair.objects.filter(pk=pk).first()
    if seen is None:
        return waiting.first()  # type: ignore[no-any-return]
    rest = waiting.filter(Q(score__lt=seen.score) | Q(score=seen.score, pk__gt=seen.pk))
    return rest.exclude(pk=pk).first()  # type: ignore[no-any-return]


@require_http_methods(["GET", "POST"])
@login_required
def pair_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One pair. An answer leads to the next one; a join can be undone from the sentence that tells of it."""
    whose = standing(request)
    rows = SuggestedPair.objects.select_related(
        "first__home_area", "first__last_seen_area", "second__home_area", "second__last_seen_area", "decided_by"
    )
    pair = get_object_or_404(visible(rows, whose), pk=pk)
    if request.method == "POST":
        return _answered(request, pair)
    people = (pair.first, pair.second)
    reports: Any = Report.objects.filter(person__in=people, tombstoned_at=None).select_related("organisation")
    reports = list(reports.prefetch_related("names").order_by("occurred_at", "pk"))
    persons_read(by=actor_of(request), operation=whose.operation, what=_("Two entries compared"), records=people)
    waiting = visible(open_pairs(whose.operation), whose)
    return render(
        request,
        "missing_persons/pair.html",
        {
            "pair": pair,
            "people": [(person, [one for one in reports if one.person_id == person.pk]) for person in people],
            "rows": rows_of(pair, reports),
            "share": round(pair.score * 100),
            "is_open": pair.state == PairState.OPEN,
            "waiting": waiting.count(),
            "may_answer": may(whose, Action.CHANGE, pair),
        },
    )


def _answered(request: HttpRequest, pair: SuggestedPair) -> HttpResponse:
    answer = request.POST.get("answer", "")
    next_one = f"{reverse('missing_persons:pairs')}?after={pair.pk}"
    if answer not in ("same", "apart"):
        return redirect(next_one)
    kept = request.POST.get("keep", "")
    keep = next((one for one in (pair.first, pair.second) if str(one.pk) == kept), None)
    try:
        decide_pair(
            by=actor_of(request), operation=pair.operation, pair=pair, is_same=answer == "same", keep=keep,
            reason=request.POST.get("reason", "")[:300],
        )  # fmt: skip
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("missing_persons:pair", pair.pk)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("missing_persons:pair", pair.pk)
    if answer == "same":
        joining = Joining.objects.filter(pair=pair, undone_at=None).select_related("target").order_by("-pk").first()
        assert joining is not None
        undo = reverse("missing_persons:step", args=[joining.target.code, "undo", joining.pk])
        said = format_html(
            '{} <a href="{}">{}</a>', _("Joined: %(code)s.") % {"code": joining.target.code}, undo, _("Undo")
        )
    else:
        said = format_html(
            '{} <a href="{}">{}</a>',
            _("Noted: two people."),
            reverse("missing_persons:pair", args=[pair.pk]),
            _("Look again"),
        )
    messages.success(request, said)
    return redirect(next_one)


def rows_of(pair: SuggestedPair, reports: list[Report]) -> list[Row]:
    """The evidence with its verdicts, then what the reports say beside it."""
    verdicts = {one.get("field"): one for one in pair.evidence if isinstance(one, dict)}
    found = []
    for field, title in FIELDS.items():
        first, second = (_said(field, person, reports) for person in (pair.first, pair.second))
        if field not in verdicts and not (first or second):
            continue
        key = str(verdicts.get(field, {}).get("verdict", ""))
        if key in ("", "blank") and first and second and field in places_of(pair.first):
            # One of the two was told only after they had been compared.
            key = str(compare_places(field, places_of(pair.first)[field], places_of(pair.second)[field]).verdict)
        label, badge = VERDICTS.get(key, ("", ""))
        found.append(Row(title, first, second, key, label, badge))
    for name in ("height_cm", "build", "hair", "eyes", "scars", "tattoos", "clothing", "circumstances", "description"):
        first, second = (_told(name, person, reports) for person in (pair.first, pair.second))
        if first or second:
            label = str(Report._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            found.append(Row(label[:1].upper() + label[1:], first, second))
    return found


def _said(field: str, person: Person, reports: list[Report]) -> str:
    if field == "name":
        own = [str(name) for one in reports if one.person_id == person.pk for name in one.names.all()]
        return " / ".join(dict.fromkeys(own))
    if field == "sex":
        return "" if person.sex == "unknown" else str(person.get_sex_display())
    if field == "born":
        exact = person.born_from is not None and person.born_from == person.born_to
        return (
            str(person.born_from) if exact else (_("age %(age)s") % {"age": age_of(person)} if age_of(person) else "")
        )
    if field == "place":
        return ""
    text, area = getattr(person, f"{field}_text"), getattr(person, f"{field}_area")
    return ", ".join(filter(None, (text, str(area or ""))))


def _told(name: str, person: Person, reports: list[Report]) -> str:
    own = [str(getattr(one, name)) for one in reports if one.person_id == person.pk and getattr(one, name)]
    return " / ".join(dict.fromkeys(own))
