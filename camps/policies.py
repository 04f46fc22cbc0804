"""Who may see and change camps, what is reported about them, and the people registered in them.

A site and its figures are seen by everybody with an approved account. They are changed and reported by the people of
the organisation that runs the site or supports it (coordinators, camp managers, registrars) and by coordinators of
the whole operation. Names of people are seen only by those who register at the site, by protection officers, and by
coordinators of the whole operation; who reads them is written down.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from camps.models import (
    BedCount,
    Camp,
    CampPhoto,
    CampState,
    DuplicateFlag,
    HaveImport,
    Headcount,
    HospitalReport,
    Household,
    ListScan,
    Measurement,
    Movement,
    Person,
    ShelterCapacity,
    Standard,
    Syndrome,
    SyndromeCount,
)
from komek.accounts.authority import Action, Standing, in_operation, register_policy
from komek.accounts.roles import MANAGERS, Role
from orgs.policies import CodeListPolicy, OwnedPolicy, coordinates_everything

CHANGERS = (*MANAGERS, Role.CAMP_MANAGER)
REPORTERS = (*CHANGERS, Role.REGISTRAR)
READERS_OF_NAMES = (Role.CAMP_MANAGER, Role.REGISTRAR, Role.PROTECTION_OFFICER, *MANAGERS)


def works_at(standing: Standing, camp: Camp, *roles: str) -> bool:
    """Whether one of the roles is held in the organisation that runs the camp or one that supports it."""
    if standing.holds(*roles, organisation_id=camp.organisation_id):
        return True
    mine = standing.organisation_ids(*roles, write=True)
    return bool(mine) and bool(mine & _supporting_ids(camp))


def _supporting_ids(camp: Camp) -> set[int]:
    """Kept on the camp for the length of a request."""
    if "_supporting_ids" not in camp.__dict__:
        camp.__dict__["_supporting_ids"] = set(camp.supporting.values_list("pk", flat=True)) if camp.pk else set()
    kept: set[int] = camp.__dict__["_supporting_ids"]
    return kept


class CampPolicy(OwnedPolicy):
    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return record is None or self._is_known(standing, record)
        if record is None:
            return standing.holds_anywhere(*CHANGERS)
        if action == Action.DELETE:
            return coordinates_everything(standing)
        return works_at(standing, record, *CHANGERS)


class ReportPolicy:
    """What is reported about a site: seen by all with an account, added by those who work there."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.user.may_work else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return True
        if record is None:
            return standing.holds_anywhere(*REPORTERS)
        return works_at(standing, _camp_of(record), *REPORTERS)


class HaveImportPolicy:
    """A document brought in: seen by who brought it and by coordinators. What it records is asked about for each hospital."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        return queryset if coordinates_everything(standing) else queryset.filter(entered_by=standing.user)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if record is None or action == Action.ADD:
            return standing.holds_anywhere(*REPORTERS)
        return record.entered_by_id == standing.user.pk or coordinates_everything(standing)


class NamesPolicy:
    """Personal data of people at a site. camp_paths: where a record says at which site it is; any of them is enough."""

    camp_paths: tuple[str, ...] = ("camp",)

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        if standing.holds(*READERS_OF_NAMES):
            return queryset
        mine = standing.organisation_ids(*READERS_OF_NAMES, write=True)
        return self.at(queryset, _camps_of(mine)) if mine else queryset.none()

    def at(self, queryset: QuerySet[Any], camps: QuerySet[Any]) -> QuerySet[Any]:
        """The rows at these sites."""
        wanted = Q()
        for path in self.camp_paths:
            wanted |= Q(**{f"{path}__in": camps})
        return queryset.filter(wanted)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        roles = READERS_OF_NAMES if action in (Action.VIEW, Action.EXPORT) else REPORTERS
        if record is None:
            return standing.holds_anywhere(*roles)
        return any(works_at(standing, camp, *roles) for camp in self.camps_of(record))

    def camps_of(self, record: Any) -> list[Camp]:
        return [record.camp]


class HouseholdPolicy(NamesPolicy):
    """Also seen where one of its people is: who came alone has their household at another site."""

    def at(self, queryset: QuerySet[Any], camps: QuerySet[Any]) -> QuerySet[Any]:
        guests = Person.objects.filter(camp__in=camps).values("household")
        return queryset.filter(Q(camp__in=camps) | Q(pk__in=guests))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if super().may(standing, action, record):
            return True
        if (
            record is None
            or action != Action.VIEW
            or record.pk is None
            or not standing.holds_anywhere(*READERS_OF_NAMES)
        ):
            return False
        return bool(self.narrow(Household.objects.filter(pk=record.pk), standing).exists())


class MovementPolicy(NamesPolicy):
    """A move to another site is seen at both."""

    camp_paths = ("camp", "to_camp")

    def camps_of(self, record: Any) -> list[Camp]:
        return [camp for camp in (record.camp, record.to_camp) if camp is not None]


class DuplicateFlagPolicy(NamesPolicy):
    """Two registrations side by side: only for those who may see both."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        """A flag belongs to no operation by itself; the people in it do."""
        people = in_operation(Person.objects.all(), standing.operation).values("pk")
        return super().narrow(queryset.filter(first__in=people, second__in=people), standing)

    def at(self, queryset: QuerySet[Any], camps: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(first__camp__in=camps, second__camp__in=camps)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if record is None or not standing.signed_in or not standing.user.may_work:
            return super().may(standing, action, None)
        pair = Person.objects.filter(pk__in=(record.first_id, record.second_id))
        if in_operation(pair, standing.operation).count() < 2:
            return False
        roles = READERS_OF_NAMES if action in (Action.VIEW, Action.EXPORT) else REPORTERS
        return all(works_at(standing, person.camp, *roles) for person in (record.first, record.second))


def _camps_of(organisation_ids: set[int]) -> QuerySet[Any]:
    return Camp.objects.filter(Q(organisation_id__in=organisation_ids) | Q(supporting__in=organisation_ids)).values(
        "pk"
    )


def _camp_of(record: Any) -> Camp:
    if isinstance(record, BedCount):
        return record.report.camp
    camp: Camp = record.camp
    return camp


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(Camp, CampPolicy())
    for model in (
        CampState,
        ShelterCapacity,
        CampPhoto,
        Headcount,
        Measurement,
        HospitalReport,
        BedCount,
        SyndromeCount,
    ):
        register_policy(model, ReportPolicy())
    for personal in (Person, ListScan):
        register_policy(personal, NamesPolicy())
    register_policy(Household, HouseholdPolicy())
    register_policy(Movement, MovementPolicy())
    register_policy(DuplicateFlag, DuplicateFlagPolicy())
    register_policy(HaveImport, HaveImportPolicy())
    for code_list in (Standard, Syndrome):
        register_policy(code_list, CodeListPolicy())
