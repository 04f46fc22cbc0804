"""Who may see and change organisations, sites, activities, contacts and memberships.

Everybody with an approved account sees approved organisations, their sites and activities. Managers of an
organisation change what it owns; coordinators of the whole operation (members of an organisation that coordinates
it) approve, merge and change everything.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from komek.accounts.authority import Action, Standing, may, register_policy, visible
from komek.accounts.roles import MANAGERS
from komek.records.models import Approval
from orgs.models import (
    Activity,
    Contact,
    ContactVisibility,
    Membership,
    Organisation,
    OrganisationName,
    PeopleInNeed,
    Sector,
    Site,
)


def coordinates_everything(standing: Standing) -> bool:
    """Whether this is a coordinator or administrator of the whole operation."""
    return standing.holds(*MANAGERS)


def manages(standing: Standing, organisation_id: int | None) -> bool:
    """Whether the organisation's records may be changed by this standing."""
    return coordinates_everything(standing) or (
        organisation_id is not None and standing.holds(*MANAGERS, organisation_id=organisation_id)
    )


class OrganisationPolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        if coordinates_everything(standing):
            return queryset
        return queryset.filter(
            Q(approval=Approval.APPROVED) | Q(pk__in=standing.organisation_ids()) | Q(entered_by=standing.user)
        )

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return (
                record is None
                or record.approval == Approval.APPROVED
                or record.entered_by_id == standing.user.pk
                or record.pk in standing.organisation_ids()
                or coordinates_everything(standing)
            )
        if action == Action.ADD:
            return True  # anybody may propose one; it waits for approval
        if action == Action.CHANGE:
            if record is None:
                return standing.holds_anywhere(*MANAGERS)
            # Whoever proposed it may correct it until somebody has decided.
            is_own_proposal = record.approval == Approval.PENDING and record.entered_by_id == standing.user.pk
            return is_own_proposal or manages(standing, record.pk)
        return coordinates_everything(standing)


class OwnedPolicy:
    """Records that an organisation owns through ``organisation``: sites and activities.

    While the organisation waits for approval, or was refused, they are known to its own people, to who entered them, and to
    coordinators.
    """

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        if coordinates_everything(standing):
            return queryset
        unknown = Organisation.objects.filter(pk=OuterRef("organisation_id")).exclude(approval=Approval.APPROVED)
        return queryset.filter(
            ~Exists(unknown) | Q(organisation_id__in=standing.organisation_ids()) | Q(entered_by=standing.user)
        )

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return record is None or self._is_known(standing, record)
        if record is None:
            return standing.holds_anywhere(*MANAGERS)
        return manages(standing, record.organisation_id)

    def _is_known(self, standing: Standing, record: Any) -> bool:
        return (
            record.organisation is None
            or record.organisation.approval == Approval.APPROVED
            or record.organisation_id in standing.organisation_ids()
            or record.entered_by_id == standing.user.pk
            or coordinates_everything(standing)
        )


class ContactPolicy:
    """A contact is seen by those its visibility names; its organisation's people and coordinators always see it."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        seen = Q(visibility=ContactVisibility.PUBLIC)
        if standing.signed_in and standing.user.may_work:
            seen |= Q(visibility=ContactVisibility.PARTNERS) | Q(organisation_id__in=standing.organisation_ids())
            if coordinates_everything(standing):
                seen |= Q(visibility=ContactVisibility.COORDINATORS)
        return queryset.filter(seen)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if record is None:
            return standing.holds_anywhere(*MANAGERS)
        if action in (Action.VIEW, Action.EXPORT):
            return bool(
                record.visibility == ContactVisibility.PUBLIC
                or (
                    standing.signed_in
                    and standing.user.may_work
                    and (
                        record.visibility == ContactVisibility.PARTNERS
                        or record.organisation_id in standing.organisation_ids()
                        or (record.visibility == ContactVisibility.COORDINATORS and coordinates_everything(standing))
                    )
                )
            )
        return manages(standing, record.organisation_id)


class MembershipPolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in:
            return queryset.none()
        if coordinates_everything(standing):
            return queryset
        return queryset.filter(Q(user=standing.user) | Q(organisation_id__in=standing.organisation_ids(*MANAGERS)))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if record is None:
            return action != Action.APPROVE or standing.holds_anywhere(*MANAGERS)
        if action == Action.ADD:
            return record.user_id == standing.user.pk or manages(standing, record.organisation_id)
        if action == Action.VIEW and record.user_id == standing.user.pk:
            return True
        return manages(standing, record.organisation_id)


class CodeListPolicy:
    """Everybody with an account reads code lists; coordinators of the whole operation change them."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if action in (Action.VIEW, Action.EXPORT):
            return True
        # Code lists are the real operations' too, so a role in an exercise does not change them.
        return coordinates_everything(standing) and (not standing.is_confined or standing.holds_everywhere(*MANAGERS))


class PeopleInNeedPolicy:
    """Everybody with an approved account reads the figures; coordinators of the whole operation enter them."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.user.may_work else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if action in (Action.VIEW, Action.EXPORT):
            return bool(standing.signed_in and standing.user.may_work)
        return coordinates_everything(standing)


class NamePolicy:
    """An organisation's other names are seen with it, and changed by whoever may change it."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset.filter(organisation__in=visible(Organisation.objects.all(), standing))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if record is None:
            reads = action in (Action.VIEW, Action.EXPORT)
            return may(standing, action if reads else Action.CHANGE, Organisation)
        return may(standing, action if action in (Action.VIEW, Action.EXPORT) else Action.CHANGE, record.organisation)


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(Organisation, OrganisationPolicy())
    register_policy(Site, OwnedPolicy())
    register_policy(Activity, OwnedPolicy())
    register_policy(PeopleInNeed, PeopleInNeedPolicy())
    register_policy(Contact, ContactPolicy())
    register_policy(OrganisationName, NamePolicy())
    register_policy(Membership, MembershipPolicy())
    register_policy(Sector, CodeListPolicy())
