"""Who may see and change requests and what is promised to them.

Everybody with an approved account sees requests that were submitted, without the asker's name and phone. Drafts are
their writer's. The people of the asking organisation and of the one that answers change a request; coordinators of
the whole operation change every one. Names and phones of askers are for those who handle the request (``handles``).
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from aid_requests.models import (
    AidRequest,
    Appeal,
    Attachment,
    Commitment,
    DuplicatePair,
    LineFigures,
    Notice,
    Receipt,
    RequestLine,
    RequestState,
    RequestStep,
    RoutingRule,
    StepDeadline,
)
from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS, Role
from orgs.policies import CodeListPolicy, coordinates_everything

ASKERS = (*MANAGERS, Role.CAMP_MANAGER, Role.REGISTRAR, Role.WAREHOUSE_KEEPER, Role.VOLUNTEER_MANAGER)


def handles(standing: Standing, request: AidRequest) -> bool:
    """Whether this standing works on the request: for the asker, for the one who answers, or for the whole operation."""
    if coordinates_everything(standing):
        return True
    if request.entered_by_id is not None and standing.signed_in and request.entered_by_id == standing.user.pk:
        return True
    sides = {request.asked_by_id, request.responsible_id, request.site.organisation_id if request.site else None} - {
        None
    }
    return any(standing.holds(*ASKERS, organisation_id=side) for side in sides)


def answers(standing: Standing, request: AidRequest) -> bool:
    """Whether this standing decides about the request (verify, accept, refuse, forward): never the asker alone."""
    if coordinates_everything(standing):
        return True
    return request.responsible_id is not None and standing.holds(*MANAGERS, organisation_id=request.responsible_id)


class RequestPolicy:
    """Requests, and (through ``path``) what belongs to one."""

    def __init__(self, path: str = "") -> None:
        self.path = path

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        prefix = f"{self.path}__" if self.path else ""
        draft = Q(**{f"{prefix}state": RequestState.DRAFT})
        return queryset.filter(~draft | Q(**{f"{prefix}entered_by": standing.user}))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if record is None:
            return action in (Action.VIEW, Action.EXPORT) or standing.holds_anywhere(*ASKERS)
        request = self._request_of(record)
        if action in (Action.VIEW, Action.EXPORT):
            return request.state != RequestState.DRAFT or request.entered_by_id == standing.user.pk
        if action == Action.ADD and not self.path:
            return standing.holds_anywhere(*ASKERS)
        if action == Action.APPROVE:
            return answers(standing, request)
        if action == Action.DELETE:
            return coordinates_everything(standing)
        return handles(standing, request)

    def _request_of(self, record: Any) -> AidRequest:
        for part in self.path.split("__") if self.path else ():
            record = getattr(record, part)
        found: AidRequest = record
        return found


class CommitmentPolicy(RequestPolicy):
    """Whoever has something to give may promise it, and whoever handles the request may write down what others promised
    by word; both may change it.
    """

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        is_theirs = record is not None and record.organisation_id is not None
        if (
            is_theirs
            and standing.signed_in
            and standing.user.may_work
            and standing.holds(*ASKERS, organisation_id=record.organisation_id)
        ):
            return True
        return super().may(standing, action, record)


class NoticePolicy(RequestPolicy):
    """Messages hold names and numbers: for those who handle the request."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if coordinates_everything(standing):
            return queryset
        mine = standing.organisation_ids(*ASKERS, write=True)
        return (
            super()
            .narrow(queryset, standing)
            .filter(
                Q(request__asked_by__in=mine)
                | Q(request__responsible__in=mine)
                | Q(request__site__organisation__in=mine)
                | Q(request__entered_by=standing.user)
            )
        )

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if record is not None and action in (Action.VIEW, Action.EXPORT):
            return standing.signed_in and standing.user.may_work and handles(standing, record.request)
        return super().may(standing, action, record)


class AppealPolicy(CodeListPolicy):
    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if record is not None and action not in (Action.VIEW, Action.EXPORT):
            return coordinates_everything(standing) or (
                record.organisation_id is not None and standing.holds(*MANAGERS, organisation_id=record.organisation_id)
            )
        return super().may(standing, action, record)


class PairPolicy:
    """Pairs name requests of several organisations: for coordinators of the whole operation."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if coordinates_everything(standing) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return coordinates_everything(standing)


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(AidRequest, RequestPolicy())
    for model in (RequestLine, LineFigures, RequestStep, Attachment):
        register_policy(model, RequestPolicy("request"))
    register_policy(Receipt, RequestPolicy("line__request"))
    register_policy(Commitment, CommitmentPolicy("line__request"))
    register_policy(Notice, NoticePolicy("request"))
    register_policy(Appeal, AppealPolicy())
    register_policy(DuplicatePair, PairPolicy())
    register_policy(RoutingRule, CodeListPolicy())
    register_policy(StepDeadline, CodeListPolicy())
