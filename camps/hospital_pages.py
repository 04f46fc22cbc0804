"""Pages about a hospital: its state now, its beds, its reports, and the form for a new one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from camps.finding import found_camp
from camps.hospital_forms import HospitalReportForm, initial_of
from camps.hospital_services import in_order
from camps.hospitals import STATUSES, latest_report, latest_report_with_beds, report_hospital
from camps.models import Camp, CampType, HospitalReport, ServiceStatus
from camps.tabs import page_context
from komek.accounts.authority import Action, may, require, visible
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView

REPORTS_SHOWN = 20
# Colour and shape together, so that nobody needs to tell colours apart.
MARKS = {
    ServiceStatus.NORMAL: ("badge-ok", "●"),
    ServiceStatus.STRAINED: ("badge-warn", "▲"),
    ServiceStatus.CRITICAL: ("badge-danger", "◆"),
    ServiceStatus.NONE: ("badge-danger", "✕"),
    ServiceStatus.UNKNOWN: ("", "○"),
}


def status_badge(status: str) -> SafeString:
    """A status in words, with its colour and its shape."""
    state = ServiceStatus(status)
    shade, shape = MARKS[state]
    return format_html('<span class="badge {}"><span aria-hidden="true">{}</span> {}</span>', shade, shape, state.label)


@dataclass(frozen=True)
class BedRow:
    """Beds of a kind, or of all kinds together."""

    kind: Any
    total: int
    available: int

    @property
    def occupied(self) -> int:
        return self.total - self.available

    @property
    def occupied_percent(self) -> int | None:
        return round(100 * self.occupied / self.total) if self.total else None


def bed_table(report: HospitalReport | None) -> tuple[list[BedRow], BedRow | None]:
    """Rows by kind of bed and their sum; nothing when no beds were counted."""
    rows = [BedRow(row.get_kind_display(), row.total, row.available) for row in report.beds.all()] if report else []
    if not rows:
        return [], None
    return rows, BedRow(_("all"), sum(row.total for row in rows), sum(row.available for row in rows))


@require_GET
@login_required
def hospital(request: HttpRequest, code: str) -> HttpResponse:
    """A hospital's state now, the age of what is known, and the reports before."""
    camp = found_camp(request, code)
    if camp.code != code:
        return redirect("camps:hospital", camp.code)
    whose = standing(request)
    require(whose, Action.VIEW, HospitalReport)
    last, counted = latest_report(camp), latest_report_with_beds(camp)
    rows, total = bed_table(counted)
    reports = visible(camp.hospital_reports.select_related("entered_by").prefetch_related("beds"), whose)
    page = Paginator(reports, REPORTS_SHOWN).get_page(request.GET.get("page"))
    history = [(report, status_badge(report.overall), bed_table(report)[1]) for report in page.object_list]
    return render(
        request,
        "camps/hospital.html",
        {
            **page_context(camp, whose, "hospital"),
            "last": last,
            "counted": counted,
            "statuses": _statuses(last),
            "services": [
                (name, status_badge(status)) for _key, name, status in in_order(last.services if last else {})
            ],
            "beds": rows,
            "beds_total": total,
            "page": page,
            "history": history,
            "is_hospital": camp.camp_type == CampType.HOSPITAL,
            "may_report": may(whose, Action.ADD, HospitalReport(camp=camp, operation_id=camp.operation_id)),
        },
    )


def _statuses(report: HospitalReport | None) -> list[tuple[str, SafeString]]:
    if report is None:
        return []
    return [
        (str(HospitalReport._meta.get_field(name).verbose_name), status_badge(getattr(report, name)))  # type: ignore[union-attr]
        for name in STATUSES
    ]


class HospitalReportAdd(RecordFormView):
    """A new report, filled with the last one, so that only what changed has to be typed."""

    model = HospitalReport
    form_class = HospitalReportForm
    template_name = "camps/hospital_report.html"
    title = _("Report on the hospital")
    saved_message = _("The report is kept.")

    def record(self) -> None:
        self.camp: Camp = found_camp(self.request, self.kwargs["code"])
        draft = HospitalReport(camp=self.camp, operation_id=self.camp.operation_id)
        require(standing(self.request), Action.ADD, draft)
        self.last = latest_report(self.camp)
        self.form_class = partial(HospitalReportForm, last=self.last)  # type: ignore[assignment,misc]

    def initial(self) -> dict[str, Any]:
        return initial_of(self.last, latest_report_with_beds(self.camp))

    def heading(self) -> Any:
        return self.camp

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        back = reverse("camps:hospital", args=[self.camp.code])
        return {**page_context(self.camp, standing(self.request), "hospital"), "last": self.last, "back": back}

    def save_record(self, form: RecordForm, by: Actor) -> HospitalReport:
        return report_hospital(
            by=by,
            operation=self.request.operation or None,  # type: ignore[attr-defined]
            camp=self.camp,
            **form.cleaned_data,
        )
