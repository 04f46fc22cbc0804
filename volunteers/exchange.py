"""Plug for ``exchange``: pledges as a table with HXL tags.

Who gives, and how to reach them, is in the file only for those who may know it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import in_operation, standing_of, visible
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource
from komek.exchange.supply_tables import items_called
from komek.extensions import Viewer
from komek.supplies.models import plain
from orgs.exchange import code_column
from orgs.exchange_finders import codes_in, organisations_called, sites_called
from volunteers.amounts import question_about
from volunteers.consent import follow_choice
from volunteers.exchange_place import WHERE
from volunteers.filters import PledgeFilter
from volunteers.models import DonorKind, Pledge, PledgeKind, PledgeState, PledgeStep
from volunteers.moving import promised_of
from volunteers.names import with_names
from volunteers.offering import prepare
from volunteers.people.exchange import VolunteerResource
from volunteers.refusals import Refused

QUANTITY = cells.exact_number(digits=12, places=6)
OF_THE_QUANTITY = ("kind", "item", "quantity", "unit")


def _if(flag: str, value: Any) -> Any:
    """The value where the reader may know it; of a new record they write it themselves."""
    return lambda record: value(record) if getattr(record, flag, record._state.adding) else ""


class PledgeResource(ModelResource):
    key = "volunteers.pledge"
    title = gettext_lazy("Pledges")
    model = Pledge
    filterset_class = PledgeFilter
    location_field = "location"
    derived_fields = (
        "search_key",
        "area",
        "location",
        "quantity",
        "unit",
        "description",
        "donor_name",
        "landmark",
        "conditions",
    )
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("reference", gettext_lazy("Sender's reference"), "#meta+id", cells.text_of(200), aliases=("ID", "No", "№")),
        Column("kind", gettext_lazy("Kind"), "#item+type", cells.one_of(dict(PledgeKind.choices)), example="goods"),
        Column("item", gettext_lazy("Item"), "#item+code", find=items_called, keep_unknown="description", example="HOU-BLK",
               value=lambda record: record.item.code if record.item_id else "", also_hxl=("#item+name", "#item"),
               help=gettext_lazy("Its code or whole name; what the catalogue does not know is kept as written."),
               aliases=("Goods", "Товар")),
        Column("description", gettext_lazy("In the donor's words"), "#item+description", cells.text_of(300)),
        Column("skill", gettext_lazy("Skill"), "#item+skill", cells.text_of(100)),
        Column("quantity", gettext_lazy("Quantity"), "#item+num", QUANTITY, lambda record: plain(record.quantity or 0),
               required=True, example="100", aliases=("Number", "Количество")),
        Column("unit", gettext_lazy("Unit or currency"), "#item+unit", cells.text_of(40), example="pc"),
        Column("received", gettext_lazy("Received"), "#item+num+received", value=lambda record: plain(record.received),
               read_only=True),
        Column("state", gettext_lazy("State"), "#status", read_only=True),
        Column("donor", gettext_lazy("Donor"), "#org+donor+code+v_komek", find=organisations_called, keep_unknown="donor_name",
               value=_if("may_be_named", lambda record: record.donor.code if record.donor_id else ""),
               help=gettext_lazy("Name or code; a donor nobody knows is kept as written"),
               also_hxl=("#org+donor+code", "#org+donor", "#org+funder"), aliases=("Донор",)),
        Column("donor_name", gettext_lazy("Donor, when not registered"), "#org+donor+name", cells.text_of(200),
               _if("may_be_named", lambda record: record.donor_name)),
        Column("donor_kind", gettext_lazy("Donor is"), "#org+donor+type", cells.one_of(dict(DonorKind.choices))),
        Column("phone", gettext_lazy("Phone"), "#contact+phone", cells.text_of(40),
               _if("may_be_reached", lambda record: str(record.phone or ""))),
        Column("email", gettext_lazy("E-mail"), "#contact+email", cells.text_of(254),
               _if("may_be_reached", lambda record: record.email)),
        Column("is_public", gettext_lazy("The name may be published"), "#org+donor+public", cells.yes_or_no),
        Column("is_anonymous", gettext_lazy("Anonymous"), "#org+donor+anonymous", cells.yes_or_no),
        Column("site", gettext_lazy("Site"), "#loc+code", find=sites_called,
               value=lambda record: record.site.code if record.site_id else ""),
        *WHERE,
        Column("valid_from", gettext_lazy("Can be had from"), "#date+start", cells.day),
        Column("valid_to", gettext_lazy("Can be had until"), "#date+end", cells.day),
        Column("conditions", gettext_lazy("Conditions"), "#description", cells.text_of(300)),
        Column("occurred_at", gettext_lazy("Offered"), "#date+reported", cells.moment, aliases=("Date", "When")),
        Column("reported_by", gettext_lazy("Reported by"), "#meta+source", cells.text_of(200),
               _if("may_be_reached", lambda record: record.reported_by), aliases=("Source",)),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("operation", "item__unit", "donor", "site", "area").defer("area__geometry")

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        standing = standing_of(viewer.user, viewer.operation)
        return with_names(visible(self.related(Pledge.objects.all()), standing), standing)

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """By code, else by the sender's reference, else what the same donor offered at the same moment."""
        seen = with_names(in_operation(self.related(Pledge.objects.all()), context.operation), context.standing)
        found = self._by_code(rows, seen)
        rest = [row for row in rows if row.number not in found and not row.faults]
        references = {row.values["reference"] for row in rest if row.values.get("reference")}
        by_reference = {row.reference: row for row in seen.filter(reference__in=references)} if references else {}
        moments = {row.values["occurred_at"] for row in rest if row.values.get("occurred_at")}
        by_line: dict[Any, list[Any]] = {}
        for record in seen.filter(occurred_at__in=moments) if moments else ():
            if record.may_be_named:
                by_line.setdefault(_line(record), []).append(record)
        for row in rest:
            reference = row.values.get("reference")
            if reference:
                same = [by_reference[reference]] if reference in by_reference else []
            else:
                same = by_line.get(_line_of_row(row), [])
            if same:
                found[row.number] = same
        return found

    def _by_code(self, rows: Sequence[Row], seen: QuerySet[Any]) -> dict[int, list[Any]]:
        given = {row.number: row.texts["code"].strip() for row in rows if row.texts.get("code", "").strip()}
        codes = codes_in(list(given.values()), "G")
        known = {record.code: record for record in seen.filter(code__in=codes.values())} if codes else {}
        found = {}
        for row in rows:
            text = given.get(row.number)
            row.values.pop("code", None)
            if text is None:
                continue
            record = known.get(codes.get(text, ""))
            if record is None:
                row.fault("code", _("No record has the code “%(code)s”. Correct it, or leave it empty for a new one.")
                          % {"code": text[:20]})  # fmt: skip
            else:
                found[row.number] = [record]
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        return row.values.get("reference") or tuple(sorted(row.texts.items()))

    def assemble(self, record: Any, row: Row) -> None:
        longitude, latitude = row.values.get("longitude"), row.values.get("latitude")
        if longitude is not None and latitude is not None:
            record.location = Point(longitude, latitude, srid=4326)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if (row.values.get("longitude") is None) != (row.values.get("latitude") is None):
            return {"latitude": _("Longitude and latitude come together: one of them is missing.")}
        is_new = record._state.adding
        changed = [name for name in OF_THE_QUANTITY if name in row.changes]
        if changed and not is_new and (record.received or promised_of(record)):
            return {changed[0]: _("Something of it came or is promised. Change it on its own page.")}
        if is_new:
            record.state_since = timezone.now()
        try:
            prepare(record, converts=is_new or bool(changed))
        except Refused as refusal:
            return {name: sentences[0] for name, sentences in refusal.message_dict.items()}
        question = question_about(record.kind, record.what, record.quantity, record.unit)
        if question and (is_new or changed):
            row.notes.append(question)
        return {}

    def write(self, rows: Sequence[Row], context: Context) -> None:
        super().write(rows, context)
        steps = []
        for row in rows:
            if row.outcome == Outcome.CREATE:
                record = row.record
                step = PledgeStep(
                    pledge=record, operation=record.operation, after=PledgeState.PLEDGED, occurred_at=record.occurred_at
                )
                step.stamp(context.by)
                steps.append(step)
        PledgeStep.objects.bulk_create(steps, batch_size=1000)
        for row in rows:
            if row.outcome in (Outcome.CREATE, Outcome.UPDATE) and row.values.get("is_public") is not None:
                follow_choice(row.record, by=context.by)

    def undo(self, record: Any, context: Context) -> bool | None:
        """An offer that nobody answered yet goes; one with a history stays."""
        if record.state != PledgeState.PLEDGED or record.uses.exists() or record.receipts.exists():
            return False
        record.delete()
        return True


def _line(record: Any) -> tuple[Any, ...]:
    return (record.occurred_at, record.item_id, record.description, record.donor_id, record.donor_name)


def _line_of_row(row: Row) -> tuple[Any, ...]:
    values = row.values
    return (
        values.get("occurred_at"), getattr(values.get("item"), "pk", None), values.get("description", ""),
        getattr(values.get("donor"), "pk", None), values.get("donor_name", ""),
    )  # fmt: skip


PLUGS = [PledgeResource(), VolunteerResource()]
