"""Plugs for ``map_layers``: open needs by priority and age, and how much is unmet per person."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import (
    Case,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Extract, Now
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.models import OPEN_STATES, AidRequest, LineFigures, Priority, RequestLine
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.map_layers import LayerStyle

COLOURS = {Priority.LIFE: "#a11f1f", Priority.HIGH: "#c2570c", Priority.NORMAL: "#2563a8", Priority.LOW: "#5b6472"}


def open_requests_with_place(viewer: Viewer) -> QuerySet[Any]:
    """Open requests the viewer may see that have a place, with ``age_days``."""
    rows = visible(AidRequest.objects.filter(state__in=OPEN_STATES), standing_of(viewer.user, viewer.operation))
    age = Cast(Extract(Now() - F("occurred_at"), "epoch") / Value(86400), IntegerField())
    return rows.annotate(age_days=age).filter(place__isnull=False).order_by()


class OpenNeeds:
    """Open requests; colour tells the priority, the popup how long they wait."""

    key = "requests.needs"
    title = gettext_lazy("Open needs")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "place"
    properties: tuple[str, ...] = ("code", "title", "priority", "state", "age_days", "people", "wanted_by")
    property_titles = {"age_days": gettext_lazy("Waiting for days")}
    time_field = "occurred_at"
    style = LayerStyle(
        symbol="square", by="priority", default="#2563a8", colours={str(k): v for k, v in COLOURS.items()}
    )

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        return open_requests_with_place(viewer)

    def popup(self, row: Any) -> dict[str, Any]:
        lines = [(_("Priority"), row.get_priority_display()), (_("State"), row.get_state_display())]
        lines.append((_("Asked"), formats.date_format(timezone.localtime(row.occurred_at), "SHORT_DATETIME_FORMAT")))
        if row.wanted_by:
            moment = formats.date_format(timezone.localtime(row.wanted_by), "SHORT_DATETIME_FORMAT")
            lines.append((_("Needed by"), moment))
        return {"title": row.title or row.code, "url": row.get_absolute_url(), "lines": lines}


class UnmetPerPerson:
    """Open requests by the share of what they ask that is neither come nor promised, for each person they are for."""

    key = "requests.unmet"
    title = gettext_lazy("Unmet need per person")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "place"
    properties: tuple[str, ...] = ("code", "title", "level", "unmet_per_person", "people")
    property_titles = {
        "level": gettext_lazy("How much is unmet"),
        "unmet_per_person": gettext_lazy("Still needed for each person"),
    }
    time_field = "occurred_at"
    style = LayerStyle(
        symbol="circle", by="level", default="#5b6472",
        colours={"most": "#a11f1f", "much": "#c2570c", "some": "#b58900", "unknown": "#5b6472"},
        labels={
            "most": gettext_lazy("1 or more for each person"), "much": gettext_lazy("0.25 to 1 for each person"),
            "some": gettext_lazy("less than 0.25 for each person"), "unknown": gettext_lazy("number of people not known"),
        },
    )  # fmt: skip

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        """unmet_per_person: units still needed of all lines together, by person; level: in words that pick a colour."""
        amount: DecimalField[Any, Any] = DecimalField(max_digits=24, decimal_places=6)
        lines = LineFigures.objects.filter(request=OuterRef("pk"), needed__gt=0).order_by().values("request")
        needed = Coalesce(Subquery(lines.annotate(sum=Sum("needed")).values("sum")), Value(0), output_field=amount)
        named = RequestLine.objects.filter(request=OuterRef("pk")).order_by().values("request")
        people = Coalesce("people", Subquery(named.annotate(most=Max("people")).values("most")))
        each = ExpressionWrapper(F("needed") / F("for_people"), output_field=FloatField())
        rows = open_requests_with_place(viewer).annotate(needed=needed, for_people=people)
        rows = rows.annotate(unmet_per_person=Case(When(for_people__gt=0, then=each), output_field=FloatField()))
        level = Case(
            When(unmet_per_person=None, then=Value("unknown")), When(unmet_per_person__gte=1, then=Value("most")),
            When(unmet_per_person__gte=0.25, then=Value("much")), default=Value("some"),
        )  # fmt: skip
        is_unmet = Exists(LineFigures.objects.filter(request=OuterRef("pk"), needed__gt=0))
        return rows.annotate(level=level).filter(is_unmet, merged_into=None)

    def popup(self, row: Any) -> dict[str, Any]:
        each = _("unknown") if row.unmet_per_person is None else formats.number_format(row.unmet_per_person, 2)
        lines = [(_("Still needed for each person"), each), (_("People"), row.for_people or _("unknown"))]
        return {"title": row.title or row.code, "url": row.get_absolute_url(), "lines": lines}


PLUGS = [OpenNeeds(), UnmetPerPerson()]
