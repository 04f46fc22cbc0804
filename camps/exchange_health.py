"""Cases of syndromes by site and day as a table with HXL tags. There is one figure per site, syndrome and day: a row corrects it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.exchange_sites import camp_columns, camps_called
from camps.health_watch import FIGURES, Cases, faults_of, moment_of, question_about
from camps.models import Camp, Syndrome, SyndromeCount
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource


def syndromes_called(texts: Sequence[str], context: Context) -> dict[str, list[Syndrome]]:
    """Syndromes by key, else by name in any of the languages they have one in."""
    known: dict[str, list[Syndrome]] = {}
    for syndrome in Syndrome.objects.all():
        for word in {text.casefold() for text in (syndrome.key, syndrome.name, *syndrome.names.values())}:
            known.setdefault(word, []).append(syndrome)
    return {text: known.get(text.casefold(), []) for text in texts}


class SyndromeCountResource(ModelResource):
    """The health watch. Sent again it changes nothing; a correction replaces the figure, and history keeps the old one."""

    key = "camps.syndrome_count"
    title = gettext_lazy("Cases of syndromes at sites")
    model = SyndromeCount
    columns = (
        *camp_columns(camps_called),
        Column("syndrome", gettext_lazy("Syndrome"), "#cause+code", find=syndromes_called, required=True, example="measles",
               value=lambda record: record.syndrome.key if record.syndrome_id else "", help=gettext_lazy("Key or name"),
               also_hxl=("#cause+name", "#cause"), aliases=("Disease", "Синдром", "Болезнь")),
        Column("syndrome_name", gettext_lazy("Its name"), "#cause+name", read_only=True,
               value=lambda record: str(record.syndrome) if record.syndrome_id else ""),
        Column("day", gettext_lazy("Day"), "#date+occurred", cells.day, required=True, example="2026-11-23",
               also_hxl=("#date",), aliases=("Date", "Дата", "Sene")),
        Column("under_five", gettext_lazy("Cases under 5 years"), "#affected+infected+infants", cells.whole_number, example="2",
               aliases=("Under 5", "<5", "До 5 лет")),
        Column("five_and_over", gettext_lazy("Cases of 5 years and over"), "#affected+infected+age5_plus", cells.whole_number,
               example="1", aliases=("5 and over", "5+", "5 лет и старше")),
        Column("deaths", gettext_lazy("Deaths"), "#affected+killed", cells.whole_number, aliases=("Died", "Умерли")),
        Column("note", gettext_lazy("Note"), "#description", cells.text_of(300)),
        Column("reported_by", gettext_lazy("Reported by"), "#meta+source", cells.text_of(200)),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("camp", "syndrome").defer("camp__perimeter")

    def blank(self, context: Context) -> Any:
        record = SyndromeCount()
        record.stamp(context.by)
        return record

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        known = {
            (count.camp_id, count.syndrome_id, count.day): count
            for count in self.related(
                SyndromeCount.objects.filter(
                    camp__in={row.values["camp"].pk for row in rows}, day__in={row.values["day"] for row in rows}
                )
            )
        }
        return {row.number: [known[_sign(row)]] for row in rows if _sign(row) in known}

    def identity_of_new(self, row: Row) -> Hashable | None:
        return _sign(row)

    def assemble(self, record: Any, row: Row) -> None:
        record.operation = record.camp.operation

    def empty(self, record: Any, name: str) -> None:
        """A figure that was not given is none."""
        setattr(record, name, 0 if name in FIGURES else "")

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if record.pk is None:
            if not any(name in row.values for name in FIGURES):
                return {"under_five": _("Give the number of cases; where nobody fell ill, write 0.")}
            record.occurred_at = moment_of(record.day)
        cases = Cases(record.syndrome, record.under_five, record.five_and_over, record.deaths, record.note)
        faults = faults_of(record.day, [cases], today=timezone.localdate())
        question = question_about([cases])
        if question and not faults:
            row.notes.append(question)
        return {"" if name == record.syndrome.key else name: sentence for name, sentence in faults.items()}

    def write(self, rows: Sequence[Row], context: Context) -> None:
        super().write(rows, context)
        camps = {row.record.camp_id for row in rows if row.outcome in (Outcome.CREATE, Outcome.UPDATE)}
        Camp.objects.filter(pk__in=camps).update(confirmed_at=timezone.now())  # a report is a sign of life


def _sign(row: Row) -> tuple[Any, ...]:
    return row.values["camp"].pk, row.values["syndrome"].pk, row.values["day"]


PLUGS = [SyndromeCountResource()]
