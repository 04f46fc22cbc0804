"""Requests with their lines as a table, a line in a row: an export comes back unchanged; new rows go through the same rules as pages.

Rows that name the same request (by code, else by the asker's reference, else by place and purpose) are its lines. What a row says
about the request itself counts when the request is made; later it is changed on its page.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aid_requests.asking import change_request, draft_of, faults_of, submit_request
from aid_requests.filters import LinesOfRequests
from aid_requests.lines import check_line
from aid_requests.models import OPEN_STATES, AidRequest, LineKind, Priority, RequestLine, RequestState
from aid_requests.needed import with_figures
from aid_requests.quantities import base_quantity, question_about
from komek.accounts.authority import Action, in_operation, may, standing_of, visible
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource
from komek.exchange.supply_tables import items_called
from komek.extensions import Viewer
from komek.supplies.models import plain
from orgs.exchange_finders import codes_in, organisations_called, sites_called

OF_REQUEST = ("reference", "site", "landmark", "longitude", "latitude", "asked_by", "purpose")
"""Columns about the request; they are read when it is made."""


def _point(record: Any, axis: str) -> str:
    spot = record.request.location
    return repr(getattr(spot, axis)) if spot else ""


class RequestLineResource(ModelResource):
    key = "requests.requestline"
    title = gettext_lazy("Requests and their lines")
    model = RequestLine
    filterset_class = LinesOfRequests
    derived_fields = ("quantity", "unit")
    columns = (
        Column("code", gettext_lazy("Request"), "#meta+code", help=gettext_lazy("Leave empty for a new request."),
               value=lambda record: record.request.code or "", aliases=("Komek code", "Code")),
        Column("reference", gettext_lazy("Asker's reference"), "#meta+id", cells.text_of(200),
               value=lambda record: record.request.reference, help=gettext_lazy("Rows with the same one are one request."),
               aliases=("ID", "№", "No")),
        Column("line", gettext_lazy("Line"), "#meta+line", cells.whole_number, value=lambda record: record.order + 1,
               help=gettext_lazy("1 for the first line of a request.")),
        Column("site", gettext_lazy("Site"), "#loc+code", find=sites_called, example="Camp Tejen 1",
               value=lambda record: record.request.site.code if record.request.site else "", also_hxl=("#loc+name", "#loc")),
        Column("landmark", gettext_lazy("Address or landmark"), "#loc+address", cells.text_of(300),
               value=lambda record: record.request.landmark),
        Column("longitude", gettext_lazy("longitude"), "#geo+lon", cells.decimal_degrees,
               value=lambda record: _point(record, "x"), aliases=("lon", "x")),
        Column("latitude", gettext_lazy("latitude"), "#geo+lat", cells.decimal_degrees,
               value=lambda record: _point(record, "y"), aliases=("lat", "y")),
        Column("area", gettext_lazy("Area"), "#adm+code", read_only=True,
               value=lambda record: record.request.area.pcode if record.request.area else ""),
        Column("asked_by", gettext_lazy("Asked by organisation"), "#org+code+v_komek", find=organisations_called,
               value=lambda record: record.request.asked_by.code if record.request.asked_by else "", also_hxl=("#org",)),
        Column("purpose", gettext_lazy("What for"), "#description+purpose", cells.text_of(4000),
               value=lambda record: record.request.purpose),
        Column("state", gettext_lazy("State"), "#status", read_only=True, value=lambda record: record.request.state),
        Column("kind", gettext_lazy("Kind"), "#item+type", cells.one_of(dict(LineKind.choices)), example="goods"),
        Column("item", gettext_lazy("Item"), "#item+code", find=items_called, keep_unknown="description", example="Blanket",
               value=lambda record: record.item.code if record.item else "", also_hxl=("#item+name", "#item"),
               help=gettext_lazy("Code or name. What the catalogue does not know is kept as it is written.")),
        Column("description", gettext_lazy("In the asker's words"), "#item+description", cells.text_of(300)),
        Column("skill", gettext_lazy("Skill"), "#item+skill", cells.text_of(100)),
        Column("quantity", gettext_lazy("Quantity"), "#item+num+asked", cells.exact_number(digits=12, places=6), required=True,
               value=lambda record: plain(record.quantity) if record.quantity is not None else "", example="200",
               aliases=("Asked", "Number")),
        Column("unit", gettext_lazy("Unit"), "#item+unit", cells.text_of(40)),
        Column("priority", gettext_lazy("Priority"), "#priority", cells.one_of(dict(Priority.choices)), example="high"),
        Column("wanted_by", gettext_lazy("Needed by"), "#date+needed", cells.moment),
        Column("people", gettext_lazy("For how many people"), "#affected", cells.whole_number),
        Column("received", pgettext_lazy("quantity", "Received"), "#item+num+received", read_only=True,
               value=lambda record: plain(record.received)),
        Column("promised", gettext_lazy("Promised"), "#item+num+promised", read_only=True,
               value=lambda record: plain(getattr(record, "promised", Decimal(0)))),
        Column("needed", gettext_lazy("Still needed"), "#item+num+needed", read_only=True,
               value=lambda record: plain(getattr(record, "needed", Decimal(0)))),
    )  # fmt: skip

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        standing = standing_of(viewer.user, viewer.operation)
        rows = in_operation_of(
            visible(RequestLine.objects.exclude(request__state=RequestState.DRAFT), standing), standing
        )
        return with_figures(self.related(rows))

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        joined = queryset.select_related("request__site", "request__area", "request__asked_by", "item__unit", "sector")
        return joined.defer("request__area__geometry", "request__search_key")

    def blank(self, context: Context) -> Any:
        request = AidRequest(operation=context.operation)
        request.stamp(context.by)
        return RequestLine(request=request)

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """By request and line number, else by what the line asks for. A request that is known gets what is new as new lines."""
        known = self._requests(rows, context)
        lines: dict[int, list[RequestLine]] = {}
        keys = {request.pk for request in known.values()}
        for line in with_figures(self.related(RequestLine.objects.filter(request__in=keys))).order_by("order", "pk"):
            lines.setdefault(line.request_id, []).append(line)
        found = {}
        for row in rows:
            request = known.get(row.number)
            if request is None or row.faults:
                continue
            row.values["_request"] = request
            own = lines.get(request.pk, [])
            number = row.values.get("line")
            same = (
                [line for line in own if line.order + 1 == number]
                if number
                else [one for one in own if _asks_same(one, row)]
            )
            if same:
                found[row.number] = same[:1]
        return found

    def assemble(self, record: Any, row: Row) -> None:
        """A new line belongs to the request it names, or to one that is made from the row."""
        if record.pk is not None:
            return
        if "_request" in row.values:
            record.request = row.values["_request"]
            return
        values, request = row.values, record.request
        for name in ("reference", "landmark", "purpose"):
            setattr(request, name, values.get(name, ""))
        request.site, request.asked_by = values.get("site"), values.get("asked_by")
        longitude, latitude = values.get("longitude"), values.get("latitude")
        if longitude is not None and latitude is not None:
            request.location = Point(longitude, latitude, srid=4326)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        request = record.request
        if request.pk is None:
            if not may(context.standing, Action.ADD, AidRequest):
                return {"__all__": _("You may not ask for support here. Ask a coordinator for a role that may.")}
            faults = faults_of(request)
            if request.site is None and request.location is None and not request.landmark:
                faults["site"] = _("Say where it is needed: a site, a point on the map, an area, or a landmark.")
            if faults:
                return faults
        elif request.state not in OPEN_STATES:
            return {"__all__": _("%(code)s has ended. Reopen it to change it.") % {"code": request.code}}
        quantity, unit = base_quantity(record.item, record.quantity, record.unit)
        before = RequestLine.objects.filter(pk=record.pk).first() if record.pk else RequestLine(request=request)
        check_line(before, draft_of(record), quantity)
        is_new_amount = before.quantity != quantity or before.item_id != record.item_id
        record.quantity, record.unit = quantity, unit
        people = record.people or request.people
        question = question_about(record.kind or LineKind.GOODS, record.item, quantity, unit, people)
        if question and is_new_amount:
            row.notes.append(question)
        return {}

    def identity_of_new(self, row: Row) -> Hashable | None:
        values = row.values
        number = values.get("line")
        thing = number or (getattr(values.get("item"), "pk", None), values.get("description"), values.get("skill"))
        return (_request_of(row), thing)

    def write(self, rows: Sequence[Row], context: Context) -> None:
        """Through the functions that pages call: they route, notify and keep the steps."""
        groups: dict[Hashable, list[Row]] = {}
        for row in rows:
            if row.outcome in (Outcome.CREATE, Outcome.UPDATE):
                groups.setdefault(_request_of(row), []).append(row)
        for own in groups.values():
            self._write_request(own, context)

    def _write_request(self, rows: list[Row], context: Context) -> None:
        request = rows[0].values.get("_request")
        new = [row for row in rows if row.outcome == Outcome.CREATE]
        if request is None:
            blank = rows[0].record.request
            fields = {name: getattr(blank, name) for name in ("site", "location", "landmark", "asked_by", "purpose")}
            made = submit_request(
                by=context.by, operation=context.operation, lines=[draft_of(row.record) for row in new],
                reference=blank.reference, confirmed=True, **fields,
            )  # fmt: skip
            context.made.setdefault("requests", {})[made.code] = made
        else:
            changed = {row.record.pk: row.record for row in rows if row.outcome == Outcome.UPDATE}
            kept = [draft_of(changed.get(line.pk, line)) for line in request.lines.select_related("item", "sector")]
            made = change_request(
                by=context.by, operation=context.operation, request=request, confirmed=True,
                lines=[*kept, *(draft_of(row.record) for row in new)],
            )  # fmt: skip
        written = list(made.lines.order_by("order", "pk"))
        for row, line in zip(new, written[len(written) - len(new) :], strict=True):
            row.record = line
        by_key = {line.pk: line for line in written}
        for row in rows:
            row.record = by_key[row.record.pk]

    def _requests(self, rows: Sequence[Row], context: Context) -> dict[int, AidRequest]:
        """Row number → the request it names by code or by reference; an unknown code is a fault."""
        given = {row.number: row.texts.get("code", "").strip() for row in rows}
        codes = codes_in([text for text in given.values() if text], "R")
        references = {row.values["reference"] for row in rows if row.values.get("reference")}
        seen = in_operation(AidRequest.objects.exclude(state=RequestState.DRAFT), context.operation)
        seen = seen.select_related("site", "operation", "asked_by", "responsible")
        by_code = {one.code: one for one in seen.filter(code__in=codes.values())}
        by_reference = {one.reference: one for one in seen.filter(reference__in=references)}
        found = {}
        for row in rows:
            text = given[row.number]
            request = by_code.get(codes.get(text, "")) if text else by_reference.get(row.values.get("reference", ""))
            if request is not None:
                found[row.number] = request
            elif text:
                row.fault(
                    "code",
                    _("No request has the code “%(code)s”. Correct it, or leave it empty.") % {"code": text[:20]},
                )
        return found


def in_operation_of(lines: QuerySet[Any], standing: Any) -> QuerySet[Any]:
    """Lines of the operation that the standing is of."""
    return lines.filter(request__operation=standing.operation)


def _asks_same(line: RequestLine, row: Row) -> bool:
    item = row.values.get("item")
    if item is not None or line.item_id is not None:
        return item is not None and line.item_id == item.pk
    return (line.description, line.skill) == (row.values.get("description", ""), row.values.get("skill", ""))


def _request_of(row: Row) -> Hashable:
    """What makes rows lines of one request."""
    values = row.values
    if "_request" in values:
        return ("known", values["_request"].pk)
    if values.get("reference"):
        return ("reference", values["reference"])
    place = (
        getattr(values.get("site"), "pk", None),
        values.get("landmark"),
        values.get("longitude"),
        values.get("latitude"),
    )
    return ("place", *place, getattr(values.get("asked_by"), "pk", None), values.get("purpose"))


PLUGS = [RequestLineResource()]
