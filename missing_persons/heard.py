"""Sightings from camps, hospitals and check-ins (socket ``sightings``): who of them may be somebody who is looked for.

Only what may fit somebody missing is kept, and whether it may still be told is asked each time before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.extensions.sightings import Sighting, sightings
from komek.operations.models import Operation
from komek.records.actor import SYSTEM, Actor, acting
from missing_persons.ages import born_in_year
from missing_persons.models import (
    Note,
    NoteStatus,
    PairState,
    Person,
    SightingMatch,
    SightingsHeard,
    Status,
)
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.searching import Query, find_people
from missing_persons.texts import one_line

LOOKED_FOR = (Status.MISSING, Status.UNCHECKED, Status.UNCLEAR)
# Below this likeness a sighting is not worth a registrar's look.
LEAST = 0.05
MOST_PERSONS = 3
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def hear_all() -> int:
    """Look at what every plug tells since last time, in every operation that goes on; returns how many may fit somebody."""
    return sum(hear(operation) for operation in Operation.objects.filter(ended_at=None))


def hear(operation: Any) -> int:
    """The same for one operation. Each plug is a transaction of its own."""
    found = 0
    for plug in sightings:
        with transaction.atomic(), acting(SYSTEM):
            heard, _made = SightingsHeard.objects.select_for_update().get_or_create(
                operation=operation, plug=plug.key, defaults={"heard_until": BEGINNING}
            )
            began = timezone.now()
            for sighting in plug.since(heard.heard_until, operation):
                found += _match(plug.key, sighting, operation)
            heard.heard_until = began
            heard.save(update_fields=["heard_until"])
    return found


def _match(plug: str, sighting: Sighting, operation: Any) -> int:
    born_from, born_to = born_in_year(sighting.birth_year) if sighting.birth_year else (None, None)
    sex = sighting.sex if sighting.sex in ("female", "male") else ""
    new = 0
    looked_for = Person.objects.filter(operation=operation, status__in=LOOKED_FOR)
    for name in sighting.names:
        query = Query(name, sex=sex, born_from=born_from, born_to=born_to)
        try:
            hits = find_people(query, operation=operation, public=False, limit=MOST_PERSONS, among=looked_for)
        except Refused:
            continue  # a name that is no name finds nobody
        for hit in hits:
            if hit.score < LEAST:
                continue
            _row, made = SightingMatch.objects.update_or_create(
                person_id=hit.person_id, plug=plug, reference=sighting.reference,
                defaults={
                    "operation": operation, "names": list(sighting.names), "sex": sex, "birth_year": sighting.birth_year,
                    "seen_at": sighting.seen_at, "site_id": sighting.site_id, "score": hit.score, "evidence": hit.evidence,
                },
            )  # fmt: skip
            new += made
    return new


def still_told(matches: Iterable[SightingMatch], operation: Any) -> list[SightingMatch]:
    """Those of the sightings that may be told now: consent was not taken back, nobody died or was erased since."""
    kept = list(matches)
    told: set[tuple[str, str]] = set()
    for plug in sightings:
        references = {match.reference for match in kept if match.plug == plug.key}
        if references:
            told.update((plug.key, reference) for reference in plug.still_told(references, operation))
    return [match for match in kept if (match.plug, match.reference) in told]


@transaction.atomic
def decide_sighting(
    *, by: Actor, operation: Any, match: SightingMatch, is_same: bool, reason: str = ""
) -> SightingMatch:
    """Answer whether a sighting is of this person. If it is, a verified note says so, and where, to registrars alone.

    Raises Refused when it may not be told any more, or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.CHANGE, match)
    locked = SightingMatch.objects.select_for_update(of=("self",)).select_related("person", "site").get(pk=match.pk)
    if locked.state != PairState.OPEN:
        raise Refused(
            {"__all__": _("Somebody answered this already: “%(answer)s”.") % {"answer": locked.get_state_display()}}
        )
    if not still_told([locked], operation):
        raise Refused({"__all__": _("This may not be told any more. It is taken off the list.")})
    locked.state = PairState.JOINED if is_same else PairState.APART
    locked.reason, locked.decided_at, locked.decided_by = one_line(reason)[:300], timezone.now(), by.user
    with acting(by):
        locked.save()
        if is_same:
            person = Person.objects.select_for_update().get(pk=locked.person_id)
            note = Note(
                operation=person.operation, person=person, status=NoteStatus.BELIEVED_ALIVE, occurred_at=locked.seen_at,
                text=_("Registered elsewhere: %(reference)s.") % {"reference": locked.reference},
                last_known_location=str(locked.site or "")[:300], verified_at=timezone.now(), verified_by=by.user,
                verified_how=locked.reason or _("compared with the registration"), moderation="hidden",
            )  # fmt: skip
            note.stamp(by)
            note.save()
            refresh([person])
    return locked
