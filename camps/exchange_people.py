"""Households and the people in them as tables. Personal data: only those who may see names export or import them.

A household is found again by its code, else by its ration card at that site; a person by their code, else by name within the
household. Nobody is entered twice by sending a file twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.entries import Entry, Member, household_faults, member_faults
from camps.exchange_sites import camps_called
from camps.households import HERE, fill_person
from camps.models import (
    Camp,
    DuplicateFlag,
    Household,
    Intention,
    Movement,
    MovementKind,
    Person,
    RelationToHead,
    Sex,
    SpecialNeed,
)
from camps.names import search_keys
from camps.reading import names_read
from camps.registration import site_faults, write_people, write_placed
from komek.accounts.authority import visible
from komek.exchange import cells
from komek.exchange.columns import Column, split_many
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource
from komek.extensions import Viewer
from komek.records.actor import Actor, Channel
from komek.records.codes import MistypedCode, parse_code
from orgs.exchange import code_column, records_by_code
from orgs.exchange_finders import areas_called


def noted(rows: QuerySet[Any], viewer: Viewer, title: Any) -> QuerySet[Any]:
    """The rows, once it is written down whose names leave: a line for each site."""
    camps = Camp.objects.filter(pk__in=rows.order_by().values("camp")).only("pk", "code", "operation", "organisation")
    by = Actor(user=viewer.user, channel=Channel.BROWSER)
    names_read(by=by, operation=viewer.operation, what=_("Export: %(what)s") % {"what": title}, records=camps)
    return rows


class HouseholdResource(ModelResource):
    """One household a row."""

    key = "camps.household"
    title = gettext_lazy("Households at sites")
    model = Household
    derived_fields = ("search_key", "unlisted")
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("camp", gettext_lazy("Site"), "#loc+code", find=camps_called, required=True, example="C1143",
               value=lambda record: record.camp.code if record.camp_id else "", help=gettext_lazy("Code or name"),
               aliases=("Camp", "Site code", "Лагерь"), also_hxl=("#loc+name", "#loc")),
        Column("card_number", gettext_lazy("Ration card"), "#affected+hh+id", cells.text_of(60), example="HH-0042",
               aliases=("Card", "Household ID", "HH ID", "Card number")),
        Column("head_name", gettext_lazy("Head of household"), "#affected+hh+head+name", cells.text_of(200), required=True,
               example="Maral Annaýewa", aliases=("Head", "Глава семьи", "Ф.И.О.", "Head of family")),
        Column("size", gettext_lazy("People"), "#affected+hh+size", cells.whole_number, example="5",
               aliases=("Size", "Members", "Family size", "Размер семьи")),
        Column("phone", gettext_lazy("Telephone"), "#contact+phone", cells.text_of(40), aliases=("Phone", "Телефон")),
        Column("origin", gettext_lazy("Came from"), "#origin+name", cells.text_of(200), aliases=("Origin", "Откуда")),
        Column("origin_area", gettext_lazy("Area they came from"), "#origin+code", find=areas_called, keep_unknown="origin",
               value=lambda record: record.origin_area.pcode if record.origin_area else ""),
        Column("arrived_on", gettext_lazy("Arrived on"), "#date+arrival", cells.day, example="2026-11-20",
               aliases=("Arrival", "Прибыли")),
        Column("intention", gettext_lazy("Wants to"), "#intention", cells.one_of(dict(Intention.choices)), example="return"),
        Column("shelter_unit", gettext_lazy("Tent, room or house"), "#shelter+id", cells.text_of(60),
               aliases=("Tent", "Shelter", "Палатка")),
        Column("note", gettext_lazy("Note"), "#description", cells.text_of(300)),
        Column("reported_by", gettext_lazy("Reported by"), "#meta+source", cells.text_of(200)),
        Column("presence", gettext_lazy("Presence"), "#status", read_only=True,
               value=lambda record: str(record.get_presence_display())),
    )  # fmt: skip

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        return noted(super().export_queryset(viewer), viewer, self.title)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("camp", "origin_area").defer("camp__perimeter", "origin_area__geometry")

    def blank(self, context: Context) -> Any:
        record = Household()
        record.stamp(context.by)
        return record

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """By code, else by the ration card at the site, else the same head and tent at the site."""
        found = records_by_code(rows, Household.CODE_LETTER, Household, context)
        rest = [row for row in rows if row.number not in found and "camp" in row.values]
        camps = {row.values["camp"].pk for row in rest}
        seen = self.related(visible(Household.objects.filter(camp__in=camps), context.standing))
        cards = {row.values["card_number"] for row in rest if row.values.get("card_number")}
        by_card: dict[tuple[int, str], list[Any]] = {}
        for household in seen.filter(card_number__in=cards) if cards else ():
            by_card.setdefault((household.camp_id, household.card_number), []).append(household)
        names = {
            row.values["head_name"] for row in rest if not row.values.get("card_number") and row.values.get("head_name")
        }
        by_name: dict[tuple[int, str, str], list[Any]] = {}
        for household in seen.filter(head_name__in=names) if names else ():
            by_name.setdefault((household.camp_id, household.head_name, household.shelter_unit), []).append(household)
        for row in rest:
            camp, card = row.values["camp"].pk, row.values.get("card_number")
            name, tent = row.values.get("head_name", ""), row.values.get("shelter_unit", "")
            same = by_card.get((camp, card)) if card else by_name.get((camp, name, tent))
            if same:
                found[row.number] = same
        return found

    def assemble(self, record: Any, row: Row) -> None:
        record.operation = record.camp.operation

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if record.pk is None:
            record.size = record.size or 1
            closed = site_faults(record.camp, timezone.now())
            if closed:
                return {"camp": closed["__all__"]}
        elif "size" in row.changes:
            named = record.members.filter(presence__in=HERE).count()
            if record.size is None or record.size < named:
                return {"size": _("%(named)d people are listed by name. Check out those who left.") % {"named": named}}
            record.unlisted = record.size - named
        if "camp" in row.changes:
            return {"camp": _("This household is registered at another site. Move its people there first.")}
        if record.pk is not None and "head_name" in row.changes:
            record.search_key = search_keys([record.head_name, *record.members.values_list("name", flat=True)])
        return household_faults(
            head_name=record.head_name, size=record.size, arrived_on=record.arrived_on, intention=record.intention
        )

    def write(self, rows: Sequence[Row], context: Context) -> None:
        """New households are entered as through every other door, with the arrivals of their people."""
        fresh = [row for row in rows if row.outcome == Outcome.CREATE]
        placed = [(row.record.camp, _entry_of(row.record)) for row in fresh]
        for row, household in zip(fresh, write_placed(by=context.by, placed=placed, at=timezone.now()), strict=True):
            row.record = household
        self._update([row for row in rows if row.outcome == Outcome.UPDATE])

    def undo(self, record: Any, context: Context) -> bool | None:
        """The head who was entered with a household goes with it, unless anything was done for them since."""
        people = list(record.members.select_for_update())
        if not people:
            return None
        steps = Movement.objects.filter(Q(person__in=people) | Q(household=record)).values_list("kind", flat=True)
        arrivals = [MovementKind.CHECK_IN] * (len(people) + (1 if record.unlisted else 0))
        if len(people) > 1 or _was_touched(people[0]) or list(steps) != arrivals:
            return False
        try:
            with transaction.atomic():
                people[0].delete()
                record.delete()
        except (ProtectedError, RestrictedError):
            return False
        return True


# Between the first and the last row of a part of a file that is written together, there may be seconds.
WRITTEN_TOGETHER = timedelta(minutes=1)


def _was_touched(person: Person) -> bool:
    """Whether somebody changed the person since, or has to tell or told whether they are registered twice."""
    flags = DuplicateFlag.objects.filter(Q(first=person) | Q(second=person))
    return (
        person.updated_at - person.entered_at > WRITTEN_TOGETHER
        or flags.exclude(answer=DuplicateFlag.Answer.WAITING).exists()
    )


def _entry_of(record: Household) -> Entry:
    names = (
        "head_name", "size", "phone", "origin", "origin_area", "arrived_on", "intention", "shelter_unit", "card_number", "note",
        "reported_by",
    )  # fmt: skip
    return Entry(**{name: getattr(record, name) for name in names})


def households_called(texts: Sequence[str], context: Context) -> dict[str, list[Household]]:
    """Households that may be seen, by code, else by ration card."""
    seen = visible(Household.objects.select_related("camp", "operation").defer("camp__perimeter"), context.standing)
    by_code: dict[str, str] = {}
    for text in texts:
        try:
            by_code[text] = parse_code(text, Household.CODE_LETTER)
        except MistypedCode:
            continue
    coded = {household.code: household for household in seen.filter(code__in=by_code.values())} if by_code else {}
    carded: dict[str, list[Household]] = {}
    for household in seen.filter(card_number__in=[text for text in texts if text not in by_code]):
        carded.setdefault(household.card_number, []).append(household)
    return {
        text: ([coded[by_code[text]]] if by_code[text] in coded else []) if text in by_code else carded.get(text, [])
        for text in texts
    }


def needs_of(text: str) -> list[str]:
    """Needs by key or by their words, with ``;`` between them. Raises ValueError with a sentence."""
    one = cells.one_of(dict(SpecialNeed.choices))
    return [one(part) for part in split_many(text)]


class PersonResource(ModelResource):
    """One person a row, each of a household that is registered already."""

    key = "camps.person"
    title = gettext_lazy("People at sites")
    model = Person
    derived_fields = ("search_key", "match_key", "birth_year", "may_be_found_since", "consent_version", "compared_at")
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("household", gettext_lazy("Household"), "#affected+hh+id", find=households_called, required=True, example="H1017",
               value=lambda record: record.household.code if record.household_id else "", help=gettext_lazy("Code or ration card"),
               aliases=("HH", "Household ID", "Card", "Ration card")),
        Column("name", gettext_lazy("Name"), "#affected+ind+name", cells.text_of(200), required=True, aliases=("Имя", "Ф.И.О.")),
        Column("sex", gettext_lazy("Sex"), "#affected+ind+sex",
               cells.one_of(dict(Sex.choices), {"f": "female", "m": "male", "ж": "female", "м": "male"}), example="female",
               aliases=("Gender", "Пол")),
        Column("birth_year", gettext_lazy("Year of birth"), "#date+birth+year", cells.whole_number, example="1988"),
        Column("birth_date", gettext_lazy("Date of birth"), "#date+birth", cells.day),
        Column("relation", gettext_lazy("Relation to the head"), "#affected+ind+relation",
               cells.one_of(dict(RelationToHead.choices)), example="child"),
        Column("needs", gettext_lazy("Needs"), "#affected+ind+need", needs_of, example="disability"),
        Column("may_be_found", gettext_lazy("May be told to relatives who search"), "#affected+ind+consent", cells.yes_or_no,
               example="yes"),
        Column("note", gettext_lazy("Note"), "#description", cells.text_of(300)),
        Column("presence", gettext_lazy("Presence"), "#status", read_only=True,
               value=lambda record: str(record.get_presence_display())),
    )  # fmt: skip

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        return noted(super().export_queryset(viewer), viewer, self.title)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("household", "camp").defer("camp__perimeter")

    def blank(self, context: Context) -> Any:
        record = Person()
        record.stamp(context.by)
        return record

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """By code, else by the same name in the household."""
        found = records_by_code(rows, Person.CODE_LETTER, Person, context)
        rest = [row for row in rows if row.number not in found and "household" in row.values]
        people = self.related(Person.objects.filter(household__in={row.values["household"].pk for row in rest}))
        known: dict[tuple[int, str], list[Any]] = {}
        for person in people if rest else ():
            known.setdefault((person.household_id, person.name), []).append(person)
        for row in rest:
            same = known.get((row.values["household"].pk, row.values.get("name", "")))
            if same:
                found[row.number] = same
        return found

    def assemble(self, record: Any, row: Row) -> None:
        record.operation, record.camp = record.household.operation, record.household.camp

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        year, today = record.birth_year, timezone.localdate()
        if year is not None and not today.year - 120 <= year <= today.year:
            return {"birth_year": _("The year of birth is not plausible.")}
        agrees = bool(record.may_be_found)
        member = Member(
            name=record.name, sex=record.sex, birth_date=record.birth_date, relation=record.relation, needs=record.needs or (),
            may_be_found=agrees, note=record.note,
        )  # fmt: skip
        faults = member_faults(member)
        if record.pk is None and not faults:
            faults = site_faults(record.camp, timezone.now())
        if not faults:
            record.may_be_found = (
                record.may_be_found_since is not None
            )  # what was agreed so far, so that a change is seen
            fill_person(record, member)
            record.birth_year = record.birth_date.year if record.birth_date else year
        return faults

    def write(self, rows: Sequence[Row], context: Context) -> None:
        """New people come in with their arrival, as through every other door."""
        write_people([row.record for row in rows if row.outcome == Outcome.CREATE], by=context.by, at=timezone.now())
        self._update([row for row in rows if row.outcome == Outcome.UPDATE])


PLUGS = [HouseholdResource(), PersonResource()]
