"""People in need by area and sector as a table. Earlier figures stay: another day's figure is another row."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import in_operation
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Row
from komek.exchange.resources import ModelResource
from orgs.exchange_finders import areas_called, sectors_called
from orgs.models import PeopleInNeed


class PeopleInNeedResource(ModelResource):
    """Found again by area, sector and moment."""

    key = "orgs.peopleinneed"
    title = gettext_lazy("People in need")
    model = PeopleInNeed
    columns = (
        Column("area", gettext_lazy("Area"), "#adm+code", find=areas_called, required=True, example="TM-A",
               also_hxl=tuple(f"#adm{level}{form}" for form in ("+code", "") for level in (4, 3, 2, 1)) + ("#loc",),
               value=lambda record: record.area.pcode, help=gettext_lazy("Name or P-code"),
               aliases=("P-code", "PCODE", "Region", "District", "Регион", "Район")),
        Column("area_name", gettext_lazy("Name of the area"), "#adm+name", read_only=True,
               value=lambda record: record.area.name),
        Column("sector", gettext_lazy("Sector"), "#sector", find=sectors_called, example="wash",
               value=lambda record: record.sector.key if record.sector else "", aliases=("Cluster", "Сектор", "Кластер"),
               help=gettext_lazy("Empty: all sectors together.")),
        Column("people", gettext_lazy("People in need"), "#inneed", cells.whole_number, required=True, example="4200",
               also_hxl=("#inneed+ind", "#affected"), aliases=("PIN", "In need", "Нуждающихся")),
        Column("occurred_at", gettext_lazy("Assessed on"), "#date+assessed", cells.moment, required=True, example="2026-11-20",
               also_hxl=("#date", "#date+occurred", "#date+reported"), aliases=("Date", "Дата")),
        Column("source", gettext_lazy("Source"), "#meta+source", cells.text_of(200), example="Rapid assessment"),
        Column("reported_by", gettext_lazy("Reported by"), "#meta+contact", cells.text_of(200)),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("area", "sector").defer("area__geometry")

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        areas = {row.values["area"].pk for row in rows if "area" in row.values}
        known: dict[tuple[Any, ...], list[PeopleInNeed]] = {}
        for record in self.related(in_operation(PeopleInNeed.objects.filter(area__in=areas), context.operation)):
            known.setdefault(_key(record.area_id, record.sector_id, record.occurred_at), []).append(record)
        found = {}
        for row in rows:
            if same := known.get(self._key_of(row)):
                found[row.number] = same
                row.values.pop("occurred_at", None)  # the same second; what is kept is more exact
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        return self._key_of(row)

    def _key_of(self, row: Row) -> tuple[Any, ...]:
        values = row.values
        return _key(
            getattr(values.get("area"), "pk", None),
            getattr(values.get("sector"), "pk", None),
            values.get("occurred_at"),
        )

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if record.occurred_at > timezone.now():
            return {"occurred_at": _("The figure cannot be from the future. Check the date.")}
        return {}

    def describe(self, record: Any) -> str:
        return f"{record} ({timezone.localtime(record.occurred_at):%Y-%m-%d})"


def _key(area: int | None, sector: int | None, at: Any) -> tuple[Any, ...]:
    """Files hold whole seconds."""
    return (area, sector, at.replace(microsecond=0) if at else None)


PLUGS = (PeopleInNeedResource(),)
