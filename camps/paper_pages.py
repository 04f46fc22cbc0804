"""Typing in a paper list: a grid for the keyboard, with the scan beside it. Works without scripts, with a fixed number of rows.

Everything typed is kept on the server (``komek.web.models.Draft``) until it is saved. Each row has its own id, made once, so that a
list sent twice enters nobody twice. A list is saved whole or not at all; what is wrong is said at its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.http import require_GET

from camps.card_pages import MOST_CARDS
from camps.double_pages import warn_of_doubles
from camps.finding import found_camp
from camps.list_scans import CONTENT_TYPES, add_scan, kind_of
from camps.models import Household, ListScan, RelationToHead, SpecialNeed
from camps.paper_rows import COLUMNS, MOST_ROWS, TITLES, PaperList, read_rows
from camps.paper_words import NEED_LETTERS, RELATION_LETTERS
from camps.reading import names_read
from camps.registration import register_households
from camps.tabs import page_context
from komek.accounts.authority import Action, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.models import Draft

FEWEST_ROWS = 12
ROWS_MORE = 20


class ListForm(forms.Form):
    """What holds for the whole list."""

    reported_by = forms.CharField(
        label=gettext_lazy("Reported by"), max_length=200, required=False,
        help_text=gettext_lazy("Who wrote the paper list. You are noted as the one who typed it in."),
    )  # fmt: skip
    arrived_on = forms.DateField(
        label=gettext_lazy("Arrived on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("If all on this list came on the same day."),
    )  # fmt: skip

    def clean_arrived_on(self) -> date | None:
        day: date | None = self.cleaned_data["arrived_on"]
        if day is not None and day > timezone.localdate():
            raise ValidationError(_("The day of arrival lies in the future."))
        return day


@dataclass(frozen=True)
class Cell:
    column: str
    text: str
    fault: str = ""

    @property
    def title(self) -> Any:
        return TITLES[self.column]


@dataclass(frozen=True)
class GridRow:
    """One row of the grid as shown. number: from 1."""

    number: int
    row_id: str
    cells: Sequence[Cell]

    @property
    def faults(self) -> list[tuple[Any, str]]:
        return [(cell.title, cell.fault) for cell in self.cells if cell.fault]


class PaperListPage(LoginRequiredMixin, View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.camp = found_camp(request, kwargs["code"])
            self.standing = standing(request)
            require(self.standing, Action.ADD, Household(camp=self.camp, operation_id=self.camp.operation_id))
            self.columns: Sequence[str] = COLUMNS[self.camp.registration]  # type: ignore[index]
        return super().dispatch(request, *args, **kwargs)

    @property
    def form_key(self) -> str:
        return reverse("camps:paper_list", args=[self.camp.code])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = Draft.objects.filter(user_id=request.user.pk, form_key=self.form_key).first()
        data = draft.data if draft else {}
        form = ListForm(initial={name: (data.get(name) or [""])[0] for name in ListForm.base_fields})
        scan = self._scan((data.get("scan") or [""])[0] or request.GET.get("scan", ""))
        asked = request.GET.get("rows", "")
        rows = self._grid(_rows_of(data, self.columns), PaperList(), int(asked) if asked.isdigit() else 0)
        return self._show(form, rows, scan, draft=draft)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = _rows_of(dict(request.POST.lists()), self.columns)
        match request.POST.get("action"):
            case "upload":
                return self._upload(request)
            case "more":
                self._keep(request, self._scan(request.POST.get("scan", "")))
                return HttpResponseRedirect(f"{self.form_key}?rows={min(len(typed) + ROWS_MORE, MOST_ROWS)}")
        return self._save(request, typed)

    def _save(self, request: HttpRequest, typed: list[dict[str, str]]) -> HttpResponse:
        form, scan = ListForm(request.POST), self._scan(request.POST.get("scan", ""))
        shared = form.cleaned_data if form.is_valid() else {}
        found = read_rows(typed, level=self.camp.registration, shared=shared)
        if not found.entries and not found.faults:
            form.add_error(None, _("The list is empty. Type at least one row."))
        if not found.faults and form.is_valid():
            try:
                made = register_households(
                    by=actor_of(request),
                    operation=self.standing.operation,
                    camp=self.camp,
                    entries=found.entries,
                    scan=scan,
                )
            except ValidationError as refusal:
                form.add_error(None, refusal.messages)
            else:
                Draft.objects.filter(user_id=request.user.pk, form_key=self.form_key).delete()
                self._tell(request, made)
                return HttpResponseRedirect(f"{self.form_key}?scan={scan.pk}" if scan else self.form_key)
        self._keep(request, scan)
        return self._show(form, self._grid(typed, found, len(typed)), scan, status=422)

    def _upload(self, request: HttpRequest) -> HttpResponse:
        """Keep the scan; what was typed is kept as the draft and stands in the grid again."""
        scan = self._scan(request.POST.get("scan", ""))
        file = request.FILES.get("file")
        if file is None:
            messages.error(request, _("Choose the file first, then press the button."))
        else:
            try:
                scan = add_scan(
                    by=actor_of(request), operation=self.standing.operation, camp=self.camp, file=file,
                    title=request.POST.get("title", ""), reported_by=request.POST.get("reported_by", ""),
                )  # fmt: skip
                messages.success(request, _("The paper list is kept. It stands beside the grid."))
            except ValidationError as refusal:
                messages.error(request, " ".join(refusal.messages))
        self._keep(request, scan)
        return HttpResponseRedirect(f"{self.form_key}?rows={len(request.POST.getlist('name'))}")

    def _tell(self, request: HttpRequest, made: list[Household]) -> None:
        people = sum(household.size for household in made)
        said = _("Registered. Households: %(households)d, people: %(people)d.") % {
            "households": len(made), "people": people,
        }  # fmt: skip
        codes = ",".join(household.code for household in made[:MOST_CARDS])
        cards = f"{reverse('camps:cards', args=[self.camp.code])}?codes={codes}"
        messages.success(request, format_html('{} <a href="{}">{}</a>', said, cards, _("Print their ration cards")))
        warn_of_doubles(request, made, self.standing)

    def _keep(self, request: HttpRequest, scan: ListScan | None) -> None:
        """What was typed, as the draft that the next look at this page begins with."""
        wanted = ("row_id", *self.columns, *ListForm.base_fields)
        data = {name: request.POST.getlist(name)[:MOST_ROWS] for name in wanted}
        data["scan"] = [str(scan.pk)] if scan else []
        Draft.objects.update_or_create(
            user_id=request.user.pk, form_key=self.form_key, defaults={"data": data, "updated_at": timezone.now()}
        )

    def _scan(self, text: str) -> ListScan | None:
        if not text.isdigit() or len(text) > 18:
            return None
        scan: ListScan | None = visible(ListScan.objects.filter(camp=self.camp), self.standing).filter(pk=text).first()
        return scan

    def _grid(self, typed: Sequence[dict[str, str]], found: PaperList, fewest: int) -> list[GridRow]:
        rows = []
        for place in range(min(max(len(typed), fewest, FEWEST_ROWS), MOST_ROWS)):
            texts = typed[place] if place < len(typed) else {}
            cells = [Cell(name, texts.get(name, ""), found.faults.get((place, name), "")) for name in self.columns]
            rows.append(GridRow(place + 1, texts.get("row_id") or str(uuid4()), cells))
        return rows

    def _show(
        self,
        form: ListForm,
        rows: list[GridRow],
        scan: ListScan | None,
        *,
        draft: Draft | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **page_context(self.camp, self.standing, "people"),
            "form": form,
            "rows": rows,
            "columns": [(name, TITLES[name]) for name in self.columns],
            "fault_count": sum(len(row.faults) for row in rows),
            "scan": scan,
            "scan_kind": kind_of(scan) if scan else "",
            "draft": draft,
            "draft_url": reverse("draft"),
            "form_key": self.form_key,
            "relation_letters": [(letter, RelationToHead(key).label) for letter, key in RELATION_LETTERS.items()],
            "need_letters": [(letter, SpecialNeed(key).label) for letter, key in NEED_LETTERS.items()],
            "lists_people": "sex" in self.columns,
        }
        return render(self.request, "camps/paper_list.html", context, status=status)


def _rows_of(data: dict[str, list[str]], columns: Sequence[str]) -> list[dict[str, str]]:
    """Parallel lists, one text per row and column, into rows; as long as the longest of them."""
    names = ("row_id", *columns)
    length = max((len(data.get(name, [])) for name in columns), default=0)
    return [
        {name: data[name][place] if place < len(data.get(name, [])) else "" for name in names}
        for place in range(length)
    ]


@require_GET
@login_required
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The scan of a paper list, to those who may see the names on it."""
    whose = standing(request)
    record = get_object_or_404(visible(ListScan.objects.all(), whose), pk=pk)
    if not record.file.storage.exists(record.file.name):
        raise Http404
    names_read(by=actor_of(request), operation=whose.operation, what=_("Paper list"), records=[record])
    kind = kind_of(record)
    response = FileResponse(
        record.file.open("rb"), content_type=CONTENT_TYPES[kind], filename=f"list-{record.pk}.{kind}"
    )
    response["Cache-Control"] = "private, no-store"
    return response
