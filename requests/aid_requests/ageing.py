"""How long requests have waited: moments in words, and counts by state and age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, QuerySet, SmallIntegerField, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aid_requests.deadlines import WAITING
from aid_requests.models import AidRequest, RequestState
from komek.web.templatetags.komek import ago

AGES = (
    (gettext_lazy("under 6 hours"), timedelta(0), timedelta(hours=6)),
    (gettext_lazy("6 to 24 hours"), timedelta(hours=6), timedelta(hours=24)),
    (gettext_lazy("1 to 3 days"), timedelta(hours=24), timedelta(days=3)),
    (gettext_lazy("3 to 7 days"), timedelta(days=3), timedelta(days=7)),
    (gettext_lazy("over 7 days"), timedelta(days=7), None),
)


@dataclass(frozen=True)
class Ageing:
    """One state: how many requests wait in it, by age, and how many of them too long."""

    state: str
    label: Any
    counts: tuple[int, ...]
    overdue: int

    @property
    def all(self) -> int:
        return sum(self.counts)


def ageing(requests: QuerySet[AidRequest], now: datetime | None = None) -> list[Ageing]:
    """Waiting requests by state and by how long they have been in it; one query, one look at each."""
    now = now or timezone.now()
    # The first that fits; who has no moment in this state yet counts as the youngest.
    ages = [
        When(state_since__gt=now - oldest, then=place)
        for place, (_label, _youngest, oldest) in enumerate(AGES)
        if oldest
    ]
    age = Case(When(state_since=None, then=0), *ages, default=len(AGES) - 1, output_field=SmallIntegerField())
    late = Case(When(due_at__lt=now, then=True), default=False, output_field=BooleanField())
    rows = requests.filter(state__in=WAITING).order_by().annotate(age=age, late=late)
    found: dict[str, list[int]] = {}
    overdue: dict[str, int] = {}
    for state, place, is_late, count in rows.values_list("state", "age", "late").annotate(n=Count("*")):
        found.setdefault(state, [0] * len(AGES))[place] += count
        overdue[state] = overdue.get(state, 0) + (count if is_late else 0)
    return [
        Ageing(state, RequestState(state).label, tuple(found[state]), overdue[state])
        for state in WAITING
        if state in found
    ]


def in_time(moment: datetime | None) -> str:
    """``in 3 hours``, or ``3 hours ago`` for what is past; empty for ``None``."""
    if moment is None:
        return ""
    seconds = int((moment - timezone.now()).total_seconds())
    if seconds <= 0:
        return ago(moment)
    if seconds < 3600:
        n = max(1, seconds // 60)
        return ngettext("in %(n)d minute", "in %(n)d minutes", n) % {"n": n}
    if seconds < 2 * 86400:
        return ngettext("in %(n)d hour", "in %(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("in %(n)d day", "in %(n)d days", seconds // 86400) % {"n": seconds // 86400}


def too_late(moment: datetime | None) -> bool:
    return moment is not None and moment < timezone.now()


def reporter_words(verified: int, false: int) -> str:
    """A reporter's record in words: ``3 verified, 1 false``; empty for a first report."""
    parts = []
    if verified:
        parts.append(ngettext("%(n)d verified", "%(n)d verified", verified) % {"n": verified})
    if false:
        parts.append(_("%(n)d false") % {"n": false})
    return ", ".join(parts)
