"""Joining two persons who are one, splitting reports off again, and undoing either. No report is changed by it, only whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from missing_persons.models import (
    Dispute,
    FamilyLink,
    Joining,
    MoveKind,
    Note,
    PassedMessage,
    Person,
    Report,
    SightingMatch,
    Subscription,
    SuggestedPair,
)
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.texts import one_line

# Word in ``Joining.moved`` → the model and its key to the person.
MOVABLE: dict[str, tuple[type[models.Model], str]] = {
    "report": (Report, "person"),
    "note": (Note, "person"),
    "subscription": (Subscription, "person"),
    "message": (PassedMessage, "person"),
    "dispute": (Dispute, "person"),
    "sighting": (SightingMatch, "person"),
    "family": (FamilyLink, "person"),
    "family_of": (FamilyLink, "relative"),
}


@transaction.atomic
def join(
    *, by: Actor, operation: Any, keep: Person, other: Person, reason: str = "", pair: SuggestedPair | None = None
) -> Joining:
    """Say that two persons are one: everything of ``other`` moves to ``keep``; the code of ``other`` leads there from then on.

    Steps: lock both, check, move the rows, leave the pointer, work both out anew. Raises Refused or NotAllowed.
    """
    standing = standing_of(by.user, operation)
    for person in (keep, other):
        require(standing, Action.CHANGE, person)
    kept, emptied = _locked(keep, other)
    if kept.pk == emptied.pk:
        raise Refused({"__all__": _("These are one person already.")})
    if kept.operation_id != emptied.operation_id:
        raise Refused({"__all__": _("These persons belong to two operations; exercise and real never mix.")})
    for person in (kept, emptied):
        _refuse_gone(person)
    with acting(by.because(one_line(reason)[:300]) if reason else by):
        made = Joining(
            operation=kept.operation, kind=MoveKind.JOIN, source=emptied, target=kept, pair=pair,
            reason=one_line(reason)[:300], done_by=by.user, moved=_move_all(emptied, kept),
        )  # fmt: skip
        emptied.joined_into = kept
        emptied.visibility = "hidden"
        # What somebody decided to hold back stays so, whichever of the two it was.
        if emptied.is_held_back and not kept.is_held_back:
            kept.is_held_back, kept.held_back_because = True, emptied.held_back_because
            kept.visibility = "hidden"
            made.moved["held_back"] = [kept.pk]
        emptied.save()
        kept.save()
        made.save()
        refresh([kept, emptied])
    return made


@transaction.atomic
def split(*, by: Actor, operation: Any, reports: Sequence[Report], reason: str) -> Joining:
    """Take reports off a person: they go back to the person they first made, or to a new one. What was noted on them goes along.

    reports: of one person, not all of it. Raises Refused or NotAllowed.
    """
    tidy = one_line(reason)[:300]
    if not tidy:
        raise Refused({"reason": _("Say why these reports are of somebody else. It is kept.")})
    if not reports or len({report.person_id for report in reports}) != 1:
        raise Refused({"reports": _("Choose the reports of this person that are of somebody else.")})
    require(standing_of(by.user, operation), Action.CHANGE, reports[0].person)
    source = Person.objects.select_for_update().get(pk=reports[0].person_id)
    locked = list(Report.objects.select_for_update().filter(pk__in=[report.pk for report in reports], person=source))
    if len(locked) < len(reports):
        raise Refused({"reports": _("Somebody moved one of these reports just now. Reload the page and look again.")})
    if not Report.objects.filter(person=source).exclude(pk__in=[report.pk for report in locked]).exists():
        raise Refused({"reports": _("These are all reports of this person. Leave at least one.")})
    with acting(by.because(tidy)):
        target = _split_to(source, locked, by)
        keys = [report.pk for report in locked]
        moved = {
            "report": _move(Report.objects.filter(pk__in=keys), "person", target),
            "note": _move(Note.objects.filter(person=source, report__in=keys), "person", target),
            "subscription": _move(Subscription.objects.filter(person=source, report__in=keys), "person", target),
        }
        made = Joining.objects.create(
            operation=source.operation, kind=MoveKind.SPLIT, source=source, target=target, reason=tidy, done_by=by.user,
            moved=moved,
        )  # fmt: skip
        refresh([source, target])
    return made


@transaction.atomic
def undo(*, by: Actor, operation: Any, joining: Joining, reason: str) -> Joining:
    """Put back exactly what a join or a split moved. What was added since stays where it was added. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, joining)
    tidy = one_line(reason)[:300]
    if not tidy:
        raise Refused({"reason": _("Say why this is undone. It is kept.")})
    locked = Joining.objects.select_for_update().get(pk=joining.pk)
    if locked.undone_at is not None:
        raise Refused({"__all__": _("This was undone already.")})
    source, target = _locked(locked.source, locked.target)
    if locked.kind == MoveKind.JOIN and source.joined_into_id != target.pk:
        raise Refused({"__all__": _("These persons were changed since. Undo the later step first.")})
    _refuse_moved_on(locked)
    with acting(by.because(tidy)):
        for word, keys in locked.moved.items():
            if word in MOVABLE:
                model, field = MOVABLE[word]
                model._default_manager.filter(pk__in=keys).update(**{field: source})
        if locked.kind == MoveKind.JOIN:
            source.joined_into = None
            if "held_back" in locked.moved:
                target.is_held_back, target.held_back_because = False, ""
        elif not Report.objects.filter(person=target).exists():
            target.joined_into, target.visibility = source, "hidden"
        source.save()
        target.save()
        locked.undone_at, locked.undone_by, locked.undone_because = timezone.now(), by.user, tidy
        locked.save()
        if locked.pair is not None and locked.kind == MoveKind.JOIN:
            locked.pair.state, locked.pair.decided_at, locked.pair.decided_by = "open", None, None
            locked.pair.save()
        refresh([source, target])
    return locked


