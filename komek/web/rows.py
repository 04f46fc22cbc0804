"""Forms with rows: several records of one kind below a record's own fields, added and taken away on the same page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import HttpRequest
from django.utils.translation import gettext as _

from komek.web.context import viewer_of
from komek.web.fields import LookupField, LookupWidget
from komek.web.models import Draft
from komek.web.records import RecordForm, RecordFormView

MOST_ROWS = 300


class RowLookup(LookupWidget):
    """A lookup in a row. ``labels``: value → label of what the rows hold now, found for all of them in one query."""

    labels: Mapping[str, str]

    def __init__(self, key: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(key, attrs)
        self.labels = {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        chosen = str(value)
        if chosen not in self.labels:
            return super().get_context(name, value, attrs)
        context = forms.TextInput.get_context(self, name, value, attrs)
        shown = {"key": self.key, "operation": self.operation_slug, "text": self.labels[chosen], "chosen": chosen}
        context["widget"].update(shown)
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, str]:
        """A box that was sent empty empties the row, also where no script took the choice out."""
        is_emptied = data.get(f"{name}_text", "?").strip() == ""
        return ("", "") if is_emptied else super().value_from_datadict(data, files, name)


class RowForm(forms.Form):
    """One row. Nothing in it is required as such: a row left empty, or emptied, is no row.

    needed: fields without which a row that says anything at all is not whole.
    aside: fields that are filled from the start and so do not make a row.
    """

    needed: ClassVar[tuple[str, ...]] = ()
    aside: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, *args: Any, request: HttpRequest, labels: Mapping[str, Mapping[str, str]] | None = None, **kwargs: Any
    ) -> None:
        """labels: lookup field → value → label of what the rows hold now."""
        self.request = request
        super().__init__(*args, **kwargs)
        for name, form_field in self.fields.items():
            form_field.required = False
            if isinstance(form_field, LookupField):
                form_field.set_viewer(self.viewer())
                form_field.widget.labels = (labels or {}).get(name, {})

    def viewer(self) -> Any:
        """Who chooses in this row's lookups."""
        return viewer_of(self.request)

    def has_changed(self) -> bool:
        """Every row sent is cleaned, also one that is as it was."""
        return True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_filled:
            for name in self.needed:
                if name not in self.errors and cleaned.get(name) in (None, ""):
                    self.add_error(name, _("Fill this in too, or empty the whole row."))
        return cleaned

    @property
    def is_filled(self) -> bool:
        """Whether the row says anything."""
        return any(
            self.cleaned_data.get(name) not in (None, "") for name in self.fields if name not in self.aside
        ) or bool(self.errors)


class RowsForm(RecordForm):
    """A record's form with sets of rows. ``row_forms``: name of a set → the form of one of its rows."""

    row_forms: ClassVar[dict[str, type[RowForm]]] = {}
    spare_rows: ClassVar[int] = 2

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: dict[str, Any] = {
            name: self._row_set(name, data=self.data if self.is_bound else None) for name in self.row_forms
        }

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        """The rows the record has now."""
        return []

    def row_options(self) -> dict[str, Any]:
        """More that the forms of rows are made with."""
        return {}

    def is_valid(self) -> bool:
        are_rows_valid = [rows.is_valid() for rows in self.rows.values()]
        is_valid = super().is_valid()
        if not all(are_rows_valid):
            self.add_error(None, _("Some of the rows below need correcting."))
        return is_valid and all(are_rows_valid)

    def filled(self, name: str) -> Iterator[RowForm]:
        """Rows of a valid form that say something, as forms."""
        return (row for row in self.rows[name] if row.is_filled)

    def restore_rows(self, draft: dict[str, list[str]]) -> None:
        """Show the rows of a kept draft instead of the record's."""
        for name in self.row_forms:
            total = (draft.get(f"{name}-TOTAL_FORMS") or [""])[0]
            if total.isdigit():
                self.rows[name] = self._row_set(name, initial=_rows_of(draft, name, min(int(total), MOST_ROWS)))

    def _row_set(self, name: str, data: Any = None, initial: list[dict[str, Any]] | None = None) -> BaseFormSet[Any]:
        factory = formset_factory(
            self.row_forms[name], extra=self.spare_rows, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
        )
        if initial is None:
            initial = self.row_initial(name)
        options = {"request": self.request, **self.row_options()}
        return factory(data, prefix=name, initial=initial, form_kwargs=options)


def _rows_of(draft: dict[str, list[str]], name: str, total: int) -> list[dict[str, Any]]:
    rows = []
    for place in range(total):
        start = f"{name}-{place}-"
        texts = {
            key.removeprefix(start): values[0] for key, values in draft.items() if key.startswith(start) and values
        }
        lookups = {key.removesuffix("_text"): text for key, text in texts.items() if key.endswith("_text") and text}
        row = {**lookups, **{key: text for key, text in texts.items() if text and not key.endswith("_text")}}
        if row:
            rows.append(row)
    return rows


class RowsFormView(RecordFormView):
    """A page for a form with rows. Subclasses name a template that includes ``web/parts/rows.html`` for each set."""

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        if self.request.GET.get("draft") == "restore" and isinstance(form, RowsForm) and not form.is_bound:
            kept = Draft.objects.filter(user_id=self.request.user.pk, form_key=self.form_key).first()
            if kept is not None:
                form.restore_rows(kept.data)
        return super().form_context(form)
