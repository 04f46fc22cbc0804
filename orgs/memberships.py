"""Who works for an organisation, in which role. Browser and API call these functions.

Three rules hold at every door: nobody raises themself; nobody gives more than they hold; an organisation that has a
manager keeps at least one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, NotAllowed, Standing, require, standing_of
from komek.accounts.roles import MANAGERS, Role
from komek.records.actor import Actor, acting
from komek.records.models import Approval
from orgs.models import Membership, Organisation
from orgs.policies import manages
from orgs.refusals import Refused


@transaction.atomic
def ask_to_join(
    *, by: Actor, operation: Any, organisation: Organisation, role: str = Role.VIEWER, position: str = ""
) -> Membership:
    """Ask for a role for oneself; a manager of the organisation decides. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.VIEW, organisation)
    _check_role(role)
    _refuse_merged(organisation)
    where = operation if getattr(operation, "is_exercise", False) else None
    existing = _existing(by.user, organisation, role, where)
    if existing is not None and existing.approval == Approval.PENDING:
        raise Refused({"role": _("You have already asked for this role. A manager of the organisation will answer.")})
    if existing is not None and existing.approval == Approval.APPROVED and _is_in_force(existing):
        raise Refused({"role": _("You already hold this role in this organisation.")})
    membership = existing or Membership(user=by.user, organisation=organisation, role=role, operation=where)
    membership.approval = Approval.PENDING
    membership.position = position[:150]
    membership.starts_on, membership.ends_on = timezone.localdate(), None
    with acting(by):
        membership.save()
    return membership


@transaction.atomic
def approve_membership(*, by: Actor, membership: Membership) -> Membership:
    """Put a role in force that somebody asked for. Raises Refused or NotAllowed."""
    membership = _locked(membership)
    _require_may_give(by, membership)
    if membership.approval == Approval.APPROVED:
        raise Refused({"__all__": _("This request was already approved.")})
    with acting(by):
        membership.decide(by, Approval.APPROVED)
    _forget_standings(membership.user)
    return membership


@transaction.atomic
def refuse_membership(*, by: Actor, membership: Membership, reason: str = "") -> Membership:
    """Turn a request down. Raises Refused or NotAllowed."""
    membership = _locked(membership)
    _require_manager(by, membership)
    if membership.approval != Approval.PENDING:
        raise Refused({"__all__": _("This request is no longer waiting. Reload the page.")})
    with acting(by.because(reason)):
        membership.decide(by, Approval.REFUSED, reason)
    return membership


@transaction.atomic
def give_role(
    *,
    by: Actor,
    operation: Any,
    user: Any,
    organisation: Organisation,
    role: str,
    position: str = "",
    everywhere: bool = True,
    ends_on: Any = None,
) -> Membership:
    """Give somebody a role, in force at once.

    everywhere: for every operation, as far as the organisation reaches; else only for ``operation``.
    Raises Refused or NotAllowed.
    """
    _check_role(role)
    _refuse_merged(organisation)
    is_exercise = getattr(operation, "is_exercise", False)
    where = operation if is_exercise or not everywhere else None
    membership = _existing(user, organisation, role, where) or Membership(
        user=user, organisation=organisation, role=role, operation=where
    )
    _require_may_give(by, membership)
    if membership.pk and membership.approval == Approval.APPROVED and _is_in_force(membership):
        raise Refused({"role": _("This person already holds this role here.")})
    today = timezone.localdate()
    if ends_on is not None and ends_on < today:
        raise Refused({"ends_on": _("The role cannot end before it begins. Check the date.")})
    membership.position = position[:150]
    membership.starts_on, membership.ends_on = today, ends_on
    membership.approval = Approval.APPROVED
    membership.approved_by, membership.approved_at = by.user, timezone.now()
    with acting(by):
        membership.save()
    _forget_standings(user)
    return membership


@transaction.atomic
def end_membership(*, by: Actor, membership: Membership, reason: str = "") -> Membership:
    """Take a role away from now on. Anybody may give up their own. Raises Refused or NotAllowed."""
    Organisation.objects.select_for_update(of=("self",)).get(pk=membership.organisation_id)  # one end at a time
    membership = _locked(membership)
    if membership.user_id != getattr(by.user, "pk", None):
        _require_manager(by, membership)
        if membership.role == Role.ADMINISTRATOR:
            _require_administrator(by, membership)
    if membership.approval == Approval.APPROVED and not _is_in_force(membership):
        raise Refused({"__all__": _("This role has already ended.")})
    if membership.role in MANAGERS and membership.approval == Approval.APPROVED and not _other_managers(membership):
        raise Refused({"__all__": _("This is the organisation's last manager. Give somebody else the role first.")})
    yesterday = timezone.localdate() - timedelta(days=1)
    with acting(by.because(reason)):
        if membership.approval != Approval.APPROVED:
            membership.decide(by, Approval.REFUSED, reason)
        else:
            membership.ends_on = yesterday
            membership.starts_on = min(membership.starts_on, yesterday)
            membership.save(update_fields=["starts_on", "ends_on"])
    _forget_standings(membership.user)
    return membership


