"""Plug for the ``situation`` socket: open cases, found alive, deaths by verification. Numbers only, for every account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import in_operation, standing_of
from komek.extensions import Viewer
from komek.extensions.situation import Figure
from missing_persons.filters import listed
from missing_persons.models import OF_DEATH, Note, NoteStatus, Person, Report, Status


class PersonFigures:
    key = "missing_persons"
    title = gettext_lazy("Missing persons")

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """Persons entered until the end of ``day``. Who was found or confirmed dead later counts as looked for then."""
        standing = standing_of(viewer.user, viewer.operation)
        if viewer.operation is None or not standing.signed_in or not standing.user.may_work:
            return []
        ends = timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
        rows = listed(in_operation(Person.objects.all(), viewer.operation)).filter(entered_at__lt=ends)
        if area_ids is None:
            return _figures(None, rows, ends)
        return [
            figure for area_id in area_ids for figure in _figures(area_id, rows.filter(last_seen_area_id=area_id), ends)
        ]


def _figures(area_id: int | None, rows: QuerySet[Person], ends: datetime) -> list[Figure]:
    known = Q(status_at__lt=ends)
    found = known & Q(status__in=(Status.ALIVE, Status.SAFE))
    dead = known & Q(status=Status.DEAD)
    reported = Report.objects.filter(kind__in=OF_DEATH, entered_at__lt=ends, tombstoned_at=None)
    noted = Note.objects.filter(status=NoteStatus.BELIEVED_DEAD, entered_at__lt=ends, tombstoned_at=None)
    said = Q(pk__in=reported.values("person")) | Q(pk__in=noted.values("person"))
    said_dead = rows.filter(said).exclude(dead).exclude(found)
    told: Any = rows.aggregate(
        found=Count("pk", filter=found), dead=Count("pk", filter=dead), every=Count("pk"), at=Max("updated_at"),
        alone=Count("pk", filter=Q(is_child_alone=True)),
    )  # fmt: skip
    unconfirmed = said_dead.count()
    source = _("Register of missing persons")
    values = (
        ("persons_open", _("Persons not yet found"), told["every"] - told["found"] - told["dead"] - unconfirmed),
        ("persons_found_alive", _("Persons found alive"), told["found"]),
        ("persons_dead_confirmed", _("Deaths confirmed"), told["dead"]),
        ("persons_dead_unconfirmed", _("Deaths reported, not confirmed"), unconfirmed),
        ("persons_children_alone", _("Children found alone"), told["alone"]),
    )
    unit = _("people")
    return [
        Figure(key, title, Decimal(max(value, 0)), unit, area_id, told["at"], source) for key, title, value in values
    ]


PLUGS = [PersonFigures()]
