"""Answering whether two registrations are the same person. "The same" checks the one that does not stay out; nothing is merged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.households import HERE
from camps.models import DuplicateFlag, Household, MovementKind, Person
from camps.movements import move_person
from camps.refusals import Refused
from komek.accounts.authority import Action, Standing, require, standing_of, visible
from komek.records.actor import Actor, acting

Answer = DuplicateFlag.Answer


def waiting(standing: Standing) -> QuerySet[DuplicateFlag]:
    """Pairs nobody answered, both still registered as here, of which the viewer may see both; the likeliest first."""
    return visible(_open(), standing).select_related(
        "first__camp", "second__camp", "first__household", "second__household"
    )


def waiting_elsewhere(camp: Any, standing: Standing) -> int:
    """How many pairs with somebody of this site the viewer may not see, because the other is at a site of others."""
    at_camp = _open().filter(Q(first__camp=camp) | Q(second__camp=camp))
    return at_camp.exclude(pk__in=visible(at_camp, standing).values("pk")).count()


def _open() -> QuerySet[DuplicateFlag]:
    return DuplicateFlag.objects.filter(
        answer=Answer.WAITING, first__presence__in=HERE, second__presence__in=HERE
    ).exclude(first__household=F("second__household"))


def newer(flag: DuplicateFlag) -> Person:
    """The registration that was entered last: most likely where they are now."""
    return max(flag.first, flag.second, key=lambda person: (person.entered_at, person.pk))


@transaction.atomic
def answer_flag(
    *, by: Actor, operation: Any, flag: DuplicateFlag, answer: str, stays: Person | None = None, reason: str = ""
) -> DuplicateFlag:
    """Say whether the two are the same person. Raises Refused or NotAllowed.

    stays: for "the same", the registration that goes on, the newer one unless named. The other is checked out, with the reason.
    """
    locked = (
        DuplicateFlag.objects.select_for_update(of=("self",))
        .select_related("first__camp", "second__camp")
        .get(pk=flag.pk)
    )
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, locked)
    if answer not in (Answer.SAME, Answer.DIFFERENT):
        raise Refused({"answer": gettext_lazy("Say whether they are the same person or two people.")})
    if locked.answer == answer:
        return locked
    if locked.answer == Answer.SAME:
        raise Refused(
            {"answer": gettext_lazy("One of the two was checked out already. Check them in again at their site.")}
        )
    kept = stays or newer(locked)
    if kept.pk not in (locked.first_id, locked.second_id):
        raise Refused({"stays": gettext_lazy("Choose one of the two registrations.")})
    if len(reason) > 200:
        raise Refused({"reason": gettext_lazy("This is too long. Say it in 200 letters.")})
    goes = locked.second if kept.pk == locked.first_id else locked.first
    if answer == Answer.SAME and goes.presence in HERE:
        said = _("Registered twice; goes on as %(code)s") % {"code": kept.code}
        locked.step = move_person(
            by=by, operation=operation, person=goes, kind=MovementKind.CHECK_OUT, camp=goes.camp, reason=said
        )
    with acting(by.because(reason) if reason else by):
        locked.answer, locked.reason = answer, reason.strip()
        locked.answered_at, locked.answered_by = timezone.now(), by.user
        locked.save()
    return locked


def registered_elsewhere(households: Iterable[Household], standing: Standing) -> list[str]:
    """A sentence for each person of these households who seems to be registered elsewhere too.

    Where the viewer may not see the other registration, the sentence names neither its site nor its household.
    """
    mine = {household.pk for household in households}
    pairs = list(
        _open()
        .filter(Q(first__household__in=mine) | Q(second__household__in=mine))
        .select_related("first__camp", "second__camp")
    )
    seen = set(visible(_open().filter(pk__in=[pair.pk for pair in pairs]), standing).values_list("pk", flat=True))
    said: dict[int, str] = {}
    for pair in sorted(pairs, key=lambda one: one.pk not in seen):
        here, other = (pair.first, pair.second) if pair.first.household_id in mine else (pair.second, pair.first)
        said.setdefault(here.pk, _sentence(here, other) if pair.pk in seen else _closed_sentence(here))
    return list(said.values())


def _sentence(here: Person, other: Person) -> str:
    names = {"name": here.name, "camp": other.camp}
    if timezone.localdate(other.occurred_at) == timezone.localdate(here.occurred_at):
        return _("%(name)s was registered at %(camp)s on the same day. Nobody is at two sites: look at both.") % names
    return _("%(name)s seems to be registered at %(camp)s already. Look whether it is the same person.") % names


def _closed_sentence(here: Person) -> str:
    return _("%(name)s may be registered at another site already. A coordinator of the operation sees both.") % {
        "name": here.name
    }
