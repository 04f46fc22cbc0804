"""The base that registries build their importable and exportable tables on.

A registry subclasses ``ModelResource`` in its module ``exchange.py`` and lists an instance in ``PLUGS``. It declares columns and
how a row finds the record it is about; checking, comparing, permissions, bulk writing, undoing and every file format follow.
A chunk of rows costs a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from copy import copy
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, may, standing_of, visible
from komek.exchange.columns import Column, first_by_name, split_many
from komek.exchange.planning import Context, Outcome, Row
from komek.extensions import Viewer
from komek.records.codes import next_codes
from komek.records.spreadsheets import as_typed


class ModelResource:
    """One kind of record as a table.

    takes_files: whether it can be brought in too. shape_field: an outline, which GeoJSON shows instead of the location's point.
    """

    key: ClassVar[str]
    title: ClassVar[Any]
    model: ClassVar[type[models.Model]]
    columns: ClassVar[tuple[Column, ...]]
    filterset_class: ClassVar[Any] = None
    takes_files: ClassVar[bool] = True
    location_field: ClassVar[str] = ""
    shape_field: ClassVar[str] = ""
    derived_fields: ClassVar[tuple[str, ...]] = ()
    may_make_missing: ClassVar[bool] = (
        False  # whether organisations that rows name and nobody knows can be made on the way
    )

    # -- what registries override

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """Row number → records the row may be about, from the surest key that names any. A few queries for all rows."""
        raise NotImplementedError

    def blank(self, context: Context) -> Any:
        """A new record, not saved, with its operation and provenance."""
        record = self.model()
        record.operation = context.operation  # type: ignore[attr-defined]
        record.stamp(context.by)  # type: ignore[attr-defined]
        return record

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        """Field → sentence for every rule the record would break; may fill derived fields."""
        return {}

    def assemble(self, record: Any, row: Row) -> None:
        """Fill fields that are made of several columns, such as a point of longitude and latitude."""

    def empty(self, record: Any, name: str) -> None:
        """Set back a column that was empty before an import. ``name``: a model field, unless a registry knows better."""
        field: Any = self.model._meta.get_field(name)
        setattr(record, name, None if field.null else "")

    def written(self, context: Context) -> None:
        """Called once when an import of this table was written and something changed by that."""

    def taken_back(self, context: Context) -> None:
        """Called once when an import of this table was taken back and something changed by that."""

    def undo(self, record: Any, context: Context) -> bool | None:
        """Take back what a row made, where deleting the record is not the way; whether it could be. ``None``: delete it."""
        return None

    def identity_of_new(self, row: Row) -> Hashable | None:
        """What tells a new record from others of the same file; two rows with the same are never both taken. ``None``: nothing."""
        return None

    def before_writing(self, rows: Sequence[Row], context: Context) -> None:
        """Save what rows need first (for example organisations they name that were not known)."""

    def describe(self, record: Any) -> str:
        """How a candidate is shown to the person who chooses."""
        return f"{record} ({getattr(record, 'code', record.pk)})"

    def export_queryset(self, viewer: Viewer) -> models.QuerySet[Any]:
        """All rows the viewer may export, with what the columns need joined."""
        return visible(self.related(self.model._default_manager.all()), standing_of(viewer.user, viewer.operation))

    def related(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Join what columns read."""
        return queryset

    # -- planning

    def plan(self, rows: Sequence[Row], context: Context) -> None:
        """Fill in each row's values, record, outcome, faults and changes. Nothing is saved."""
        columns = first_by_name(self.columns)
        for row in rows:
            self.parse_row(row, columns)
        self.resolve_rows(rows, columns, context)
        found = self.candidates([row for row in rows if not row.faults], context)
        for row in rows:
            self._decide(row, found.get(row.number, []), columns, context)
            self._refuse_twice(row, context)

    def parse_row(self, row: Row, columns: dict[str, Column]) -> None:
        for name, raw in row.texts.items():
            column, text = columns[name], as_typed(raw).strip()
            if not text:
                if column.required:
                    row.fault(name, _("This column must be filled in."))
                continue
            if column.find:
                continue
            try:
                row.values[name] = column.parse(text)
            except ValueError as refusal:
                row.fault(name, refusal)

    def resolve_rows(self, rows: Sequence[Row], columns: dict[str, Column], context: Context) -> None:
        for name, column in columns.items():
            if column.find is None:
                continue
            texts = {row.number: as_typed(row.texts.get(name, "")).strip() for row in rows}
            wanted = {part for text in texts.values() if text for part in (split_many(text) if column.many else [text])}
            if not wanted:
                continue
            found = column.find(sorted(wanted), context)
            for row in rows:
                if texts[row.number]:
                    self._place(row, column, texts[row.number], found)

    def _place(self, row: Row, column: Column, text: str, found: Any) -> None:
        chosen = []
        for part in split_many(text) if column.many else [text]:
            records = found.get(part, ())
            if len(records) == 1:
                chosen.append(records[0])
            elif records:
                names = "; ".join(self.describe(record) for record in records[:5])
                row.fault(
                    column.name,
                    _("“%(text)s” may mean several: %(names)s. Write the code.") % {"text": part[:60], "names": names},
                )
            elif column.keep_unknown:
                row.values[column.keep_unknown] = part[:200]
                row.notes.append(_("“%(text)s” is not known and is kept as it is written.") % {"text": part[:60]})
            else:
                row.fault(
                    column.name,
                    _("“%(text)s” is not known. Check the spelling, write the code, or add it first.")
                    % {"text": part[:60]},
                )
        if chosen:
            row.values[column.name] = chosen if column.many else chosen[0]

    def _decide(self, row: Row, found: list[Any], columns: dict[str, Column], context: Context) -> None:
        if row.decision == "skip":
            row.outcome = Outcome.SKIPPED
            return
        if row.decision.isdigit():
            found = [record for record in found if str(record.pk) == row.decision]
        elif row.decision == "create":
            found = []
        else:
            found = self._narrowed(row, found, columns, context)
        if len(found) > 1 or (found and row.is_unsure and not row.decision):
            row.candidates = [{"pk": record.pk, "label": self.describe(record)} for record in found[:10]]
            row.outcome = Outcome.REFUSED if row.faults else Outcome.AMBIGUOUS
            return
        is_new = not found
        row.record = self.blank(context) if is_new else found[0]
        if not is_new and row.record.pk in context.rows_of:
            row.record = copy(row.record)  # an earlier row's record keeps what that row says
        if not row.faults:
            self._fill(row, columns, context, is_new=is_new)
        if row.faults:
            row.outcome = Outcome.REFUSED
        elif is_new:
            row.outcome = Outcome.CREATE
        else:
            row.outcome = Outcome.UPDATE if row.changes else Outcome.UNCHANGED

    def _narrowed(self, row: Row, found: list[Any], columns: dict[str, Column], context: Context) -> list[Any]:
        """Without those that earlier rows of this file made; of several, the one this row leaves as it is, if there is one.

        So a file whose rows differ only in what no key knows finds its own records again, and nothing is guessed.
        """
        found = [record for record in found if record.pk not in context.created or _gives_code(row)]
        if len(found) < 2 or row.faults:
            return found
        free = [record for record in found if record.pk not in context.rows_of]
        same = [record for record in free if not self._changes(copy(record), row, columns)]
        if same:
            row.is_unsure = False
            return same[:1]
        return found

    def _changes(self, record: Any, row: Row, columns: dict[str, Column]) -> dict[str, list[str]]:
        """Put the row's values into the record; returns column → text before and after, of those that differ."""
        names = [name for name in row.values if name in columns]
        before = {name: columns[name].text_of(record) for name in names}
        for name, value in row.values.items():
            if name not in columns or not columns[name].many:
                setattr(record, name, value)
        self.assemble(record, row)
        changes = {}
        for name in names:
            is_many = columns[name].many
            after = _many_text(row.values[name]) if is_many else columns[name].text_of(record)
            if is_many and sorted(split_many(before[name])) == sorted(split_many(after)):
                continue
            if before[name] != after:
                changes[name] = [before[name], after]
        return changes

    def _fill(self, row: Row, columns: dict[str, Column], context: Context, *, is_new: bool) -> None:
        action = Action.ADD if is_new else Action.CHANGE
        allowed_before = is_new or may(context.standing, action, row.record)
        if is_new:
            for name, value in row.values.items():
                if name not in columns or not columns[name].many:
                    setattr(row.record, name, value)
            self.assemble(row.record, row)
        else:
            row.changes = self._changes(row.record, row, columns)
        if not is_new and not row.changes:
            return
        if not allowed_before or not may(context.standing, action, row.record):
            row.fault(
                "",
                _(
                    "You may not change this record: it belongs to another organisation. Ask its people or a coordinator."
                ),
            )
            return
        try:
            faults = self.check(row.record, row, context)
        except ValidationError as refusal:
            faults = {name: errors[0] for name, errors in refusal.message_dict.items()}
        for name, sentence in faults.items():
            row.fault("" if name == "__all__" else name, sentence)

    def _refuse_twice(self, row: Row, context: Context) -> None:
        """Two rows of one file about the same record: the first goes in, the second is refused and says which."""
        first = None
        if row.outcome in (Outcome.UPDATE, Outcome.UNCHANGED):
            first = context.rows_of.setdefault(row.record.pk, row.number)
        elif row.outcome == Outcome.CREATE and not row.decision:
            identity = self.identity_of_new(row)
            first = context.first_rows.setdefault(identity, row.number) if identity is not None else None
        if first is None or first == row.number or row.outcome == Outcome.UNCHANGED:
            return
        row.fault("", _("Row %(row)d is about the same record. Keep one of the two.") % {"row": first})
        row.outcome = Outcome.REFUSED

    # -- writing

    def write(self, rows: Sequence[Row], context: Context) -> None:
        """Save rows planned as create or update, in bulk. The caller holds the transaction and the history context."""
        self.before_writing(rows, context)
        created = [row.record for row in rows if row.outcome == Outcome.CREATE]
        updated = [row for row in rows if row.outcome == Outcome.UPDATE]
        letter = getattr(self.model, "CODE_LETTER", "")
        if created and letter:
            for record, code in zip(created, next_codes(letter, len(created)), strict=True):
                record.code = code
        self.model._default_manager.bulk_create(created, batch_size=1000)
        self._update(updated)
        self._write_many([row for row in rows if row.outcome in (Outcome.CREATE, Outcome.UPDATE)])

    def _update(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        from django.utils import timezone

        known = {f.name for f in self.model._meta.concrete_fields}
        fields = {name for row in rows for name in row.values if name in known}
        fields |= {name for name in self.derived_fields if name in known}
        now = timezone.now()
        if "updated_at" in known:
            fields.add("updated_at")
            for row in rows:
                row.record.updated_at = now
        if fields:
            self.model._default_manager.bulk_update([row.record for row in rows], sorted(fields), batch_size=500)

    def _write_many(self, rows: Sequence[Row]) -> None:
        for column in self.columns:
            if not column.many:
                continue
            for row in rows:
                if column.name in row.values:
                    getattr(row.record, column.name).set(row.values[column.name])


def _gives_code(row: Row) -> bool:
    return bool(row.texts.get("code", "").strip())


def _many_text(records: Sequence[Any]) -> str:
    return "; ".join(str(getattr(record, "key", None) or getattr(record, "code", record)) for record in records)
