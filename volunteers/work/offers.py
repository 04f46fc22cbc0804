"""Plug for ``offers``: volunteers with a skill, for lines that ask for people.

An offer is a group: the accepted volunteers of one organisation (or of none) who have the skill. Holding some of them plans a task
for the request; ``start_delivery`` gives it its place and day, and from then on it is asked around like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, may, require, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.offers import Address, Delivery, Need, Offer
from komek.operations.models import Operation
from komek.records.actor import acting
from orgs.models import Organisation, Site
from orgs.naming import name_key
from volunteers.models import GOING_ON, Skill, Task, Volunteer, VolunteerSkill, VolunteerState, in_force
from volunteers.refusals import Refused
from volunteers.work.planning import call_off, create_task, locked_task, search_key_of

FIRST_HOUR, SHIFT = 8, timedelta(hours=8)


class VolunteerOffers:
    """Reference: operation, skill and organisation by primary key. A reservation is a task's code."""

    key = "volunteers.people"
    title = gettext_lazy("Volunteers")

    def find(self, need: Need, viewer: Viewer, limit: int) -> Sequence[Offer]:
        if need.item_id is not None or not need.skill or viewer.operation is None:
            return []
        standing = standing_of(viewer.user, viewer.operation)
        if not may(standing, Action.ADD, Task):
            return []
        found = []
        for skill in skills_called(need.skill):
            rows = visible(_having(skill, viewer.operation), standing).order_by()
            for organisation_id, count in rows.values_list("organisation").annotate(n=Count("pk")):
                organisation = Organisation.objects.filter(pk=organisation_id).first()
                if not may(standing, Action.ADD, Task(operation=viewer.operation, organisation=organisation)):
                    continue
                free = Decimal(count) - _held(skill, viewer.operation, organisation_id)
                if free > 0:
                    found.append(_offer(skill, viewer.operation, organisation, free))
        return sorted(found, key=lambda offer: -offer.quantity)[:limit]

    def of_items(self, item_ids: Collection[int], viewer: Viewer, limit: int) -> Mapping[int, Sequence[Offer]]:
        return {}

    def reserve(self, reference: str, quantity: Decimal, until: datetime, by: Any) -> str:
        """Plan a task for so many. Raises ValueError with a sentence; NotAllowed. by.reason: what it is for."""
        operation, skill, organisation = _meant(reference)
        if quantity != int(quantity):
            raise ValueError(_("People come whole: give a whole number."))
        free = _having(skill, operation).filter(organisation=organisation).count() - _held(
            skill, operation, organisation.pk if organisation else None
        )
        if quantity > free:
            raise ValueError(_("Only %(free)d volunteers with this skill are free there.") % {"free": max(free, 0)})
        starts_at, ends_at = _shift_on(None)
        try:
            task = create_task(
                by=by, operation=operation, organisation=organisation, title=f"{skill}, {by.reason}"[:200], starts_at=starts_at,
                ends_at=ends_at, wanted=int(quantity), landmark=_("as the request says"), skills=[skill],
                for_reference=by.reason[:200],
            )  # fmt: skip
        except Refused as refused:
            raise ValueError(" ".join(refused.messages)) from refused
        return task.code

    def release(self, reservation: str, by: Any) -> None:
        task = _task(reservation)
        if task is not None and task.state in GOING_ON:
            reason = by.reason or _("it is not needed any more")
            call_off(by=by, task=task, reason=reason)

    def hold_longer(self, reservation: str, until: datetime, by: Any) -> None:
        """A planned task stays planned. Raises ValueError when it has ended."""
        task = _task(reservation)
        if task is None or task.state not in GOING_ON:
            raise ValueError(_("This offer does not exist any more. Search again."))

    def lock(self, reservations: Sequence[str]) -> None:
        rows = Task.objects.filter(code__in=[name for name in reservations if name])
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))

    def start_delivery(
        self, reservation: str, *, site_id: int, wanted_by: date | None, request_reference: str, by: Any
    ) -> Delivery | None:
        """The task gets its place and day. Raises Refused and NotAllowed."""
        task, site = _task(reservation), Site.objects.filter(pk=site_id).first()
        if task is None or site is None:
            raise Refused({"__all__": _("What was held, or the site it is for, does not exist any more.")})
        require(standing_of(by.user, task.operation), Action.CHANGE, task)
        locked = locked_task(task.pk)
        if locked.site_id != site.pk:
            locked.site, locked.landmark, locked.location = site, "", site.location
            locked.starts_at, locked.ends_at = _shift_on(wanted_by)
            locked.search_key = search_key_of(locked)
            with acting(by):
                locked.save()
        return Delivery(locked.code, locked.get_absolute_url())

    def people_behind(self, delivery: str) -> Sequence[Address]:
        """Nobody: volunteers are told by ``release``, and nobody else learns how to reach them."""
        return ()


