"""Pages of the health watch: a site's cases and the form for a day; all alerts; the thresholds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from camps.finding import found_camp
from camps.health_charts import spark
from camps.health_forms import DayForm, SyndromeForm, asked_day, seen_of
from camps.health_standing import last_reported, standing_alerts
from camps.health_thresholds import add_syndrome, change_syndrome
from camps.health_watch import record_counts
from camps.models import Camp, Syndrome, SyndromeCount
from camps.tabs import page_context
from komek.accounts.authority import Action, may, require, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView
from orgs.models import Opening

WEEKS = 6
CHART_DAYS = 42
HEARD_WITHIN_DAYS = 7


@require_http_methods(["GET", "POST"])
@login_required
def health(request: HttpRequest, code: str) -> HttpResponse:
    """A site: its alerts, the last weeks by syndrome, and the form for a day."""
    camp = found_camp(request, code)
    if camp.code != code:
        return redirect("camps:health", camp.code)
    whose = standing(request)
    require(whose, Action.VIEW, SyndromeCount)
    draft = SyndromeCount(camp=camp, operation_id=camp.operation_id)
    may_report = may(whose, Action.ADD, draft)
    if request.method == "POST":
        require(whose, Action.ADD, draft)
    today = timezone.localdate()
    day = asked_day(request.POST.get("day", "") or request.GET.get("day", ""), today)
    syndromes = list(Syndrome.objects.filter(is_active=True))
    known = {row.syndrome_id: row for row in SyndromeCount.objects.filter(camp=camp, day=day).order_by("pk")}
    initial = {"day": day, "seen": seen_of(known.values())}
    form = DayForm(request.POST or None, syndromes=syndromes, known=known, initial=initial)
    if request.method == "POST" and form.is_valid() and _save_day(request, camp, form, known):
        return redirect(f"{reverse('camps:health', args=[camp.code])}?day={day.isoformat()}#weeks")
    context = {
        **page_context(camp, whose, "health"),
        "form": form,
        "day": day,
        "today": today,
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1) if day < today else None,
        "is_known": bool(known),
        "may_report": may_report,
        "alerts": standing_alerts(Camp.objects.filter(pk=camp.pk), today=today),
        **_weeks(camp, syndromes, today),
    }
    return render(request, "camps/health.html", context, status=422 if form.errors else 200)


def _save_day(request: HttpRequest, camp: Camp, form: DayForm, known: dict[int, SyndromeCount]) -> bool:
    """Record what was typed; on a refusal the form says why and keeps it all."""
    now_seen = seen_of(known.values())
    if form.cleaned_data["seen"] != now_seen:
        form.data = form.data.copy()
        form.data["seen"] = now_seen
        form.add_error(None, _changed_meanwhile(known))
        return False
    try:
        kept = record_counts(
            by=actor_of(request),
            operation=request.operation or None,  # type: ignore[attr-defined]
            camp=camp,
            day=form.cleaned_data["day"],
            counts=form.counts(empty_is_zero="zero" in request.POST, known=known),
            confirmed=form.cleaned_data["confirmed"],
            reported_by=form.cleaned_data["reported_by"],
        )
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    messages.success(
        request,
        ngettext(
            "Kept: %(n)d syndrome for %(day)s. Thank you.", "Kept: %(n)d syndromes for %(day)s. Thank you.", len(kept)
        )
        % {"n": len(kept), "day": formats.date_format(form.cleaned_data["day"], "SHORT_DATE_FORMAT")},
    )
    return True


def _changed_meanwhile(known: dict[int, SyndromeCount]) -> str:
    names = dict(Syndrome.objects.in_bulk(list(known)).items())
    theirs = "; ".join(
        f"{names[pk]}: {row.under_five} + {row.five_and_over}, {row.deaths}" for pk, row in known.items()
    )
    return _(
        "Somebody else entered this day while you were typing. Their figures (under 5 + over, deaths): %(theirs)s. "
        "Look at them, correct yours if needed, and save again to keep yours."
    ) % {"theirs": theirs or _("none")}


def _weeks(camp: Camp, syndromes: list[Syndrome], today: date) -> dict[str, Any]:
    """Cases by syndrome in the last weeks of seven days each, newest first, with a small chart of the days."""
    first = today - timedelta(days=CHART_DAYS - 1)
    counts: dict[int, dict[date, SyndromeCount]] = {}
    for row in SyndromeCount.objects.filter(camp=camp, day__gte=first, day__lte=today):
        counts.setdefault(row.syndrome_id, {})[row.day] = row
    spans = [(today - timedelta(days=7 * week + 6), today - timedelta(days=7 * week)) for week in range(WEEKS)]
    rows = []
    for syndrome in syndromes:
        days = counts.get(syndrome.pk, {})
        weeks = []
        for starts, ends in spans:
            inside = [row for day, row in days.items() if starts <= day <= ends]
            weeks.append(
                {
                    "reported": len(inside),
                    "cases": sum(row.cases for row in inside),
                    "deaths": sum(row.deaths for row in inside),
                }
            )
        chart = spark({day: row.cases for day, row in days.items()}, first=first, days=CHART_DAYS)
        rows.append({"syndrome": syndrome, "weeks": weeks, "chart": chart})
    return {"spans": spans, "rows": rows, "has_counts": bool(counts)}


@require_GET
@login_required
def alerts(request: HttpRequest) -> HttpResponse:
    """Every alert that stands now, most urgent first, and who has not been heard from."""
    whose = standing(request)
    require(whose, Action.VIEW, SyndromeCount)
    camps = visible(Camp.objects.exclude(opening=Opening.CLOSED), whose)
    today = timezone.localdate()
    found = standing_alerts(camps, today=today)
    wanted = request.GET.get("syndrome", "")
    reporting = last_reported(camps)
    recent = sum(day > today - timedelta(days=HEARD_WITHIN_DAYS) for day in reporting.values())
    context = {
        "alerts": [one for one in found if wanted in ("", one.syndrome.key)],
        "syndromes": Syndrome.objects.filter(is_active=True),
        "wanted": wanted,
        "sites": camps.count(),
        "recent": recent,
        "heard_within": HEARD_WITHIN_DAYS,
        "may_change": may(whose, Action.CHANGE, Syndrome),
    }
    return render(request, "camps/health_alerts.html", context)


@require_GET
@login_required
def thresholds(request: HttpRequest) -> HttpResponse:
    """What is watched, by which definition, and from how many cases it is an alert."""
    whose = standing(request)
    require(whose, Action.VIEW, SyndromeCount)
    context = {"syndromes": Syndrome.objects.all(), "may_change": may(whose, Action.CHANGE, Syndrome)}
    return render(request, "camps/health_thresholds.html", context)


class SyndromeChange(RecordFormView):
    """Set the thresholds of a syndrome."""

    model = Syndrome
    form_class = SyndromeForm
    template_name = "camps/syndrome_form.html"

    def record(self) -> Syndrome:
        return get_object_or_404(Syndrome, key=self.kwargs["key"])

    def initial(self) -> dict[str, Any]:
        assert self.kept is not None
        return {"name": str(self.kept), "definition": self.kept.definition_here}

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Syndrome:
        return change_syndrome(
            by=by,
            operation=self.request.operation or None,  # type: ignore[attr-defined]
            syndrome=self.kept,  # type: ignore[arg-type]
            language=get_language() or "en",
            **form.cleaned_data,
        )


class SyndromeAdd(RecordFormView):
    """Watch something more."""

    model = Syndrome
    form_class = SyndromeForm
    template_name = "camps/syndrome_form.html"
    title = gettext_lazy("Watch something more")

    def save_record(self, form: RecordForm, by: Actor) -> Syndrome:
        return add_syndrome(by=by, operation=self.request.operation or None, **form.cleaned_data)  # type: ignore[attr-defined]
