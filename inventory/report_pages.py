"""The base of every report's page: a form sent by GET, tables, print, CSV. And the page that lists the reports."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.http import require_GET

from inventory.models import Movement
from inventory.report_forms import ReportForm
from inventory.report_tables import Table, csv_lines
from komek.accounts.authority import Action, Standing, require
from komek.extensions import Viewer
from komek.web.context import standing, viewer_of

REPORTS = (
    ("inventory:report_card", gettext_lazy("Stock card"),
     gettext_lazy("Every movement of an item or a batch in a warehouse or a bin, with what lay there after it.")),
    ("inventory:report_levels", gettext_lazy("Levels and forecast"),
     gettext_lazy("What is below its minimum, how much is used a day, and when it runs out.")),
    ("inventory:report_expiring", gettext_lazy("Expiring goods"),
     gettext_lazy("What expires soon or has expired, and what could be done with it.")),
    ("inventory:report_pipeline", gettext_lazy("Pipeline"),
     gettext_lazy("Each item from pledged over in transit and in stock to issued.")),
    ("inventory:report_donors", gettext_lazy("Donor report"),
     gettext_lazy("What became of a gift, down to the site that received it.")),
    ("inventory:report_past", gettext_lazy("Stock at a past moment"),
     gettext_lazy("What lay where on a day that has passed, as it is known today or as the ledger said then.")),
)  # fmt: skip


@require_GET
@login_required
def reports(request: HttpRequest) -> HttpResponse:
    """Every report, with a sentence about what it answers."""
    require(standing(request), Action.VIEW, Movement)
    entries = [{"url": reverse(name), "title": title, "about": about} for name, title, about in REPORTS]
    return render(request, "inventory/reports.html", {"reports": entries})


class ReportPage(LoginRequiredMixin, View):
    """One report. ``export=csv&table=<key>`` gives a table as CSV."""

    key: ClassVar[str]
    title: ClassVar[Any]
    about: ClassVar[Any] = ""
    form_class: ClassVar[type[ReportForm]]
    asks_first: ClassVar[tuple[str, ...]] = ()
    """Names of which at least one is in the address before there is a report at all."""
    choose: ClassVar[Any] = ""
    """What to do before there is one."""

    standing: Standing
    viewer: Viewer

    def tables(self, values: dict[str, Any]) -> list[Table]:
        """The report for what was asked; the first table is the main one."""
        raise NotImplementedError

    def facts(self, values: dict[str, Any]) -> list[tuple[Any, Any]]:
        """What the report is about, for the head of a print-out: label and value."""
        return []

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        self.standing, self.viewer = standing(request), viewer_of(request)
        require(self.standing, Action.VIEW, Movement)
        form = self.form_class(request)
        is_asked = not self.asks_first or any(request.GET.get(name) for name in self.asks_first)
        is_valid = is_asked and form.is_valid()
        tables = self.tables(form.cleaned_data) if is_valid else []
        if is_valid and request.GET.get("export") == "csv":
            return self._csv(tables, request.GET.get("table", ""))
        if not is_asked:
            form.is_bound = False
            form.initial = {**form.defaults(), **request.GET.dict()}
        context = {
            "report": self, "form": form, "tables": tables, "facts": self.facts(form.cleaned_data) if is_valid else [],
            "is_asked": is_asked, "is_valid": is_valid, "filters_open": not is_valid,
        }  # fmt: skip
        return render(request, "inventory/report.html", context, status=422 if is_asked and not is_valid else 200)

    def _csv(self, tables: list[Table], key: str) -> StreamingHttpResponse:
        require(self.standing, Action.EXPORT, Movement)
        table = next((table for table in tables if table.key == key), tables[0] if tables and not key else None)
        if table is None:
            raise Http404
        is_exercise = bool(getattr(self.standing.operation, "is_exercise", False))
        mark = "EXERCISE-" if is_exercise else ""
        response = StreamingHttpResponse(
            csv_lines(table, is_exercise=is_exercise), content_type="text/csv; charset=utf-8"
        )
        name = f"{mark}{self.key}-{table.key}-{timezone.localdate():%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
