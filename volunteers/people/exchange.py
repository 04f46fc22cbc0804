"""Plug for ``exchange``: volunteers as a table. Health limits and next of kin are in no file."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.phonenumber import to_python

from komek.accounts.authority import in_operation
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Row
from komek.exchange.resources import ModelResource
from orgs.exchange import code_column
from orgs.exchange_finders import codes_in, organisations_called
from volunteers.exchange_place import WHERE
from volunteers.models import Transport, Volunteer, VolunteerState
from volunteers.people.filters import VolunteerFilter
from volunteers.people.registering import prepare
from volunteers.refusals import Refused


class VolunteerResource(ModelResource):
    key = "volunteers.volunteer"
    title = gettext_lazy("Volunteers")
    model = Volunteer
    filterset_class = VolunteerFilter
    location_field = "location"
    derived_fields = ("search_key", "area", "location")
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("name", gettext_lazy("Name"), "#contact+name", cells.text_of(200), required=True, example="Maral Ataeva",
               aliases=("Имя", "ФИО")),
        Column("phone", gettext_lazy("Phone"), "#contact+phone", cells.text_of(40), lambda record: str(record.phone or ""),
               required=True, example="+99361000001", aliases=("Телефон", "Mobile")),
        Column("email", gettext_lazy("E-mail"), "#contact+email", cells.text_of(254)),
        Column("state", gettext_lazy("State"), "#status", read_only=True),
        Column("skills", gettext_lazy("Skills"), "#capacity", read_only=True,
               value=lambda record: "; ".join(one.skill.key for one in record.skills.all()) if record.pk else ""),
        Column("organisation", gettext_lazy("Affiliation"), "#org+code+v_komek", find=organisations_called,
               value=lambda record: record.organisation.code if record.organisation_id else "", also_hxl=("#org+code", "#org"),
               help=gettext_lazy("Name or code")),
        Column("transport", gettext_lazy("Transport"), "#access+transport", cells.one_of(dict(Transport.choices))),
        *WHERE,
        Column("available_from", gettext_lazy("First day"), "#date+start", cells.day),
        Column("available_to", gettext_lazy("Last day"), "#date+end", cells.day),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = queryset.select_related("operation", "organisation", "area", "user").prefetch_related("skills__skill")
        return rows.defer("area__geometry")

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """By code, else by the phone number."""
        seen = in_operation(self.related(Volunteer.objects.all()), context.operation)
        given = {row.number: row.texts.get("code", "").strip() for row in rows}
        codes = codes_in([text for text in given.values() if text], "V")
        by_code = {one.code: one for one in seen.filter(code__in=codes.values())} if codes else {}
        numbers = {_one_form(row) for row in rows} - {""}
        by_phone = {str(one.phone): one for one in seen.filter(phone__in=numbers)} if numbers else {}
        found: dict[int, list[Any]] = {}
        for row in rows:
            row.values.pop("code", None)
            if given[row.number]:
                record = by_code.get(codes.get(given[row.number], ""))
                if record is None:
                    row.fault("code", _("No record has the code “%(code)s”. Correct it, or leave it empty for a new one.")
                              % {"code": given[row.number][:20]})  # fmt: skip
                    continue
            else:
                record = by_phone.get(_one_form(row))
            if record is not None:
                found[row.number] = [record]
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        return _one_form(row)

    def assemble(self, record: Any, row: Row) -> None:
        longitude, latitude = row.values.get("longitude"), row.values.get("latitude")
        if longitude is not None and latitude is not None:
            record.location = Point(longitude, latitude, srid=4326)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if (row.values.get("longitude") is None) != (row.values.get("latitude") is None):
            return {"latitude": _("Longitude and latitude come together: one of them is missing.")}
        try:
            prepare(record)
        except Refused as refusal:
            return {name: sentences[0] for name, sentences in refusal.message_dict.items()}
        return {}

    def undo(self, record: Any, context: Context) -> bool | None:
        """Somebody nobody answered yet goes; one with a history stays."""
        if record.state != VolunteerState.APPLIED or record.assignments.exists():
            return False
        record.delete()
        return True


def _one_form(row: Row) -> str:
    """The row's number as it is stored, however it was written."""
    return str(to_python(row.values.get("phone") or "") or "")