def skills_called(words: str) -> list[Skill]:
    """Skills that the words name in any language: each word of three letters or more begins a word of the name, or the reverse."""
    asked = [word for word in name_key(words).split() if len(word) > 2 and not word.isdigit()]
    if not asked:
        return []
    found = []
    for skill in Skill.objects.filter(is_active=True):
        known = name_key(" ".join([skill.name, *map(str, skill.names.values())])).split()
        if all(any(_alike(word, other) for other in known) for word in asked):
            found.append(skill)
    return found


def _alike(word: str, other: str) -> bool:
    return len(other) > 2 and (other.startswith(word) or word.startswith(other))


def _having(skill: Skill, operation: Any) -> Any:
    able = VolunteerSkill.objects.filter(in_force(), skill=skill)
    rows = Volunteer.objects.filter(operation=operation, state=VolunteerState.ACCEPTED, is_adult=True)
    return rows.filter(pk__in=able.values("volunteer"))


def _held(skill: Skill, operation: Any, organisation_id: int | None) -> Decimal:
    """How many of them are held by tasks that were planned for requests and go on."""
    rows = Task.objects.filter(
        operation=operation, organisation=organisation_id, skills=skill, state__in=GOING_ON, ends_at__gt=timezone.now()
    ).exclude(for_reference="")
    return Decimal(rows.aggregate(sum=Sum("wanted"))["sum"] or 0)


def _offer(skill: Skill, operation: Any, organisation: Organisation | None, free: Decimal) -> Offer:
    title = _("%(skill)s: volunteers of %(who)s") % {"skill": skill, "who": organisation or _("no organisation")}
    reference = f"{operation.pk}:{skill.pk}:{organisation.pk if organisation else 0}"
    return Offer(reference, title, free, None, None, public_title=_("%(skill)s: volunteers") % {"skill": skill})


def _meant(reference: str) -> tuple[Any, Skill, Organisation | None]:
    """What a reference names; the skill is locked, so that two who hold its people wait for each other."""
    parts = reference.split(":")
    if len(parts) == 3 and all(part.isdigit() and len(part) < 18 for part in parts):
        operation = Operation.objects.filter(pk=int(parts[0])).first()
        skill = Skill.objects.select_for_update().filter(pk=int(parts[1])).first()
        organisation = Organisation.objects.filter(pk=int(parts[2])).first()
        if operation is not None and skill is not None and (organisation is not None or parts[2] == "0"):
            return operation, skill, organisation
    raise ValueError(_("This offer does not exist any more. Search again."))


def _task(reservation: str) -> Task | None:
    return Task.objects.select_related("operation").filter(code=reservation).first()


def _shift_on(day: date | None) -> tuple[datetime, datetime]:
    """The day's first shift, tomorrow's unless a day is given; today's begins in an hour when the morning is over."""
    day = max(day or timezone.localdate() + timedelta(days=1), timezone.localdate())
    begins = timezone.make_aware(datetime.combine(day, time(FIRST_HOUR)))
    begins = max(begins, timezone.now() + timedelta(hours=1))
    return begins, begins + SHIFT
