"""Two requests that are one: merged, or kept as two; both can be undone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests import lines
from aid_requests.life_cycle import locked_request, move, note_progress
from aid_requests.models import (
    AidRequest,
    Attachment,
    Commitment,
    DuplicatePair,
    PairState,
    Receipt,
    RequestLine,
    RequestState,
)
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs.naming import name_key


def pair_of(one: AidRequest, other: AidRequest) -> DuplicatePair:
    """The pair of two requests, made when nobody saw it yet. Not saved when it is new."""
    first, second = sorted((one, other), key=lambda request: (request.occurred_at, request.pk))
    found = DuplicatePair.objects.filter(first=first, second=second).first()
    return found or DuplicatePair(first=first, second=second, operation=one.operation, likeness=0, why=[])


@transaction.atomic
def merge(*, by: Actor, operation: Any, pair: DuplicatePair, keep: AidRequest) -> AidRequest:
    """Make the other request part of ``keep``, which stands for both from now on.

    What was promised to or came for the other's lines goes to the same thing's line of the kept one; a line it has not
    moves over. The other is cancelled and leads to the kept one; whoever asked it is told. Raises Refused or NotAllowed.
    """
    kept, other = _sides(by, operation, pair, keep)
    undo: dict[str, Any] = {
        "kept": kept.pk, "other": other.pk, "state": other.state, "lines": [], "commitments": [], "receipts": [],
        "attachments": list(other.attachments.values_list("pk", flat=True)), "orders": {},
    }  # fmt: skip
    with acting(by):
        same = {_thing(line): line for line in kept.lines.all()}
        for line in other.lines.all():
            match = same.get(_thing(line))
            if match is None:
                undo["lines"].append(line.pk)
                line.request = kept
                line.save(update_fields=["request", "updated_at"])
                continue
            undo["commitments"] += [[pk, line.pk] for pk in line.commitments.values_list("pk", flat=True)]
            undo["receipts"] += [[pk, line.pk] for pk in line.receipts.values_list("pk", flat=True)]
            line.commitments.update(line=match)
            line.receipts.update(line=match)
            for changed in (line, match):
                _sum_receipts(changed)
        Attachment.objects.filter(pk__in=undo["attachments"]).update(request=kept)
        other.merged_into = kept
        reason = _("merged into %(code)s") % {"code": kept.code}
        move(by=by, request=other, after=RequestState.CANCELLED, reason=reason)
        _refresh(kept, by)
        _decide(pair, by, PairState.MERGED, undo)
    return kept


@transaction.atomic
def keep_both(*, by: Actor, operation: Any, pair: DuplicatePair) -> DuplicatePair:
    """Remember that these are two requests. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.APPROVE, pair)
    locked = _locked(pair)
    if locked.state == PairState.MERGED:
        raise Refused({"__all__": _("These two were merged. Undo the merge first.")})
    with acting(by):
        _decide(locked, by, PairState.KEPT, {})
    return locked


@transaction.atomic
def undo_decision(*, by: Actor, operation: Any, pair: DuplicatePair) -> DuplicatePair:
    """Take back a merge, or that two were kept: everything that moved goes back to where it was. Raises Refused."""
    require(standing_of(by.user, operation), Action.APPROVE, pair)
    locked = _locked(pair)
    if locked.state == PairState.OPEN:
        raise Refused({"__all__": _("Nothing was decided about these two yet.")})
    with acting(by):
        if locked.state == PairState.MERGED:
            _unmerge(locked, by)
        _decide(locked, by, PairState.OPEN, {})
    return locked


def _unmerge(pair: DuplicatePair, by: Actor) -> None:
    undo = pair.undo
    kept = locked_request(AidRequest(pk=undo["kept"]))
    other = locked_request(AidRequest(pk=undo["other"]))
    RequestLine.objects.filter(pk__in=undo["lines"], request=kept).update(request=other)
    for model, moved in ((Commitment, undo["commitments"]), (Receipt, undo["receipts"])):
        for pk, line_pk in moved:
            model._default_manager.filter(pk=pk).update(line_id=line_pk)
    Attachment.objects.filter(pk__in=undo["attachments"], request=kept).update(request=other)
    for line in RequestLine.objects.filter(request__in=(kept, other)):
        _sum_receipts(line)
    other.merged_into = None
    move(by=by, request=other, after=undo["state"], reason=_("the merge was undone"))
    for request in (kept, other):
        _refresh(request, by)


def _sides(by: Actor, operation: Any, pair: DuplicatePair, keep: AidRequest) -> tuple[AidRequest, AidRequest]:
    """The kept request and the other one, both locked, in the order of their keys so that two merges never wait for each
    other."""
    require(standing_of(by.user, operation), Action.APPROVE, pair)
    if keep.pk not in (pair.first_id, pair.second_id):
        raise TypeError("the request to keep is not one of the pair")
    sides = {pk: locked_request(AidRequest(pk=pk)) for pk in sorted((pair.first_id, pair.second_id))}
    kept = sides.pop(keep.pk)
    (other,) = sides.values()
    for one in (kept, other):
        if one.merged_into is not None:
            raise Refused(
                {
                    "__all__": _("%(code)s was merged into %(kept)s already.")
                    % {"code": one.code, "kept": one.merged_into.code}
                }
            )
        if one.state == RequestState.DRAFT:
            raise Refused(
                {"__all__": _("%(code)s is a draft; only submitted requests are merged.") % {"code": one.code}}
            )
    if kept.operation_id != other.operation_id:
        raise Refused({"__all__": _("These belong to two operations; exercise and real never mix.")})
    if kept.state in (RequestState.REFUSED, RequestState.CANCELLED):
        raise Refused(
            {"__all__": _("%(code)s is “%(state)s”. Keep the other one.")
             % {"code": kept.code, "state": kept.get_state_display()}}
        )  # fmt: skip
    return kept, other


def _locked(pair: DuplicatePair) -> DuplicatePair:
    return DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair.pk) if pair.pk else pair


def _decide(pair: DuplicatePair, by: Actor, state: PairState, undo: dict[str, Any]) -> None:
    pair.state, pair.undo, pair.decided_at = state, undo, timezone.now()
    pair.decided_by = by.user if getattr(by.user, "pk", None) else None
    pair.save()


def _refresh(request: AidRequest, by: Actor) -> None:
    lines.refresh(request)
    request.save()
    note_progress(by=by, request=request)


def _sum_receipts(line: RequestLine) -> None:
    line.received = line.receipts.aggregate(sum=Sum("quantity"))["sum"] or Decimal(0)
    line.save(update_fields=["received", "updated_at"])


def _thing(line: RequestLine) -> tuple[str, str]:
    """What makes two lines ask for the same thing."""
    if line.item_id:
        return ("item", str(line.item_id))
    return (line.kind, f"{name_key(line.skill)}|{name_key(line.description)}|{line.unit.casefold()}")
