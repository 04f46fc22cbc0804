"""Promises of aid: made to a line of a request, given back, lapsed. Nothing is promised twice, and never more than is needed.

Order in which things are locked, the same at every door: goods of a plug, then the request, its line, the commitment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests import promisers
from aid_requests.life_cycle import locked_request
from aid_requests.models import (
    HOLDING,
    OPEN_STATES,
    AidRequest,
    Commitment,
    CommitmentState,
    LineKind,
    RequestLine,
    Source,
)
from aid_requests.needed import held_by, still_needed
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.extensions.offers import OffersPlug, offers
from komek.records.actor import SYSTEM, Actor, acting
from komek.supplies.models import plain
from orgs.models import Organisation

USUAL_HOLD = timedelta(days=3)
LONGEST_HOLD = timedelta(days=366)
MOST_TRIES = 20


@transaction.atomic
def commit(
    *, by: Actor, operation: Any, line: RequestLine, quantity: Decimal, until: datetime | None = None,
    source: str = Source.OTHER, organisation: Organisation | None = None, title: str = "", contact_phone: str = "",
    contact_email: str = "", occurred_at: datetime | None = None,
) -> Commitment:  # fmt: skip
    """Write down a promise by word: so much of a line, in its unit, until a moment. Raises Refused or NotAllowed."""
    made = Commitment(
        line=line, operation=line.request.operation, source=Source(source), organisation=organisation,
        title=title.strip()[:200], quantity=quantity, until=until or timezone.now() + USUAL_HOLD,
        contact_phone=contact_phone, contact_email=contact_email,
    )  # fmt: skip
    if occurred_at is not None:
        made.occurred_at = occurred_at
    made.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, made)
    if organisation is not None and organisation.operation_id not in (None, line.request.operation_id):
        raise Refused(
            {"organisation": _("This organisation belongs to another operation; exercise and real never mix.")}
        )
    return _keep(by, made)


@transaction.atomic
def commit_offer(
    *, by: Actor, operation: Any, line: RequestLine, plug: str, offer: str, quantity: Decimal,
    until: datetime | None = None, title: str = "", organisation: Organisation | None = None, delivers: bool = True,
) -> Commitment:  # fmt: skip
    """Promise what an offers plug found: it is held there and, where the need has a site, its delivery begins.

    plug, offer: key of the plug and the offer's reference. Raises Refused, also when less is left; NotAllowed.
    """
    found = offers.get(plug)
    if found is None:
        raise Refused({"offer": _("This source is not there any more. Search again.")})
    until = until or timezone.now() + USUAL_HOLD
    made = Commitment(
        line=line, operation=line.request.operation, source=source_of(found, line), plug=plug, offer=offer,
        title=title.strip()[:200], organisation=organisation, quantity=quantity, until=until,
    )  # fmt: skip
    made.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, made)
    check(made)
    actor = by.because(by.reason or line.request.code)
    try:
        made.reservation = found.reserve(offer, quantity, until, actor)
    except ValueError as taken:
        raise Refused({"quantity": str(taken)}) from taken
    request = line.request
    if delivers and request.site_id is not None:
        delivery = found.start_delivery(
            made.reservation, site_id=request.site_id, wanted_by=_day(line.wanted_by or request.wanted_by),
            request_reference=request.code, by=actor,
        )  # fmt: skip
        if delivery is not None:
            made.delivery, made.delivery_url = delivery.code, delivery.url
    return _keep(by, made)


@transaction.atomic
def prolong(*, by: Actor, operation: Any, commitment: Commitment, until: datetime) -> Commitment:
    """The promise holds longer. What a plug holds is held anew until then. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, commitment)
    before = Commitment.objects.select_related("line__request").get(pk=commitment.pk)
    if before.state != CommitmentState.OPEN:
        raise _ended()
    _check_until(until)
    if until <= before.until:
        raise Refused({"until": _("It holds until then already. Give a later moment.")})
    plug = offers.get(before.plug) if before.plug else None
    if plug is not None and before.reservation:
        plug.lock([before.reservation])
        try:
            plug.hold_longer(before.reservation, until, by.because(before.line.request.code))
        except ValueError as gone:
            raise Refused({"until": str(gone)}) from gone
    locked = _locked(commitment)
    if locked.state != CommitmentState.OPEN:
        raise _ended()
    locked.until = until
    with acting(by):
        locked.save()
    promisers.tell_of(promisers.LONGER, by=by, commitment=locked, quantity=held_by(locked), part=f":{until:%Y%m%d%H%M}")
    return locked


