"""Plug for the ``sightings`` socket: people registered at sites who agreed that relatives may be told. Nobody else, nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from camps.models import Movement, MovementKind, Person, Presence, SpecialNeed
from komek.accounts.authority import in_operation
from komek.extensions.sightings import Sighting

AT_ONCE = 2000


class CampSightings:
    """Where and when somebody was last seen alive: at registration, or at the latest step that somebody noted.

    Left out: who did not agree or took it back, the dead, and children without a parent or guardian, whatever was ticked.
    """

    key = "camps.people"
    title = _("People registered in camps and hospitals")

    def since(self, moment: datetime, operation: Any) -> Iterable[Sighting]:
        """Sightings entered or agreed to after ``moment``, the oldest first; in one query."""
        rows = may_be_told(operation).filter(updated_at__gt=moment).order_by("updated_at", "pk")
        for person in rows.iterator(chunk_size=AT_ONCE):
            yield Sighting(
                reference=person.code,
                names=(person.name,),
                sex=person.sex,
                birth_year=person.birth_year,
                seen_at=person.seen_at,
                site_id=person.camp_id,
            )

    def still_told(self, references: Collection[str], operation: Any) -> frozenset[str]:
        """Those of the codes that belong to people of whom relatives may be told today."""
        wanted, told = list(references), set[str]()
        for begin in range(0, len(wanted), AT_ONCE):
            rows = may_be_told(operation).filter(code__in=wanted[begin : begin + AT_ONCE])
            told.update(rows.order_by().values_list("code", flat=True))
        return frozenset(told)


def may_be_told(operation: Any) -> QuerySet[Any]:
    """People of the operation of whom relatives may be told, with ``seen_at``."""
    steps = Movement.objects.filter(person=OuterRef("pk")).exclude(kind=MovementKind.DIED)
    last = steps.order_by("-occurred_at", "-pk").values("occurred_at")[:1]
    return (
        in_operation(Person.objects.filter(may_be_found=True), operation)
        .exclude(presence=Presence.DEAD)
        .exclude(needs__contains=[SpecialNeed.UNACCOMPANIED_CHILD])
        .annotate(seen_at=Coalesce(Subquery(last), "occurred_at"))
        .only("code", "name", "sex", "birth_year", "camp_id", "occurred_at")
    )


PLUGS = [CampSightings()]
