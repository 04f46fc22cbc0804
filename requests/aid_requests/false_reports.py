"""Reports that turned out false, and what is known of who reported: how often verified, how often false."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from aid_requests import endings
from aid_requests.claiming import require_not_held
from aid_requests.life_cycle import locked_request, move
from aid_requests.models import AidRequest, RequestState
from aid_requests.refusals import Refused
from aid_requests.steps import STEPS
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

PROVEN = (RequestState.VERIFIED, RequestState.ACCEPTED, RequestState.PARTLY_MET, RequestState.MET, RequestState.CLOSED)
"""States that a request reaches only when somebody found it true."""


@dataclass(frozen=True)
class ReporterRecord:
    """How many requests came from the same phone or e-mail, this one left out: found true, found false, in all."""

    verified: int
    false: int
    asked: int


@transaction.atomic
def mark_false(*, by: Actor, operation: Any, request: AidRequest, reason: str) -> AidRequest:
    """There is no such need: an open request is refused, and the report counts against who reported it. Raises Refused."""
    require(standing_of(by.user, operation), Action.APPROVE, request)
    endings.goods_first(request=request)
    locked = locked_request(request)
    require_not_held(locked, by)
    if not reason.strip():
        raise Refused({"reason": _("Say how it was found to be false: somebody will ask.")})
    if locked.is_false:
        raise Refused({"__all__": _("%(code)s is marked as false already.") % {"code": locked.code}})
    if locked.state != RequestState.REFUSED and locked.state not in STEPS["refuse"].before:
        raise Refused(
            {
                "__all__": _("%(code)s is “%(state)s”; only an open request for which nothing came can be false.")
                % {"code": locked.code, "state": locked.get_state_display()}
            }
        )
    with acting(by.because(reason)):
        locked.is_false = True
        if locked.state == RequestState.REFUSED:
            locked.save(update_fields=["is_false", "updated_at"])
        else:
            move(by=by, request=locked, after=RequestState.REFUSED, reason=reason)
    return locked


def record_of(request: AidRequest) -> ReporterRecord | None:
    """What is known of who reported this request; ``None`` when there is nothing to know them by."""
    same = _same_reporter(request)
    if same is None:
        return None
    others = AidRequest.objects.filter(same, operation=request.operation).exclude(pk=request.pk)
    counted = others.exclude(state=RequestState.DRAFT).aggregate(
        asked=Count("pk"), false=Count("pk", filter=Q(is_false=True)), verified=Count("pk", filter=_proven())
    )
    return ReporterRecord(counted["verified"], counted["false"], counted["asked"])


def record_of_phone(phone: str, visible_requests: QuerySet[AidRequest]) -> ReporterRecord | None:
    """What is known of a number (E.164) among these requests; ``None`` when it has asked for nothing."""
    counted = (
        visible_requests.filter(reporter_phone=phone)
        .exclude(state=RequestState.DRAFT)
        .aggregate(
            asked=Count("pk"), false=Count("pk", filter=Q(is_false=True)), verified=Count("pk", filter=_proven())
        )
    )
    return ReporterRecord(counted["verified"], counted["false"], counted["asked"]) if counted["asked"] else None


def with_record(requests: QuerySet[AidRequest]) -> QuerySet[AidRequest]:
    """Each with ``reporter_verified`` and ``reporter_false``: other requests from the same phone, found true and false."""
    same = AidRequest.objects.filter(
        operation=OuterRef("operation"), reporter_phone=OuterRef("reporter_phone")
    ).exclude(Q(reporter_phone="") | Q(pk=OuterRef("pk")))
    return requests.annotate(
        reporter_verified=_count(same.filter(_proven())), reporter_false=_count(same.filter(is_false=True))
    )


def _count(rows: QuerySet[AidRequest]) -> Any:
    counted = rows.order_by().values("operation").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _proven() -> Q:
    return Q(state__in=PROVEN, is_false=False)


def _same_reporter(request: AidRequest) -> Q | None:
    if request.reporter_phone:
        return Q(reporter_phone=request.reporter_phone)
    if request.reporter_email:
        return Q(reporter_email__iexact=request.reporter_email)
    return None
