"""Pages about headcounts: a site's history with its chart, reporting, correcting, confirming."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from camps.charts import line_chart
from camps.finding import found_camp
from camps.headcounts import correct_headcount, decide_headcount, report_headcount
from camps.models import NEEDS, Camp, Headcount, HeadcountStanding, Method, breakdown_fields
from camps.refusals import NeedsConfirmation, Refused
from camps.tabs import page_context
from komek.accounts.authority import Action, may
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.lists import as_text
from komek.web.records import RecordForm, RecordFormView

SHOWN = 400  # a year of daily reports
BADGES = {
    HeadcountStanding.QUESTIONED: "badge-warn",
    HeadcountStanding.WITHDRAWN: "badge",
    HeadcountStanding.REPLACED: "badge",
}


@require_GET
@login_required
def headcounts(request: HttpRequest, code: str) -> HttpResponse:
    """Every headcount of a site, newest first, and how they ran."""
    record = found_camp(request, code)
    whose = standing(request)
    rows = list(record.headcounts.select_related("entered_by").order_by("-occurred_at", "-pk")[:SHOWN])
    drawn = [
        row for row in reversed(rows) if row.standing in (HeadcountStanding.ACCEPTED, HeadcountStanding.QUESTIONED)
    ]
    chart = line_chart(
        [
            (
                row.occurred_at,
                row.people,
                f"{_day(row.occurred_at)}: {as_text(row.people)}",
                row.standing == HeadcountStanding.QUESTIONED,
            )
            for row in drawn
        ],
        day_label=_day,
        number_label=as_text,
        level=record.capacity or None,
    )
    latest = next((row for row in rows if row.standing == HeadcountStanding.ACCEPTED), None)
    return render(
        request,
        "camps/headcounts.html",
        {
            **page_context(record, whose, "headcounts"),
            "rows": rows,
            "chart": chart,
            "latest": latest,
            "breakdown": breakdown_of(latest) if latest else [],
            "needs": needs_of(latest) if latest else [],
            "may_report": may(whose, Action.ADD, Headcount(camp=record, operation_id=record.operation_id)),
            "shown": SHOWN,
        },
    )


def breakdown_of(count: Headcount) -> list[tuple[str, str, int | None, int | None]]:
    """(key, label, female, male) by age band, when any was told."""
    from camps.models import AGE_BANDS

    if all(getattr(count, name) is None for name in breakdown_fields()):
        return []
    return [
        (
            band,
            f"{low}–{high}" if high < 100 else f"{low}+",
            getattr(count, f"female_{band}"),
            getattr(count, f"male_{band}"),
        )
        for band, low, high in AGE_BANDS
    ]


def needs_of(count: Headcount) -> list[tuple[Any, int]]:
    """(label, number) of every need that was told."""
    return [
        (Headcount._meta.get_field(name).verbose_name, getattr(count, name))
        for name in NEEDS
        if getattr(count, name) is not None
    ]


class HeadcountForm(RecordForm):
    entry_id = forms.UUIDField(widget=forms.HiddenInput)
    people = forms.IntegerField(label=gettext_lazy("People"), min_value=0)
    households = forms.IntegerField(label=gettext_lazy("Households"), min_value=0, required=False)
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When it was counted"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
    )
    method = forms.ChoiceField(label=gettext_lazy("How it was counted"), choices=Method.choices, initial=Method.COUNT)
    female = forms.IntegerField(label=gettext_lazy("Female"), min_value=0, required=False)
    male = forms.IntegerField(label=gettext_lazy("Male"), min_value=0, required=False)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
    reported_by = forms.CharField(
        label=gettext_lazy("Reported by"), max_length=200, required=False,
        help_text=gettext_lazy("If it was not you: who told you."),
    )  # fmt: skip
    confirmed = forms.BooleanField(label=gettext_lazy("Yes, the number is right"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = False
        for name in (*breakdown_fields(), *NEEDS):
            label = str(Headcount._meta.get_field(name).verbose_name)
            self.fields[name] = forms.IntegerField(label=label[:1].upper() + label[1:], min_value=0, required=False)
            if self.record is not None:
                self.initial[name] = getattr(self.record, name)

    def add_refusal(self, refusal: Any) -> None:
        self.asks = isinstance(refusal, NeedsConfirmation)
        super().add_refusal(refusal)

    def group(self, names: tuple[str, ...]) -> list[Any]:
        return [self[name] for name in names]

    @property
    def main(self) -> list[Any]:
        return self.group(("version", "entry_id", "people", "households", "occurred_at", "method", "female", "male"))

    @property
    def ages(self) -> list[Any]:
        return self.group(breakdown_fields())

    @property
    def needs(self) -> list[Any]:
        return self.group(NEEDS)

    @property
    def last(self) -> list[Any]:
        return self.group(("source", "note", "reported_by"))

    def has_more(self) -> bool:
        """Whether anything stands, or is wrong, in the folded parts."""
        return any(bound.value() not in (None, "") or bound.errors for bound in (*self.ages, *self.needs))


class HeadcountAdd(RecordFormView):
    """Report how many people a site holds."""

    model = Headcount
    form_class = HeadcountForm
    template_name = "camps/headcount_form.html"
    saved_message = gettext_lazy("The headcount is saved. Thank you.")

    def heading(self) -> Any:
        return _("Headcount of %(camp)s") % {"camp": self.camp}

    @property
    def camp(self) -> Camp:
        if not hasattr(self, "_camp"):
            self._camp = found_camp(self.request, self.kwargs["code"])
        return self._camp

    def initial(self) -> dict[str, Any]:
        return {"entry_id": uuid.uuid4(), "occurred_at": timezone.localtime().replace(second=0, microsecond=0)}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        last = self.camp.headcounts.filter(standing=HeadcountStanding.ACCEPTED).first()
        return {"camp": self.camp, "last": last}

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        values = dict(form.cleaned_data)
        count = report_headcount(
            by=by, operation=self.request.operation or None, camp=self.camp, **values  # type: ignore[attr-defined]
        )  # fmt: skip
        return _On(reverse("camps:headcounts", args=[count.camp.code]))


class HeadcountCorrect(RecordFormView):
    """Correct a headcount: a new one takes its place, the old one stays."""

    model = Headcount
    form_class = HeadcountForm
    template_name = "camps/headcount_form.html"
    saved_message = gettext_lazy("The headcount is corrected. The earlier figure is kept below.")

    def record(self) -> Headcount:
        camp = found_camp(self.request, self.kwargs["code"])
        return get_object_or_404(Headcount.objects.select_related("camp"), pk=self.kwargs["pk"], camp=camp)

    def heading(self) -> Any:
        assert self.kept is not None
        return _("Correct the headcount of %(when)s") % {"when": _day(self.kept.occurred_at)}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        assert self.kept is not None
        return {"camp": self.kept.camp, "last": None}

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        values = {name: value for name, value in form.cleaned_data.items() if name != "entry_id"}
        count = correct_headcount(
            by=by, operation=self.request.operation or None, headcount=self.kept, **values  # type: ignore[attr-defined]
        )  # fmt: skip
        return _On(reverse("camps:headcounts", args=[count.camp.code]))


class _On:
    """Where a form leads once it is saved."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get_absolute_url(self) -> str:
        return self.url


@require_POST
@login_required
def decide(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Confirm a questioned headcount, or withdraw one with a reason."""
    camp = found_camp(request, code)
    count = get_object_or_404(Headcount.objects.select_related("camp"), pk=pk, camp=camp)
    accept = request.POST.get("answer") == "accept"
    try:
        decide_headcount(
            by=actor_of(request), operation=request.operation or None, headcount=count, accept=accept,  # type: ignore[attr-defined]
            reason=request.POST.get("reason", "")[:300],
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(
            request, _("Confirmed.") if accept else _("Withdrawn. It stays in the list but does not count.")
        )
    return HttpResponseRedirect(reverse("camps:headcounts", args=[camp.code]))


def _day(at: Any) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")
