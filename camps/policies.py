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
from komek.accounts.authority import Action, Standing, register_policy
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
            return True
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
    """Personal data of people at a site."""

    def __init__(self, camp_path: str = "camp") -> None:
        self.camp_path = camp_path

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        if standing.holds(*READERS_OF_NAMES):
            return queryset
        mine = standing.organisation_ids(*READERS_OF_NAMES, write=True)
        if not mine:
            return queryset.none()
        camps = Camp.objects.filter(Q(organisation_id__in=mine) | Q(supporting__in=mine)).values("pk")
        return queryset.filter(**{f"{self.camp_path}__in": camps})

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        reads = action in (Action.VIEW, Action.EXPORT)
        roles = READERS_OF_NAMES if reads else REPORTERS
        if record is None:
            return standing.holds_anywhere(*roles)
        return works_at(standing, _camp_of(record), *roles)


def _camp_of(record: Any) -> Camp:
    if isinstance(record, DuplicateFlag):
        return record.first.camp
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
    for personal in (Household, Person, Movement, ListScan):
        register_policy(personal, NamesPolicy())
    register_policy(HaveImport, HaveImportPolicy())
    register_policy(DuplicateFlag, NamesPolicy("first__camp"))
    for code_list in (Standard, Syndrome):
        register_policy(code_list, CodeListPolicy())
