"""Plug for the ``situation`` socket: offers made, answered, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.situation import Figure
from volunteers.models import Pledge, PledgeReceipt, PledgeState, PledgeStep
from volunteers.work.situation import TaskFigures


class PledgeFigures:
    key = "volunteers.pledges"
    title = gettext_lazy("Pledges")

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """As they stood at the end of ``day``, from the steps and receipts until then."""
        if viewer.operation is None:
            return []
        ends = timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
        rows = visible(Pledge.objects.filter(occurred_at__lt=ends), standing_of(viewer.user, viewer.operation))
        if area_ids is None:
            return _figures(None, rows, ends)
        return [figure for area_id in area_ids for figure in _figures(area_id, rows.filter(area_id=area_id), ends)]


def _figures(area_id: int | None, rows: QuerySet[Pledge], ends: datetime) -> list[Figure]:
    steps = PledgeStep.objects.filter(pledge=OuterRef("pk"), occurred_at__lt=ends)
    if ends > timezone.now():  # as it is now, which stands on the pledge itself
        waiting, came = rows.filter(state=PledgeState.PLEDGED), rows.filter(received__gt=0)
    else:
        waiting = rows.exclude(Exists(steps.exclude(after=PledgeState.PLEDGED)))
        came = rows.filter(Exists(PledgeReceipt.objects.filter(pledge=OuterRef("pk"), occurred_at__lt=ends)))
    counted: dict[str, Any] = rows.aggregate(n=Count("*"), at=Max("updated_at"))
    as_of = counted["at"]
    accepted = rows.filter(Exists(steps.filter(after=PledgeState.ACCEPTED)))
    values = (
        ("pledges", _("Offers of aid"), counted["n"]),
        ("pledges_waiting", _("Offers that wait for an answer"), waiting.count()),
        ("pledges_accepted", _("Offers accepted"), accepted.count()),
        ("pledges_received", _("Offers of which something came"), came.count()),
    )
    source = _("Register of pledges")
    return [Figure(key, title, Decimal(value), _("offers"), area_id, as_of, source) for key, title, value in values]


PLUGS = [PledgeFigures(), TaskFigures()]