@transaction.atomic
def release(*, by: Actor, operation: Any, commitment: Commitment, reason: str) -> Commitment:
    """Give a promise back: it is needed no more, or cannot be kept. Whoever is concerned is told. Raises Refused, NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, commitment)
    if not reason.strip():
        raise Refused({"reason": _("Give the reason: who promised and who needs it will ask for it.")})
    locked = lock_promise(commitment)
    if locked.state == CommitmentState.ON_THE_WAY:
        raise Refused(
            {"__all__": _("This is on the way already. Write down what comes, or cancel %(code)s there.")
             % {"code": locked.delivery or _("the delivery")}}
        )  # fmt: skip
    if locked.state != CommitmentState.OPEN:
        raise Refused({"__all__": _("This promise has ended already.")})
    end(by=by, commitment=locked, state=CommitmentState.RELEASED, reason=reason)
    return locked


def release_all(*, by: Actor, lines: Iterable[RequestLine], reason: str) -> int:
    """A need ended: every promise to it goes back and all who promised are told; how many. In the caller's transaction."""
    rows = Commitment.objects.select_for_update(of=("self",)).filter(line__in=list(lines), state__in=HOLDING)
    held = list(
        rows.select_related("line__request__operation", "line__request__responsible", "organisation").order_by("pk")
    )
    for commitment in held:
        end(by=by, commitment=commitment, state=CommitmentState.RELEASED, reason=reason)
    return len(held)


def lock_goods(**of: Any) -> set[tuple[str, str]]:
    """Lock what plugs hold for these promises (a filter of commitments). Before the request, as the order above says.

    Returns what was locked: plug and reservation.
    """
    held: dict[str, list[str]] = {}
    locked = _held_for(**of)
    for plug, reservation in sorted(locked):
        held.setdefault(plug, []).append(reservation)
    for key, names in held.items():
        if (found := offers.get(key)) is not None:
            found.lock(names)
    return locked


def lock_with_goods(request: AidRequest, line: RequestLine | None = None) -> AidRequest:
    """The request, locked, with all that is held for it (or for one line of it) locked before it, as the order above says.

    What somebody promises to it between the two locks is not locked: then both are let go and taken again. Once the request is
    locked nobody promises to it. In the caller's transaction.
    """
    of: dict[str, Any] = {"line__request": request} if line is None else {"line": line}
    for _try in range(MOST_TRIES):
        try:
            with transaction.atomic():  # locks that are taken after a savepoint are let go with it
                goods = lock_goods(**of)
                locked = locked_request(request)
                if not _held_for(**of) <= goods:
                    raise _MorePromised
            return locked
        except _MorePromised:
            continue
    raise Refused({"__all__": _("Much is being promised to this request just now. Try again in a minute.")})


def lock_promise(commitment: Commitment) -> Commitment:
    """The promise as it is now, locked after what is held for it, its request and its line. In the caller's transaction."""
    lock_goods(pk=commitment.pk)
    return _locked(commitment)


class _MorePromised(Exception):
    """Something was promised after the goods were locked and before the request was."""


def _held_for(**of: Any) -> set[tuple[str, str]]:
    rows = Commitment.objects.filter(state__in=HOLDING, **of).exclude(plug="").exclude(reservation="")
    return set(rows.values_list("plug", "reservation"))


def release_surplus(*, lines: Iterable[int] = ()) -> int:
    """Everything asked in a line came, yet more is promised to it: these promises go back and all who promised are told; how many.

    Each line in a transaction of its own, after the one in which the last of it came: what is promised may lie in other
    warehouses, and goods are locked before the request. lines: keys of those to look at; none for all.
    """
    rows = Commitment.objects.filter(state__in=HOLDING, line__received__gte=F("line__quantity"))
    rows = rows.filter(line__in=list(lines)) if lines else rows
    released = 0
    for line in RequestLine.objects.filter(pk__in=rows.values("line")).select_related("request").order_by("pk"):
        with transaction.atomic():
            line.request = lock_with_goods(line.request, line)
            line.refresh_from_db(fields=["received", "quantity"])
            if line.received >= line.quantity:
                released += release_all(by=SYSTEM, lines=[line], reason=_("All that was asked for has come."))
    return released


def lapse_due(now: datetime | None = None) -> int:
    """End promises whose time has passed, unless they are on their way, each in a transaction of its own; how many."""
    now = now or timezone.now()
    due = list(Commitment.objects.filter(state=CommitmentState.OPEN, until__lte=now).values_list("pk", flat=True))
    lapsed = 0
    for pk in due:
        with transaction.atomic():
            commitment = lock_promise(Commitment.objects.select_related("line").get(pk=pk))
            if commitment.state == CommitmentState.OPEN and commitment.until <= now:
                end(by=SYSTEM, commitment=commitment, state=CommitmentState.LAPSED, reason="")
                lapsed += 1
    return lapsed


