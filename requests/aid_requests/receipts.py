"""What came for a line: written down by hand or told by who receives a consignment; the rest is needed again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests import endings
from aid_requests.life_cycle import locked_request, note_progress
from aid_requests.models import HOLDING, Commitment, CommitmentState, Receipt, RequestLine, RequestState
from aid_requests.quantities import MOST
from aid_requests.refusals import NeedsConfirmation, Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import plain

NONE = Decimal(0)
TOLD = "arrival:"
"""How the key of a receipt begins that was told through the socket ``arrivals``."""


@transaction.atomic
def record_receipt(
    *, by: Actor, operation: Any, line: RequestLine, quantity: Decimal, commitment: Commitment | None = None,
    is_last: bool = True, explanation: str = "", confirmed_by: str = "", occurred_at: datetime | None = None,
    key: str = "", confirmed: bool = False,
) -> Receipt:  # fmt: skip
    """Write down by hand that so much of a line came, in its unit.

    commitment: the promise it answers; is_last: no more of that promise will come. confirmed_by: who counted it. key:
    sent twice is one receipt. confirmed: more than was asked was asked about. Raises Refused, NeedsConfirmation, NotAllowed.
    """
    at = occurred_at or timezone.now()
    receipt = Receipt(line=line, operation=line.request.operation, commitment=commitment, key=key[:200])
    require(standing_of(by.user, operation), Action.CHANGE, line.request)
    if line.request.state == RequestState.DRAFT:
        raise Refused({"__all__": _("This is a draft still. Submit it first.")})
    if not quantity.is_finite() or quantity < 0 or (quantity == 0 and (commitment is None or not is_last)):
        raise Refused({"quantity": _("Give how much came, more than 0.")})
    if quantity > MOST:
        raise Refused({"quantity": _("This is too much to be true. Check the quantity and its unit.")})
    if at > timezone.now():
        raise Refused({"occurred_at": _("This lies in the future. Give the moment when it came.")})
    if commitment is not None and commitment.line_id != line.pk:
        raise Refused({"commitment": _("This promise is for another line.")})
    if not confirmed and line.received + quantity > line.quantity:
        raise NeedsConfirmation(
            _("%(asked)s were asked and %(received)s came before; with these %(quantity)s it is more than was asked. Is this right?")
            % {"asked": plain(line.quantity), "received": plain(line.received), "quantity": plain(quantity)}
        )  # fmt: skip
    receipt.reported_by, receipt.explanation, receipt.occurred_at = confirmed_by[:150], explanation.strip()[:300], at
    sent = None if is_last else quantity
    return take_in(by=by, receipt=receipt, quantity=quantity, sent=sent)


def take_in(*, by: Actor, receipt: Receipt, quantity: Decimal, sent: Decimal | None) -> Receipt:
    """Count a receipt on its line and its promise; the same key again changes nothing. In the caller's transaction.

    sent: how much of the promise is accounted for by this, ``None`` for all that is left of it.
    """
    request = locked_request(receipt.line.request)
    line = RequestLine.objects.select_for_update(of=("self",)).get(pk=receipt.line_id)
    line.request = request
    known = line.receipts.filter(key=receipt.key).first() if receipt.key else None
    if known is not None:
        return known
    receipt.line, receipt.quantity = line, quantity
    receipt.stamp(by)
    with acting(by):
        receipt.save()
        if receipt.commitment_id is not None:
            _settle(receipt, quantity, sent)
        _sum(line)
        note_progress(by=by, request=request, at=receipt.occurred_at)
    if line.received >= line.quantity and line.commitments.filter(state__in=HOLDING).exists():
        transaction.on_commit(lambda: endings.line_met(line=line.pk), robust=True)
    return receipt


@transaction.atomic
def take_back_receipt(*, by: Actor, operation: Any, receipt: Receipt, reason: str) -> None:
    """A receipt was a mistake: it counts no more, its promise stays ended. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, receipt.line.request)
    if not reason.strip():
        raise Refused({"reason": _("Give the reason: those after you will ask for it.")})
    if receipt.key.startswith(TOLD):
        raise Refused({"__all__": _("Who brought it told this. Correct the delivery there.")})
    request = locked_request(receipt.line.request)
    line = RequestLine.objects.select_for_update(of=("self",)).get(pk=receipt.line_id)
    with acting(by.because(reason)):
        if receipt.commitment_id is not None:
            commitment = Commitment.objects.select_for_update(of=("self",)).get(pk=receipt.commitment_id)
            commitment.received = max(commitment.received - receipt.quantity, NONE)
            commitment.short = commitment.quantity - commitment.received
            commitment.save()
        receipt.delete()
        _sum(line)
        note_progress(by=by, request=request)


def _settle(receipt: Receipt, quantity: Decimal, sent: Decimal | None) -> None:
    """Count on the promise what came, and what of it will not come any more."""
    assert receipt.commitment_id is not None
    commitment = Commitment.objects.select_for_update(of=("self",)).get(pk=receipt.commitment_id)
    left = max(commitment.quantity - commitment.received - commitment.short, NONE)
    accounted = left if sent is None else sent
    commitment.received += quantity
    commitment.short += max(min(accounted, left) - quantity, NONE)
    if commitment.received + commitment.short >= commitment.quantity:
        if commitment.state in HOLDING or quantity:
            commitment.state = CommitmentState.RECEIVED
        commitment.ended_at = timezone.now()
    if receipt.explanation:
        commitment.reason = receipt.explanation
    commitment.save()


def _sum(line: RequestLine) -> None:
    line.received = line.receipts.aggregate(sum=Sum("quantity"))["sum"] or NONE
    line.save(update_fields=["received", "updated_at"])
