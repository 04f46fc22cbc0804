"""Tables whose rows become acts (a receipt, a consignment asked for) and are never written over afterwards."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from komek.exchange.columns import first_by_name
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource


class WrittenOnce(ModelResource):
    """A row that says what is written already changes nothing; one that says something else of it is refused; others are done."""

    def read(self, rows: Sequence[Row], context: Context) -> None:
        """Work out and check what each row without faults would do. A few queries for all rows."""
        raise NotImplementedError

    def tell_known(self, rows: Sequence[Row], context: Context) -> None:
        """Give rows that are written already the outcome ``UNCHANGED``, and those that contradict what is written a fault."""
        raise NotImplementedError

    def undo(self, record: Any, context: Context) -> bool | None:
        """By an act of its own."""
        raise NotImplementedError

    def plan(self, rows: Sequence[Row], context: Context) -> None:
        columns = first_by_name(self.columns)
        wanted = [row for row in rows if row.decision != "skip"]
        for row in rows:
            if row.decision == "skip":
                row.outcome = Outcome.SKIPPED
        for row in wanted:
            self.parse_row(row, columns)
        self.resolve_rows(wanted, columns, context)
        self.read([row for row in wanted if not row.faults], context)
        self.tell_known([row for row in wanted if not row.faults], context)
        for row in wanted:
            if not row.faults and not row.outcome:
                self._only_once(row, context)
            row.outcome = Outcome.REFUSED if row.faults else row.outcome or Outcome.CREATE

    def _only_once(self, row: Row, context: Context) -> None:
        identity: Hashable | None = self.identity_of_new(row)
        first = context.first_rows.setdefault(identity, row.number) if identity is not None else row.number
        if first != row.number:
            row.fault("", _("Row %(row)d says the same. Keep one of the two.") % {"row": first})
