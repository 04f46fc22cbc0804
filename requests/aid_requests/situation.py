"""Plug for the ``situation`` socket: requests asked, open, overdue and met; lines still needed and promised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import NullIf
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.models import OPEN_STATES, AidRequest, Commitment, RequestState, RequestStep
from komek.accounts.authority import standing_of, visible
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
        rows = visible(AidRequest.objects.filter(occurred_at__lt=ends), standing_of(viewer.user, viewer.operation))
        rows = _with_state_then(rows, ends)
        if area_ids is None:
            return _figures(None, rows, ends)
        return [figure for area in area_ids for figure in _figures(area, rows.filter(area_id=area), ends)]


def _with_state_then(rows: QuerySet[AidRequest], ends: datetime) -> QuerySet[AidRequest]:
    """With ``then``: the state at that moment, ``None`` before it was submitted. For today that is the present state, which an
    index holds; for the past it is looked up among the steps of each.
    """
    if ends > timezone.now():
        return rows.annotate(then=NullIf(F("state"), Value(RequestState.DRAFT)))
    last = RequestStep.objects.filter(request=OuterRef("pk"), occurred_at__lt=ends).order_by("-occurred_at", "-pk")
    return rows.annotate(then=Subquery(last.values("after")[:1]))


def _figures(area_id: int | None, rows: QuerySet[AidRequest], ends: datetime) -> list[Figure]:
    counted: dict[str, Any] = rows.aggregate(
        asked=Count("pk", filter=~Q(then=None)), open=Count("pk", filter=Q(then__in=OPEN_STATES)),
        life=Count("pk", filter=Q(then__in=OPEN_STATES, priority="life")),
        late=Count("pk", filter=Q(then__in=OPEN_STATES, wanted_by__lt=ends)),
        met=Count("pk", filter=Q(then__in=DONE)), as_of=Max("occurred_at"),
    )  # fmt: skip
    promised = Commitment.objects.filter(Q(ended_at=None) | Q(ended_at__gte=ends), occurred_at__lt=ends)
    counted["promised"] = promised.filter(line__request__in=rows.order_by().values("pk")).count()
    named = (
        ("asked", _("Requests asked")), ("open", _("Open requests")), ("life", _("Open requests with lives at risk")),
        ("late", _("Open requests past their deadline")), ("met", _("Requests met")),
        ("promised", _("Promises under way")),
    )  # fmt: skip
    return [
        Figure(f"requests.{name}", title, Decimal(counted[name]), "", area_id, counted["as_of"], _("Requests"))
        for name, title in named
    ]


PLUGS = [RequestFigures()]