def in_force(memberships: QuerySet[Any]) -> QuerySet[Any]:
    """Approved memberships that hold today."""
    today = timezone.localdate()
    return memberships.filter(Q(ends_on=None) | Q(ends_on__gte=today), approval=Approval.APPROVED, starts_on__lte=today)


def waiting_memberships(standing: Standing) -> QuerySet[Any]:
    """Requests this person may answer; never their own."""
    if not standing.signed_in:
        return Membership.objects.none()
    waiting = Membership.objects.filter(
        approval=Approval.PENDING,
        organisation__approval=Approval.APPROVED,
        organisation__merged_into=None,
    ).exclude(user_id=standing.user.pk)
    exercise = getattr(standing.operation, "is_exercise", False)
    waiting = waiting.filter(
        Q(operation=standing.operation) | Q(operation=None, organisation__operation=standing.operation)
        if exercise
        else (Q(operation=None) | Q(operation=standing.operation)) & Q(organisation__operation=None)
    )
    if not manages(standing, None) and not standing.runs_installation:
        waiting = waiting.filter(organisation_id__in=standing.organisation_ids(*MANAGERS, write=True))
    return waiting.select_related("user", "organisation", "operation").order_by("created_at", "pk")


def managers_of(organisation: Organisation) -> list[Any]:
    """Accounts that manage the organisation now and may sign in."""
    memberships = in_force(Membership.objects.filter(organisation=organisation, role__in=MANAGERS))
    people = {membership.user_id: membership.user for membership in memberships.select_related("user")}
    return [user for user in people.values() if user.may_work]


def roles_to_give(by: Actor, organisation: Organisation, operation: Any) -> list[Any]:
    """The roles this person may give in the organisation, for a form."""
    standing = standing_of(by.user, operation)
    if not manages(standing, organisation.pk) and not standing.runs_installation:
        return []
    is_administrator = standing.runs_installation or standing.holds(Role.ADMINISTRATOR, organisation_id=organisation.pk)
    return [role for role in Role if role != Role.ADMINISTRATOR or is_administrator]


def _require_may_give(by: Actor, membership: Membership) -> None:
    _require_manager(by, membership)
    if membership.user_id == getattr(by.user, "pk", None) and not getattr(by.user, "is_superuser", False):
        raise NotAllowed(_("Nobody decides on their own role. Ask another manager of the organisation."))
    if membership.role == Role.ADMINISTRATOR:
        _require_administrator(by, membership)


def _require_manager(by: Actor, membership: Membership) -> None:
    """The rights must hold where the membership holds: for one operation, or (``None``) for all of them."""
    standing = _standing_where(by, membership)
    if not (manages(standing, membership.organisation_id) or standing.runs_installation):
        raise NotAllowed(
            _("Only a manager of the organisation, or a coordinator of the operation, decides who works for it.")
        )


def _require_administrator(by: Actor, membership: Membership) -> None:
    standing = _standing_where(by, membership)
    if not (
        standing.runs_installation or standing.holds(Role.ADMINISTRATOR, organisation_id=membership.organisation_id)
    ):
        raise NotAllowed(_("Only an administrator gives or takes the role of administrator."))


def _standing_where(by: Actor, membership: Membership) -> Standing:
    return standing_of(by.user, membership.operation or membership.organisation.operation)


def _other_managers(membership: Membership) -> bool:
    others = Membership.objects.filter(organisation=membership.organisation, role__in=MANAGERS).exclude(
        pk=membership.pk
    )
    if membership.operation_id is None:
        others = others.filter(operation=None)
    else:
        others = others.filter(Q(operation=None) | Q(operation=membership.operation))
    return in_force(others).filter(user__is_active=True, user__approval=Approval.APPROVED).exists()


def _existing(user: Any, organisation: Organisation, role: str, operation: Any) -> Membership | None:
    return (
        Membership.objects.select_for_update(of=("self",))
        .filter(user=user, organisation=organisation, role=role, operation=operation)
        .first()
    )


def _locked(membership: Membership) -> Membership:
    return (
        Membership.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=membership.pk)
    )


def _is_in_force(membership: Membership) -> bool:
    today = timezone.localdate()
    return membership.starts_on <= today and (membership.ends_on is None or membership.ends_on >= today)


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise Refused({"role": _("Choose one of the roles.")})


def _refuse_merged(organisation: Organisation) -> None:
    if organisation.merged_into_id is not None:
        raise Refused({"__all__": _("This entry was merged into another one. Use that one.")})


def _forget_standings(user: Any) -> None:
    user.__dict__.pop("_standings", None)
