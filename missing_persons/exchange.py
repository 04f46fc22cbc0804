"""Reports of persons as a table. Personal data: only those who see a report export it, and who did is written down.

A report is found again by its code, else by the same names, kind and moment; a file sent twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, QuerySet, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, in_operation, may, visible
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource
from komek.extensions import Viewer
from komek.records.actor import Actor, Channel, acting
from missing_persons.checking import EDITABLE, NameGiven, assign, faults_of, tidy_names
from missing_persons.consent import follow_choice, follow_choices
from missing_persons.models import Company, NameKind, Note, Person, Report, ReportKind, Sex
from missing_persons.reading import persons_read
from missing_persons.refreshing import refresh
from missing_persons.reporting import as_given, names_of, rewrite_names, settle_moderation, write_reports
from orgs.exchange import code_column
from orgs.exchange_finders import areas_called, codes_in, organisations_called

SEXES = {"f": "female", "m": "male", "ж": "female", "м": "male"}


def names_in(text: str) -> list[str]:
    """Names with ``;`` between them; the first is the main one. A comma is part of a name."""
    return [part for part in map(str.strip, text.split(";")) if part]


def _names_shown(record: Any) -> list[str]:
    if "all_names" in record.__dict__:
        return list(record.__dict__["all_names"])
    return [] if record.pk is None else [name.as_written for name in record.names.all()]


def _area(record: Any, name: str) -> str:
    area = getattr(record, name)
    return area.pcode if area is not None else ""


def _line(name: str, title: Any, hxl: str, longest: int = 300, **options: Any) -> Column:
    return Column(name, title, hxl, cells.text_of(longest), **options)


class ReportResource(ModelResource):
    """One report a row; each new one makes a person of its own."""

    key = "missing_persons.report"
    title = gettext_lazy("Reports of missing and found persons")
    model = Report
    derived_fields = ("born_from", "born_to")
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("kind", gettext_lazy("Kind of report"), "#status+report", cells.one_of(dict(ReportKind.choices)),
               required=True, example="missing", aliases=("Type", "Kind")),
        Column("all_names", gettext_lazy("Names"), "#affected+ind+name", names_in, value=_names_shown,
               example="Aman Ataýew; Аман Атаев", help=gettext_lazy("Other spellings after a semicolon."),
               aliases=("Name", "Full name", "Имя", "Ф.И.О.", "Names")),
        Column("sex", gettext_lazy("Sex"), "#affected+ind+sex", cells.one_of(dict(Sex.choices), SEXES), example="male",
               aliases=("Gender", "Пол")),
        Column("age_from", gettext_lazy("Age from"), "#affected+ind+age+min", cells.whole_number, example="35",
               aliases=("Age", "Возраст")),
        Column("age_to", gettext_lazy("Age to"), "#affected+ind+age+max", cells.whole_number, example="45"),
        Column("birth_date", gettext_lazy("Date of birth"), "#date+birth", cells.day),
        Column("occurred_at", gettext_lazy("When last seen or found"), "#date+occurred", cells.moment,
               example="2026-11-20 22:41", aliases=("Last seen date", "Date")),
        _line("last_seen_text", gettext_lazy("Where last seen or found"), "#loc+last_seen+name", aliases=("Last seen",)),
        Column("last_seen_area", gettext_lazy("Last seen or found, area"), "#loc+last_seen+code", find=areas_called,
               keep_unknown="last_seen_text", value=lambda record: _area(record, "last_seen_area")),
        _line("home_text", gettext_lazy("Home"), "#loc+home+name", aliases=("Home", "Address", "Адрес")),
        Column("home_area", gettext_lazy("Home, area"), "#loc+home+code", find=areas_called, keep_unknown="home_text",
               value=lambda record: _area(record, "home_area")),
        Column("height_cm", gettext_lazy("Height in cm"), "#affected+ind+height_cm", cells.whole_number),
        _line("build", gettext_lazy("Build"), "#affected+ind+build", 100),
        _line("hair", gettext_lazy("Hair"), "#affected+ind+hair", 100),
        _line("eyes", gettext_lazy("Eyes"), "#affected+ind+eyes", 100),
        _line("scars", gettext_lazy("Scars and marks"), "#affected+ind+scars"),
        _line("tattoos", gettext_lazy("Tattoos"), "#affected+ind+tattoos"),
        _line("clothing", gettext_lazy("Clothing"), "#affected+ind+clothing"),
        Column("languages", gettext_lazy("Languages spoken"), "#affected+ind+language", names_in),
        Column("description", gettext_lazy("Description"), "#description", str.strip),
        Column("circumstances", gettext_lazy("What happened"), "#description+event", str.strip),
        Column("company", gettext_lazy("Found with"), "#affected+ind+company", cells.one_of(dict(Company.choices))),
        _line("reported_by", gettext_lazy("Who reports it"), "#contact+name", 200, aliases=("Reporter", "Заявитель")),
        _line("reporter_relation", gettext_lazy("Relation to the person"), "#contact+relation", 100),
        _line("reporter_phone", gettext_lazy("Reporter's telephone"), "#contact+phone", 60, aliases=("Phone", "Телефон")),
        _line("reporter_email", gettext_lazy("Reporter's e-mail"), "#contact+email", 254),
        _line("source", gettext_lazy("Source"), "#meta+source"),
        Column("consents_to_publish", gettext_lazy("May be published"), "#affected+ind+consent", cells.yes_or_no,
               example="no"),
        Column("organisation", gettext_lazy("Organisation"), "#org+code", find=organisations_called,
               value=lambda record: record.organisation.code if record.organisation_id else ""),
        Column("person", gettext_lazy("Joined to"), "#affected+ind+code", read_only=True,
               value=lambda record: record.person.code),
        Column("status", gettext_lazy("Status"), "#status", read_only=True,
               value=lambda record: str(record.person.get_status_display())),
    )  # fmt: skip

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        rows = super().export_queryset(viewer).filter(tombstoned_at=None).exclude(expiry_date__lte=timezone.now())
        by = Actor(user=viewer.user, channel=Channel.BROWSER)
        what = _("Export: %(what)s") % {"what": self.title}
        read = rows.select_related(None).prefetch_related(None).select_related("made_person").defer(None)
        read = read.only("operation", "organisation", "made_person__code")
        persons_read(by=by, operation=viewer.operation, what=what, records=read)
        return rows

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = queryset.select_related("person", "made_person", "organisation", "home_area", "last_seen_area")
        return rows.defer("home_area__geometry", "last_seen_area__geometry").prefetch_related("names")

    def describe(self, record: Any) -> str:
        return f"{', '.join(_names_shown(record)) or record} ({record.code})"

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """By code, else the same names, kind and moment."""
        seen = self.related(visible(Report.objects.filter(tombstoned_at=None), context.standing))
        found = self._by_code(rows, seen, context)
        rest = [row for row in rows if row.number not in found and not row.texts.get("code", "").strip()]
        names = {name for row in rest for name in row.values.get("all_names", ())}
        known: dict[Any, list[Any]] = {}
        moments = {row.values["occurred_at"] for row in rest if row.values.get("occurred_at")}
        for record in seen.filter(names__as_written__in=names, occurred_at__in=moments).distinct() if names else ():
            known.setdefault((record.kind, record.occurred_at, tuple(_names_shown(record))), []).append(record)
        for row in rest:
            same = known.get(_identity(row))
            if same:
                found[row.number] = same
        return found

    def _by_code(self, rows: Sequence[Row], seen: QuerySet[Any], context: Context) -> dict[int, list[Any]]:
        given = {row.number: row.texts["code"].strip() for row in rows if row.texts.get("code", "").strip()}
        codes = codes_in(list(given.values()), Person.CODE_LETTER)
        inside = in_operation(seen, context.operation).filter(made_person__code__in=codes.values())
        known = {record.code: record for record in inside} if codes else {}
        found: dict[int, list[Any]] = {}
        for row in rows:
            row.values.pop("code", None)
            if row.number not in given:
                continue
            record = known.get(codes.get(given[row.number], ""))
            if record is None:
                row.fault(
                    "code",
                    _("No record has the code “%(code)s”. Correct it, or leave it empty for a new one.")
                    % {"code": given[row.number][:20]},
                )
            else:
                found[row.number] = [record]
        return found

    def identity_of_new(self, row: Row) -> Any:
        return _identity(row)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        written = {name: value for name, value in row.values.items() if name in EDITABLE}
        if record.age_from is not None and record.age_to is None:
            written["age_to"] = record.age_to = record.age_from
        assign(record, written)
        names, faults = tidy_names(names_given(record))
        faults |= faults_of(record, names)
        if "names" in faults:
            faults["all_names"] = faults.pop("names")
        record.__dict__["tidy_names"] = names
        return faults

    def write(self, rows: Sequence[Row], context: Context) -> None:
        """New reports come in as through every other door: each with a person of its own, waiting or published by the same rules."""
        fresh = [row.record for row in rows if row.outcome == Outcome.CREATE]
        for record in fresh:
            given = {
                name: getattr(record, name) for name in EDITABLE if getattr(record, name, None) not in (None, "", [])
            }
            record.original = as_given(record.kind, record.__dict__["tidy_names"], given)
            trusted = may(context.standing, Action.APPROVE, record)
            settle_moderation(record, context.by, is_trusted=trusted, is_verified=False)
        with acting(context.by):
            write_reports([(record, record.__dict__["tidy_names"]) for record in fresh])
            follow_choices(fresh, by=context.by)
            changed = [row for row in rows if row.outcome == Outcome.UPDATE]
            self._update(changed)
            for row in changed:
                if "consents_to_publish" in row.changes:
                    follow_choice(row.record, by=context.by)
                if "all_names" in row.changes:
                    rewrite_names(row.record, row.record.__dict__["tidy_names"])
            refresh(Person.objects.select_for_update().filter(pk__in=[row.record.person_id for row in changed]))

    def undo(self, record: Any, context: Context) -> bool | None:
        """The person whom a report made goes with it, unless anything came to either since."""
        person = record.person
        is_alone = not Report.objects.filter(person=person).exclude(pk=record.pk).exists()
        if record.made_person_id != person.pk or not is_alone or Note.objects.filter(person=person).exists():
            return False
        try:
            with transaction.atomic():
                record.delete()
                person.delete()
        except (ProtectedError, RestrictedError):
            return False
        return True


def names_given(record: Any) -> list[NameGiven]:
    """The names a row gives; parts and kinds of those that stood there stay."""
    known = {} if record.pk is None else {name.as_written: name for name in names_of(record)}
    return [
        known.get(name) or NameGiven(name, kind=NameKind.ALTERNATIVE if place else NameKind.FULL)
        for place, name in enumerate(_names_shown(record))
    ]


def _identity(row: Row) -> Any:
    names, at = row.values.get("all_names"), row.values.get("occurred_at")
    return (row.values.get("kind"), at, tuple(names)) if names and at else None


PLUGS = [ReportResource()]
