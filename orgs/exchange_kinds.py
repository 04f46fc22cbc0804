"""What tables of one kind of site share: camps and warehouses lie in a table of their own beside the register's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from komek.accounts.authority import in_operation
from komek.exchange.planning import Context, Outcome, Row
from komek.records.codes import next_codes
from orgs.exchange import SiteResource
from orgs.models import Site
from orgs.taking_over import taken_over


class KindOfSiteResource(SiteResource):
    """A site of the register that is named in the table is taken over, under its own code."""

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """Records of this kind by code or name; else a site of the register of that name, taken over."""
        found = super().candidates(rows, context)
        names = {row.values["name"] for row in rows if row.number not in found and row.values.get("name")}
        # The register's other side of this kind's table is called as its model is.
        free = Site.objects.filter(name__in=names, **{str(self.model._meta.model_name): None})
        by_name: dict[str, list[Any]] = {}
        for site in in_operation(free, context.operation):
            by_name.setdefault(site.name, []).append(taken_over(site, self.model))
        for row in rows:
            same = by_name.get(row.values.get("name", ""), [])
            if row.number not in found and same and not row.faults:
                found[row.number] = same
        return found

    def write(self, rows: Sequence[Row], context: Context) -> None:
        """A record lies in two tables, so new ones are saved one by one; changed ones in bulk."""
        written = [row for row in rows if row.outcome in (Outcome.CREATE, Outcome.UPDATE)]
        fresh = [row for row in written if row.outcome == Outcome.CREATE or row.record._state.adding]
        created = [row for row in fresh if row.outcome == Outcome.CREATE]
        for row, code in zip(created, next_codes(self.model.CODE_LETTER, len(created)), strict=True):
            row.record.code = code
        for row in fresh:
            row.record.save()
        self.after_saving([row.record for row in fresh])
        self._update([row for row in written if row not in fresh])
        self._write_many(written)

    def after_saving(self, records: Sequence[Any]) -> None:
        """What belongs to records of this kind that are new."""
