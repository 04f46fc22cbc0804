"""Keeping the rules that say who answers for a request, and applying them to requests that nobody answers for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from aid_requests.models import OPEN_STATES, AidRequest, LineKind, RoutingRule
from aid_requests.refusals import Refused
from aid_requests.routing import responsible_for
from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.records.actor import Actor, acting
from komek.records.models import Approval
from orgs.models import Organisation

FIELDS = ("area", "sector", "category", "kind", "organisation", "order", "operation")


def rules_of(operation: Any) -> QuerySet[RoutingRule]:
    """Rules in force in an operation: its own, and in a real one those of every operation."""
    where = Q(operation=operation)
    if operation is None or not operation.is_exercise:
        where |= Q(operation=None)
    return RoutingRule.objects.filter(where).select_related("area", "sector", "category", "organisation", "operation")


@transaction.atomic
def set_rule(*, by: Actor, operation: Any, rule: RoutingRule | None = None, **fields: Any) -> RoutingRule:
    """Make or change a rule. A rule belongs to the operation it is made in, or with ``operation=None`` in fields to all.

    Raises Refused or NotAllowed.
    """
    kept = rule or RoutingRule(operation=operation)
    require(standing_of(by.user, operation), Action.CHANGE, kept)
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"no field of a rule that people change: {name}")
        setattr(kept, name, value)
    organisation: Organisation = kept.organisation
    if organisation.approval != Approval.APPROVED:
        raise Refused({"organisation": _("%(organisation)s is not approved yet.") % {"organisation": organisation}})
    if organisation.operation_id not in (None, kept.operation_id):
        raise Refused(
            {"organisation": _("This organisation belongs to another operation; exercise and real never mix.")}
        )
    if kept.kind and kept.kind not in LineKind.values:
        raise Refused({"kind": _("Choose one of the kinds, or leave it empty.")})
    same = rules_of(operation).exclude(pk=kept.pk).filter(
        operation=kept.operation, area=kept.area, sector=kept.sector, category=kept.category, kind=kept.kind
    )  # fmt: skip
    if same.exists():
        raise Refused({"__all__": _("There is a rule for just this already. Change that one.")})
    with acting(by):
        kept.save()
    return kept


@transaction.atomic
def remove_rule(*, by: Actor, operation: Any, rule: RoutingRule) -> None:
    """Take a rule away. Requests it sent to somebody stay there."""
    if rule.operation_id is not None and rule.operation_id != getattr(operation, "pk", None):
        raise NotAllowed(_("This rule belongs to another operation."))
    require(standing_of(by.user, operation), Action.CHANGE, rule)
    with acting(by):
        rule.delete()


@transaction.atomic
def route_what_waits(*, by: Actor, operation: Any) -> int:
    """Apply the rules to open requests that nobody answers for; returns how many found somebody."""
    require(standing_of(by.user, operation), Action.CHANGE, RoutingRule)
    waiting = AidRequest.objects.select_for_update(of=("self",)).filter(
        operation=operation, responsible=None, state__in=OPEN_STATES
    )
    routed = 0
    with acting(by):
        for request in waiting.select_related("area", "operation").order_by("pk"):
            found = responsible_for(request)
            if found is not None:
                request.responsible = found
                request.save(update_fields=["responsible", "updated_at"])
                routed += 1
    return routed