def _locked(first: Person, second: Person) -> tuple[Person, Person]:
    """Both, locked in the order of their keys so that two joins never wait for each other."""
    keys = {first.pk, second.pk}
    rows = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    return rows[first.pk], rows[second.pk]


def _refuse_gone(person: Person) -> None:
    if person.tombstoned_at is not None:
        raise Refused({"__all__": _("%(code)s was erased. Nothing can be joined to it.") % {"code": person.code}})
    if person.joined_into_id is not None:
        raise Refused(
            {"__all__": _("%(code)s was joined to %(other)s already. Open that one.")
             % {"code": person.code, "other": person.current.code}}
        )  # fmt: skip


def _move(rows: Any, field: str, target: Person) -> list[int]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=keys).update(**{field: target})
    return keys


def _move_all(source: Person, target: Person) -> dict[str, list[int]]:
    """Everything of the source that the target does not have already."""
    moved: dict[str, list[int]] = {}
    for word, (model, field) in MOVABLE.items():
        rows = model._default_manager.filter(**{field: source})
        moved[word] = _move(rows.exclude(_there_already(word, source, target)), field, target)
    return {word: keys for word, keys in moved.items() if keys}


def _there_already(word: str, source: Person, target: Person) -> Q:
    """Rows of the source that would stand twice at the target."""
    if word == "subscription":
        there = Subscription.objects.filter(person=target, ended_at=None).values_list("phone", "email")
        return _any(Q(phone=phone, email=email, ended_at=None) for phone, email in there)
    if word == "sighting":
        seen = SightingMatch.objects.filter(person=target).values_list("plug", "reference")
        return _any(Q(plug=plug, reference=reference) for plug, reference in seen)
    if word in ("family", "family_of"):
        own, other = ("person", "relative") if word == "family" else ("relative", "person")
        links = FamilyLink.objects.filter(**{own: target}).values_list(other, "kind")
        return Q(**{other: target}) | _any(Q(**{other: key, "kind": kind}) for key, kind in links)
    return _any(())


def _any(conditions: Any) -> Q:
    found = Q(pk=None)
    for condition in conditions:
        found |= condition
    return found


def _split_to(source: Person, reports: list[Report], by: Actor) -> Person:
    """The person whom these reports go to: the emptied one that the first of them made, or a new one."""
    first: Person = Person.objects.select_for_update().get(pk=reports[0].made_person_id)
    if first.pk != source.pk and first.joined_into_id is not None and first.tombstoned_at is None:
        first.joined_into = None
        first.save()
        return first
    person = Person(operation=source.operation, occurred_at=reports[0].occurred_at, channel=by.channel)
    person.stamp(by)
    person.reported_by = ""
    person.save()
    return person


def _refuse_moved_on(joining: Joining) -> None:
    for word, keys in joining.moved.items():
        if word not in MOVABLE:
            continue
        model, field = MOVABLE[word]
        if model._default_manager.filter(pk__in=keys).exclude(**{field: joining.target_id}).exists():
            raise Refused({"__all__": _("Some of it was moved on since. Undo the later step first.")})
