"""The page on which goods from outside are written down: typed, or read from the donor's packing list and looked over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.announcing import Coming, announce_consignment, match_items
from inventory.consignment_forms import GoodsRow, moment_field, now_to_the_minute
from inventory.models import Consignment, Warehouse
from inventory.packing_lists import PackingRow, merged_cells, read_packing_list
from komek.accounts.authority import visible
from komek.exchange.faults import FileFault
from komek.exchange.readers import open_table
from komek.exchange.readers.opening import refuse_too_large
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm
from komek.web.rows import MOST_ROWS, RowsForm, RowsFormView
from orgs.models import Organisation


def date_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class ComingRow(GoodsRow):
    aside = ("as_written",)
    number = forms.CharField(label=gettext_lazy("Batch number"), max_length=60)
    expires_on = date_field(gettext_lazy("Expires on"))
    produced_on = date_field(gettext_lazy("Produced on"))
    as_written = forms.CharField(max_length=300, widget=forms.HiddenInput)


class AnnounceForm(RowsForm):
    row_forms = {"goods": ComingRow}  # noqa: RUF012
    destination = forms.ModelChoiceField(label=gettext_lazy("To warehouse"), queryset=Warehouse.objects.none())
    sender = forms.CharField(label=gettext_lazy("Sent by"), max_length=200, required=False)
    donor = LookupField(
        label=gettext_lazy("Donor, when registered"), key="orgs.organisation", model=Organisation, required=False
    )
    gift = forms.CharField(label=gettext_lazy("Donor's reference"), max_length=100, required=False)
    vehicle = forms.CharField(label=gettext_lazy("Vehicle and number plate"), max_length=100, required=False)
    occurred_at = moment_field(gettext_lazy("Left at"), initial=now_to_the_minute)
    expected_at = moment_field(gettext_lazy("Expected at"), required=False)

    def __init__(self, *args: Any, read: list[dict[str, Any]] | None = None, **kwargs: Any) -> None:
        self.read = read or []
        super().__init__(*args, **kwargs)
        self.fields["destination"].queryset = visible(Warehouse.objects.order_by("name"), standing(self.request))  # type: ignore[attr-defined]

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        return self.read

    def lines(self) -> list[Coming]:
        names = ("number", "expires_on", "produced_on", "as_written")
        return [
            Coming(row.cleaned_data["item"], row.cleaned_data["amount"],
                   **{name: row.cleaned_data.get(name) or ("" if name in ("number", "as_written") else None) for name in names})
            for row in self.filled("goods")
        ]  # fmt: skip


class Announce(RowsFormView):
    model = Consignment
    form_class = AnnounceForm
    template_name = "inventory/announce.html"
    title = gettext_lazy("Goods from outside")
    saved_message = gettext_lazy("The goods are written down as on the way. Receive them when they are here.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "upload" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.told: dict[str, Any] = {}
        rows: list[dict[str, Any]] = []
        file = request.FILES.get("file")
        try:
            if file is None:
                raise FileFault(_("Choose the file first, then press the button."))
            refuse_too_large(file.size or 0)
            content = file.read()
            listed = read_packing_list(open_table(content, name=file.name or ""), merged_cells(content))
            if len(listed.rows) > MOST_ROWS:
                raise FileFault(
                    _("The list has %(n)d lines; at most %(most)d fit. Split it.")
                    % {"n": len(listed.rows), "most": MOST_ROWS}
                )
        except (FileFault, ValidationError) as fault:
            self.told = {"list_fault": str(fault)}
        else:
            rows, notes = _as_rows(listed.rows)
            said = _("%(n)d lines were read. Look them over, then save.") % {"n": len(rows)}
            self.told = {"read": said, "notes": [*listed.notes, *notes]}
        form = AnnounceForm(request=request, initial=self.initial(), read=rows)
        return self._show(form, None, status=422 if "list_fault" in self.told else 200)

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {**super().form_context(form), **getattr(self, "told", {})}

    def save_record(self, form: RecordForm, by: Actor) -> Consignment:
        assert isinstance(form, AnnounceForm)
        return announce_consignment(
            by=by, operation=self.request.operation or None, lines=form.lines(), **form.cleaned_data  # type: ignore[attr-defined]
        )  # fmt: skip


def _as_rows(rows: list[PackingRow]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of the form, and a sentence for each that needs a look."""
    made, notes = [], []
    for row, item in zip(rows, match_items([(row.code, row.item) for row in rows]), strict=True):
        words = " ".join(filter(None, (row.code, row.item)))
        if item is None:
            notes.append(_("Row %(row)d: “%(words)s” is not in the catalogue under this name. Choose the item.")
                         % {"row": row.row, "words": words[:80]})  # fmt: skip
        if row.fault:
            notes.append(_("Row %(row)d: %(fault)s") % {"row": row.row, "fault": row.fault})
        made.append(
            {"item": item.pk if item else words[:100], "quantity": row.quantity[:30], "measure": row.measure[:60],
             "number": row.number[:60], "expires_on": row.expires_on, "produced_on": row.produced_on, "as_written": words[:300]}
        )  # fmt: skip
    return made, notes
