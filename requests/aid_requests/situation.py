"""Plug for the ``situation`` socket: requests asked, open, overdue and met; lines still needed and promised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import BooleanField, Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import NullIf
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.models import OPEN_STATES, AidRequest, Commitment, Priority, RequestState, RequestStep
from komek.accounts.authority import Standing, in_operation, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.situation import Figure

DONE = (RequestState.MET, RequestState.CLOSED)


class RequestFigures:
    key = "requests"
    title = gettext_lazy("Requests")

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """As they stood at the end of ``day``, from the steps taken until then; by area of the need when areas are named."""
        if viewer.operation is None:
            return []
        ends = timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
        standing = standing_of(viewer.user, viewer.operation)
        rows = _with_state_then(visible(AidRequest.objects.filter(occurred_at__lt=ends), standing), ends)
        lasting = _lasting(standing, ends)
        if area_ids is None:
            return _figures(None, rows, ends, lasting.count())
        return [
            figure
            for area in area_ids
            for figure in _figures(
                area, rows.filter(area_id=area), ends, lasting.filter(line__request__area_id=area).count()
            )
        ]


def _lasting(standing: Standing, ends: datetime) -> QuerySet[Commitment]:
    """Promises under way at that moment. Nothing is promised to a draft, so that requests need not be looked at."""
    if not standing.signed_in or not standing.user.may_work:
        return Commitment.objects.none()
    rows = in_operation(Commitment.objects.filter(occurred_at__lt=ends), standing.operation)
    until = Q(ended_at=None) if ends > timezone.now() else Q(ended_at=None) | Q(ended_at__gte=ends)
    return rows.filter(until)


def _with_state_then(rows: QuerySet[AidRequest], ends: datetime) -> QuerySet[AidRequest]:
    """With ``then``: the state at that moment, ``None`` before it was submitted. For today that is the present state, which an
    index holds; for the past it is looked up among the steps of each.
    """
    if ends > timezone.now():
        return rows.annotate(then=NullIf(F("state"), Value(RequestState.DRAFT)))
    last = RequestStep.objects.filter(request=OuterRef("pk"), occurred_at__lt=ends).order_by("-occurred_at", "-pk")
    return rows.annotate(then=Subquery(last.values("after")[:1]))


def _figures(area_id: int | None, rows: QuerySet[AidRequest], ends: datetime, promised: int) -> list[Figure]:
    """promised: how many promises were under way."""
    counted = {"asked": 0, "open": 0, "life": 0, "late": 0, "met": 0, "promised": promised}
    as_of: datetime | None = None
    late = Case(When(wanted_by__lt=ends, then=True), default=False, output_field=BooleanField())
    groups = rows.order_by().annotate(late=late).values_list("then", "priority", "late")
    for then, priority, is_late, count, latest in groups.annotate(n=Count("*"), latest=Max("occurred_at")):
        as_of = max(as_of or latest, latest)
        is_open = then in OPEN_STATES
        counted["asked"] += count if then else 0
        counted["open"] += count if is_open else 0
        counted["life"] += count if is_open and priority == Priority.LIFE else 0
        counted["late"] += count if is_open and is_late else 0
        counted["met"] += count if then in DONE else 0
    named = (
        ("asked", _("Requests asked")), ("open", _("Open requests")), ("life", _("Open requests with lives at risk")),
        ("late", _("Open requests past their deadline")), ("met", _("Requests met")),
        ("promised", _("Promises under way")),
    )  # fmt: skip
    return [
        Figure(f"requests.{name}", title, Decimal(counted[name]), "", area_id, as_of, _("Requests"))
        for name, title in named
    ]


PLUGS = [RequestFigures()]