def end(*, by: Actor, commitment: Commitment, state: str, reason: str, event: str = "") -> None:
    """The promise holds nothing any more; its plug gets back what it held, and those concerned are told. It is locked."""
    rest, had_left = held_by(commitment), commitment.state == CommitmentState.ON_THE_WAY
    commitment.state, commitment.ended_at = CommitmentState(state), timezone.now()
    commitment.reason = reason.strip()[:300]
    with acting(by):
        commitment.save()
    plug = offers.get(commitment.plug) if commitment.plug else None
    if plug is not None and commitment.reservation:
        # Whoever ends a need need not hold a role where the goods are; that they may end it was checked.
        plug.release(commitment.reservation, SYSTEM.because(commitment.reason or commitment.line.request.code))
    events = {CommitmentState.LAPSED: promisers.LAPSED, CommitmentState.RELEASED: promisers.RELEASED}
    event = event or (promisers.TOO_LATE if had_left else events[CommitmentState(state)])
    behind = [one for source in offers for one in source.people_behind(commitment.delivery)] if had_left else []
    promisers.tell_of(event, by=by, commitment=commitment, quantity=rest, reason=commitment.reason, senders=behind)


def check(commitment: Commitment) -> None:
    """Raise Refused for a promise that cannot be: too much, too long, or to a need that is closed."""
    line, request = commitment.line, commitment.line.request
    if request.merged_into is not None:
        raise Refused(
            {"__all__": _("This request was merged into %(code)s. Go on there.") % {"code": request.merged_into.code}}
        )
    if request.state not in OPEN_STATES:
        raise Refused(
            {"__all__": _("%(code)s is “%(state)s”: nothing can be promised to it.")
             % {"code": request.code, "state": request.get_state_display()}}
        )  # fmt: skip
    if not line.is_open:
        raise Refused({"__all__": _("No more is needed of “%(line)s”.") % {"line": line}})
    _check_until(commitment.until)
    quantity = commitment.quantity
    if not quantity.is_finite() or quantity <= 0:
        raise Refused({"quantity": _("Give how much is promised, more than 0.")})
    if line.kind == LineKind.PEOPLE and quantity % 1:
        raise Refused({"quantity": _("People are counted in whole numbers.")})
    needed = still_needed(line)
    if needed <= 0:
        raise Refused({"quantity": _("Nothing more of “%(line)s” is needed: the rest is promised.") % {"line": line}})
    if quantity > needed:
        raise Refused(
            {"quantity": _("Only %(needed)s %(unit)s are still needed. Promise no more than that.")
             % {"needed": plain(needed), "unit": line.unit}}
        )  # fmt: skip


def source_of(plug: OffersPlug, line: RequestLine) -> Source:
    """What kind of source a plug's offers are."""
    if line.kind == LineKind.PEOPLE or line.skill:
        return Source.VOLUNTEER
    return Source.STOCK if plug.key.startswith("inventory") else Source.PLEDGE


def _keep(by: Actor, made: Commitment) -> Commitment:
    """Lock the request and its line, check what is needed now, and write the promise down."""
    request = locked_request(made.line.request)
    made.line = RequestLine.objects.select_for_update(of=("self",)).select_related("item").get(pk=made.line.pk)
    if made.line.request_id != request.pk:
        raise _moved()
    made.line.request = request
    check(made)
    with acting(by):
        made.save()
    promisers.tell_of(promisers.MADE, by=by, commitment=made, quantity=made.quantity)
    return made


def _locked(commitment: Commitment) -> Commitment:
    """The commitment as it is now, with its request and line, all locked in their order."""
    request = locked_request(commitment.line.request)
    line = RequestLine.objects.select_for_update(of=("self",)).get(pk=commitment.line_id)
    if line.request_id != request.pk:
        raise _moved()
    locked = Commitment.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=commitment.pk)
    line.request, locked.line = request, line
    return locked


def _moved() -> Refused:
    return Refused({"__all__": _("This line moved to another request. Look at it again.")})


def _ended() -> Refused:
    return Refused({"until": _("Only a promise that still waits can be prolonged.")})


def _check_until(until: datetime) -> None:
    now = timezone.now()
    if until <= now:
        raise Refused({"until": _("Give a moment in the future until which the promise holds.")})
    if until > now + LONGEST_HOLD:
        raise Refused({"until": _("A promise holds a year at most. Give an earlier moment.")})


def _day(moment: datetime | None) -> Any:
    return timezone.localdate(moment) if moment is not None else None
