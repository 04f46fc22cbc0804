"""Pages about a site's services: every indicator, the past of one, the figures of a visit, asking for what is missing."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from camps.asking import ask_for_gap, who_takes_requests
from camps.assessing import SiteIndicator, indicators_of, worse_first
from camps.finding import found_camp
from camps.measuring import record_visit, withdraw_measurement
from camps.models import Camp, Headcount, Measurement, Standard
from camps.overview import accepted_headcounts
from camps.refusals import Refused
from camps.standard_forms import AskForm, VisitForm
from camps.standard_rows import chart_of, figures_of, grouped, past_of, row_of
from camps.tabs import page_context
from komek.accounts.authority import Action, may, require
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing, viewer_of
from komek.web.records import RecordForm, RecordFormView

SHOWN = 400  # a year of daily figures


@require_GET
@login_required
def standards(request: HttpRequest, code: str) -> HttpResponse:
    """Every indicator of a site: value, standard, gap, and whose figure how old it is."""
    record = found_camp(request, code)
    if record.code != code:
        return redirect("camps:standards", record.code)
    whose = standing(request)
    rows = [row_of(found) for found in indicators_of([record])[record.pk]]
    headcount = next((row.found.headcount for row in rows), None)
    return render(
        request,
        "camps/standards.html",
        {
            **page_context(record, whose, "standards"),
            "groups": grouped(rows),
            "gaps": sorted((row for row in rows if row.has_gap), key=lambda row: worse_first(row.found)),
            "headcount": headcount,
            "may_measure": may(whose, Action.ADD, Measurement(camp=record, operation_id=record.operation_id)),
            "may_count": may(whose, Action.ADD, Headcount(camp=record, operation_id=record.operation_id)),
            "takes_requests": who_takes_requests(viewer_of(request), record),
        },
    )


@require_GET
@login_required
def standard_history(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """One indicator of a site over time: chart and table."""
    record = found_camp(request, code)
    whose = standing(request)
    found = _found(record, key)
    measurements = list(
        record.measurements.filter(standard=found.standard)
        .select_related("entered_by", "camp")
        .order_by("-occurred_at", "-pk")[:SHOWN]
    )
    headcounts = list(
        accepted_headcounts().filter(camp=record).order_by("occurred_at", "pk").only("occurred_at", "people")
    )
    return render(
        request,
        "camps/standard_history.html",
        {
            **page_context(record, whose, "standards"),
            "row": row_of(found),
            "standard": found.standard,
            "figures": figures_of(found.standard),
            "past": past_of(found, measurements, headcounts),
            "chart": chart_of(found, measurements, headcounts),
            "may_measure": may(whose, Action.ADD, Measurement(camp=record, operation_id=record.operation_id)),
            "shown": SHOWN,
        },
    )


class Visit(RecordFormView):
    """Write down what was measured on one visit."""

    model = Measurement
    form_class = VisitForm
    template_name = "camps/visit.html"
    saved_message = gettext_lazy("The figures are saved. Thank you.")

    def heading(self) -> Any:
        return _("Services measured at %(camp)s") % {"camp": self.camp}

    @property
    def camp(self) -> Camp:
        if not hasattr(self, "_camp"):
            self._camp = found_camp(self.request, self.kwargs["code"])
        return self._camp

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            require(standing(request), Action.ADD, Measurement(camp=self.camp, operation_id=self.camp.operation_id))
        return super().dispatch(request, *args, **kwargs)

    def initial(self) -> dict[str, Any]:
        return {"entry_id": uuid.uuid4(), "occurred_at": timezone.localtime().replace(second=0, microsecond=0)}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        last = {one.standard.key: row_of(one) for one in indicators_of([self.camp])[self.camp.pk] if one.measurement}
        assert isinstance(form, VisitForm)
        groups = [
            (sector, [(bound, last.get(bound.name.removeprefix("value_"))) for bound in fields])
            for sector, fields in form.groups
        ]
        return {"camp": self.camp, "groups": groups}

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        assert isinstance(form, VisitForm)
        record_visit(
            by=by, operation=self.request.operation or None, camp=self.camp, values=form.values(), **form.about()  # type: ignore[attr-defined]
        )  # fmt: skip
        return _On(reverse("camps:standards", args=[self.camp.code]))


class _On:
    """Where a form leads once it is saved."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get_absolute_url(self) -> str:
        return self.url


@require_POST
@login_required
def standard_ask(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Turn a gap into a request for goods."""
    record = found_camp(request, code)
    found = _found(record, key)
    form = AskForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
        address = ask_for_gap(by=actor_of(request), viewer=viewer_of(request), gap=found, **form.cleaned_data)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return HttpResponseRedirect(reverse("camps:standards", args=[record.code]))
    messages.success(request, _("The request is written. Look it over and add what is special here."))
    return HttpResponseRedirect(address)


@require_POST
@login_required
def measurement_withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a wrong figure out of use, with the reason."""
    record = found_camp(request, code)
    one = get_object_or_404(Measurement.objects.select_related("camp", "standard"), pk=pk, camp=record)
    try:
        withdraw_measurement(
            by=actor_of(request), operation=request.operation or None, measurement=one,  # type: ignore[attr-defined]
            reason=request.POST.get("reason", "")[:300],
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Withdrawn. It stays in the list but does not count."))
    return HttpResponseRedirect(reverse("camps:standard_history", args=[record.code, one.standard.key]))


def _found(camp: Camp, key: str) -> SiteIndicator:
    """The indicator with this key, also when the standard is out of use: its past stays to be seen."""
    standard = Standard.objects.select_related("sector", "item__unit", "part_of").filter(key=key).first()
    if standard is None:
        raise Http404
    return indicators_of([camp], standards=[standard])[camp.pk][0]
