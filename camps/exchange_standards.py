"""What was measured at sites as a table with HXL tags: one figure a row. A row that repeats a figure adds nothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from camps.exchange_sites import camp_columns, camps_called, minute_of
from camps.measuring import Visit, faults_of, plain
from camps.models import Camp, Measurement, Standard
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource


def standards_called(texts: Sequence[str], context: Context) -> dict[str, list[Standard]]:
    """Standards in use by key, else by name in any of the languages they have one in."""
    known: dict[str, list[Standard]] = {}
    for standard in Standard.objects.filter(is_active=True).select_related("part_of"):
        for word in {text.casefold() for text in (standard.key, standard.name, *standard.names.values())}:
            known.setdefault(word, []).append(standard)
    return {text: known.get(text.casefold(), []) for text in texts}


class MeasurementResource(ModelResource):
    """Measurements of services. Only ever added; one that was withdrawn stays withdrawn when the file comes again."""

    key = "camps.measurement"
    title = gettext_lazy("Services measured at sites")
    model = Measurement
    columns = (
        *camp_columns(camps_called),
        Column("standard", gettext_lazy("What is measured"), "#indicator+code", find=standards_called, required=True,
               example="toilets", value=lambda record: record.standard.key if record.standard_id else "",
               help=gettext_lazy("Key or name"), also_hxl=("#indicator+name", "#indicator"),
               aliases=("Indicator", "Standard", "Показатель")),
        Column("standard_name", gettext_lazy("Its name"), "#indicator+name", read_only=True,
               value=lambda record: str(record.standard) if record.standard_id else ""),
        Column("value", gettext_lazy("Value"), "#indicator+num", cells.exact_number(digits=11, places=3), required=True,
               example="40", value=lambda record: plain(record.value) if record.value is not None else "",
               aliases=("Amount", "Значение"), also_hxl=("#indicator+value",)),
        Column("unit", gettext_lazy("Unit"), "#indicator+unit", read_only=True,
               value=lambda record: record.standard.unit.rpartition("|")[2] if record.standard_id else ""),
        Column("occurred_at", gettext_lazy("When it was measured"), "#date+occurred", cells.moment, required=True,
               example="2026-11-23", aliases=("Date", "Дата", "Sene"), also_hxl=("#date",)),
        Column("source", gettext_lazy("Source"), "#meta+source", cells.text_of(200), aliases=("Источник",)),
        Column("note", gettext_lazy("Note"), "#description", cells.text_of(300)),
        Column("reported_by", gettext_lazy("Reported by"), "#contact+name", cells.text_of(200)),
        Column("is_withdrawn", gettext_lazy("Withdrawn"), "#status+withdrawn", read_only=True),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("camp", "standard").defer("camp__perimeter")

    def blank(self, context: Context) -> Any:
        record = Measurement()
        record.stamp(context.by)
        return record

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """The figure a row repeats: same site, standard, value and minute, and whatever else the row says the same."""
        moments = [row.values["occurred_at"] for row in rows]
        if not moments:
            return {}
        known: dict[Any, list[Any]] = {}
        measured = self.related(
            Measurement.objects.filter(
                camp__in={row.values["camp"].pk for row in rows},
                occurred_at__gte=min(moments) - timedelta(minutes=1),
                occurred_at__lte=max(moments) + timedelta(minutes=1),
            )
        )
        for figure in measured.order_by("is_withdrawn", "pk"):
            known.setdefault(_sign(figure), []).append(figure)
        found = {}
        for row in rows:
            same = [figure for figure in known.get(_sign_of_row(row), []) if _says_the_same(figure, row)]
            if same:
                row.values["occurred_at"] = same[0].occurred_at
                found[row.number] = same[:1]
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        return (*_sign_of_row(row), row.values.get("source", ""))

    def assemble(self, record: Any, row: Row) -> None:
        record.operation = record.camp.operation

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        faults = faults_of({record.standard: record.value}, Visit(record.occurred_at))
        return {"value" if name == record.standard.key else name: sentence for name, sentence in faults.items()}

    def write(self, rows: Sequence[Row], context: Context) -> None:
        super().write(rows, context)
        camps = {row.record.camp_id for row in rows if row.outcome == Outcome.CREATE}
        Camp.objects.filter(pk__in=camps).update(confirmed_at=timezone.now())  # a figure is a sign of life


def _sign(figure: Measurement) -> tuple[Any, ...]:
    return figure.camp_id, figure.standard_id, figure.value.normalize(), minute_of(figure.occurred_at)


def _sign_of_row(row: Row) -> tuple[Any, ...]:
    values = row.values
    return values["camp"].pk, values["standard"].pk, values["value"].normalize(), minute_of(values["occurred_at"])


def _says_the_same(figure: Measurement, row: Row) -> bool:
    return all(
        getattr(figure, name) == row.values[name] for name in ("source", "note", "reported_by") if name in row.values
    )


PLUGS = [MeasurementResource()]
