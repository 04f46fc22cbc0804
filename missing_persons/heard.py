"""Sightings from camps, hospitals and check-ins (socket ``sightings``): who of them may be somebody who is looked for.

Only what may fit somebody missing is kept, and whether it may still be told is asked each time before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.extensions.sightings import Sighting, sightings
from komek.operations.models import Operation
from komek.records.actor import SYSTEM, Actor, acting
from missing_persons.ages import born_in_year
from missing_persons.filing import read_form, salt_of, written_form
from missing_persons.models import (
    Note,
    NoteStatus,
    PairState,
    Person,
    SightingMatch,
    SightingsHeard,
    Status,
)
from missing_persons.models.search_entry import SearchEntry
from missing_persons.names.keys import question_of
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.searching import Query, find_people
from missing_persons.texts import one_line

LOOKED_FOR = (Status.MISSING, Status.UNCHECKED, Status.UNCLEAR)
# Below this likeness a sighting is not worth a registrar's look.
LEAST = 0.05
MOST_PERSONS = 3
LONGEST_NAME = 300
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def hear_all() -> int:
    """Look at what every plug tells since last time, in every operation that goes on; returns how many may fit somebody."""
    return sum(hear(operation) for operation in Operation.objects.filter(ended_at=None))


def hear(operation: Any) -> int:
    """The same for one operation. A run that is interrupted begins again; nothing is suggested twice.

    Steps, for each plug: compare what is new there with everybody looked for; then, when somebody new is looked for, compare what was
    told before with them alone, of which most is passed over by the keys of the names.
    """
    found = 0
    for plug in sightings:
        heard, _made = SightingsHeard.objects.get_or_create(
            operation=operation, plug=plug.key, defaults={"heard_until": BEGINNING}
        )
        began = timezone.now()
        looked_for = Person.objects.filter(
            operation=operation, status__in=LOOKED_FOR, joined_into=None, tombstoned_at=None
        )
        newcomers = looked_for.filter(updated_at__gt=heard.heard_until)
        if looked_for.exists():
            found += _compare(plug, heard.heard_until, operation, looked_for, keys=None)
        if heard.heard_until > BEGINNING and newcomers.exists():
            found += _compare(plug, BEGINNING, operation, newcomers, keys=_keys_of(newcomers))
        heard.heard_until = began
        heard.save(update_fields=["heard_until"])
    return found


def _compare(plug: Any, since: datetime, operation: Any, persons: QuerySet[Person], *, keys: set[int] | None) -> int:
    """Compare a plug's sightings with these persons. keys: of their names; what shares none is passed over."""
    found = 0
    for sighting in plug.since(since, operation):
        if keys is not None and keys.isdisjoint(_keys_asked(sighting, operation)):
            continue
        with transaction.atomic(), acting(SYSTEM):
            found += _match(plug.key, sighting, operation, persons)
    return found


def _keys_of(persons: QuerySet[Person]) -> set[int]:
    """Under which keys these persons are filed."""
    filed = SearchEntry.objects.filter(person__in=persons).values_list("keys", flat=True)
    return {key for keys in filed.iterator(chunk_size=2000) for key in keys}


def _keys_asked(sighting: Sighting, operation: Any) -> set[int]:
    """Under which keys somebody with the sighting's names would be looked for."""
    names = [read_form(written_form(whole=name[:LONGEST_NAME])) for name in sighting.names]
    question = question_of(names, salt=salt_of(operation.pk))
    return {*question.fine, *question.broad, *question.near}


def _match(plug: str, sighting: Sighting, operation: Any, persons: QuerySet[Person]) -> int:
    born_from, born_to = born_in_year(sighting.birth_year) if sighting.birth_year else (None, None)
    sex = sighting.sex if sighting.sex in ("female", "male") else ""
    new = 0
    for name in sighting.names:
        query = Query(name, sex=sex, born_from=born_from, born_to=born_to)
        try:
            hits = find_people(query, operation=operation, public=False, limit=MOST_PERSONS, among=persons)
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
