"""Persons who may be one: suggested with the evidence, decided by a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import SYSTEM, Actor, acting
from missing_persons.joining import join
from missing_persons.models import PairState, Person, SuggestedPair
from missing_persons.refusals import Refused
from missing_persons.texts import one_line


@dataclass(frozen=True)
class Suggestion:
    """Another person who may be the same. score: 0 to 1; evidence: see ``SuggestedPair``."""

    person_id: int
    score: float
    evidence: list[dict[str, Any]]


@transaction.atomic
def keep_suggestions(person: Person, suggestions: Iterable[Any]) -> int:
    """Store what a search suggests for a person; returns how many are new. What was answered stays answered.

    Nothing is suggested again of two persons that somebody told apart, also when one of them was joined to another since.
    """
    found = {one.person_id: one for one in suggestions if one.person_id != person.pk}
    people = Person.objects.filter(
        pk__in=found, joined_into=None, tombstoned_at=None, operation=person.operation_id
    ).values_list("pk", flat=True)
    apart = told_apart(person)
    rows = [
        SuggestedPair(
            operation_id=person.operation_id, first_id=min(pk, person.pk), second_id=max(pk, person.pk),
            score=found[pk].score, evidence=_turned(found[pk].evidence, person.pk > pk),
        )
        for pk in people if pk not in apart
    ]  # fmt: skip
    known = set(SuggestedPair.objects.filter(Q(first=person) | Q(second=person)).values_list("first_id", "second_id"))
    fresh = [row for row in rows if (row.first_id, row.second_id) not in known]
    with acting(SYSTEM):
        SuggestedPair.objects.bulk_create(fresh, ignore_conflicts=True)
        for row in rows:
            if (row.first_id, row.second_id) in known:
                SuggestedPair.objects.filter(first=row.first_id, second=row.second_id, state=PairState.OPEN).update(
                    score=row.score, evidence=row.evidence
                )
    return len(fresh)


def _turned(evidence: list[dict[str, Any]], is_second: bool) -> list[dict[str, Any]]:
    """The evidence seen from the pair's first person. is_second: it was made for the other one."""
    if not is_second:
        return evidence
    return [{**one, "first": one.get("second", ""), "second": one.get("first", "")} for one in evidence]


def told_apart(person: Person) -> set[int]:
    """Keys of persons of whom somebody said that they are not this one, nor one that was joined into it."""
    selves = {person.pk, *_joined_into([person.pk])}
    answered = SuggestedPair.objects.filter(state=PairState.APART).filter(Q(first__in=selves) | Q(second__in=selves))
    others = {key for pair in answered.values_list("first_id", "second_id") for key in pair} - selves
    return {one.current.pk for one in Person.objects.filter(pk__in=others).select_related("joined_into")}


def _joined_into(keys: list[int]) -> set[int]:
    found: set[int] = set()
    while keys:
        keys = [
            key for key in Person.objects.filter(joined_into__in=keys).values_list("pk", flat=True) if key not in found
        ]
        found.update(keys)
    return found


@transaction.atomic
def decide_pair(
    *, by: Actor, operation: Any, pair: SuggestedPair, is_same: bool, keep: Person | None = None, reason: str = ""
) -> SuggestedPair:
    """Answer a suggestion: the same person, who is then joined (into ``keep``, or the older), or two. Raises Refused, NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, pair)
    locked = SuggestedPair.objects.select_for_update().get(pk=pair.pk)
    if locked.state != PairState.OPEN:
        raise Refused(
            {"__all__": _("Somebody answered this already: “%(answer)s”.") % {"answer": locked.get_state_display()}}
        )
    locked.state = PairState.JOINED if is_same else PairState.APART
    locked.reason, locked.decided_at, locked.decided_by = one_line(reason)[:300], timezone.now(), by.user
    with acting(by):
        locked.save()
    if is_same:
        first, second = locked.first, locked.second
        kept = keep if keep is not None and keep.pk in (first.pk, second.pk) else first
        join(
            by=by, operation=operation, keep=kept, other=second if kept.pk == first.pk else first, reason=reason,
            pair=locked,
        )  # fmt: skip
    return locked


@transaction.atomic
def reopen_pair(*, by: Actor, operation: Any, pair: SuggestedPair) -> SuggestedPair:
    """Take back the answer “two people”. A join is undone by ``missing_persons.joining.undo``. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, pair)
    locked = SuggestedPair.objects.select_for_update().get(pk=pair.pk)
    if locked.state != PairState.APART:
        raise Refused({"__all__": _("Only an answer “two people” is taken back here.")})
    locked.state, locked.decided_at, locked.decided_by, locked.reason = PairState.OPEN, None, None, ""
    with acting(by):
        locked.save()
    return locked


def open_pairs(operation: Any) -> Any:
    """Suggestions of an operation that wait for an answer, the likeliest first, of persons that are still there."""
    return SuggestedPair.objects.filter(
        operation=operation, state=PairState.OPEN, first__joined_into=None, second__joined_into=None,
        first__tombstoned_at=None, second__tombstoned_at=None,
    )  # fmt: skip
