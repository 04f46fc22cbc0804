"""Asking for support, following and confirming it by a text message: from an account's number, or from anybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests import life_cycle
from aid_requests.asking import submit_request
from aid_requests.committing import lock_with_goods
from aid_requests.confirming import confirm_receipt, say_not_all_came
from aid_requests.lines import LineDraft
from aid_requests.models import OPEN_STATES, AidRequest, NotifyBy, Priority, RequestState, RequestStep
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, may, standing_of, visible
from komek.messaging.whereabouts import last_seen
from komek.places.resolver import resolve
from komek.records.actor import Actor, acting
from komek.records.models import Approval
from komek.supplies.wording import meanings_of
from orgs.models import Site

MOST_A_DAY = 20
"""Requests from one number without an account in a day. Above it somebody should call."""

S = RequestState


@dataclass(frozen=True)
class Asked:
    """One thing asked for, in the sender's words."""

    quantity: Decimal
    words: str


@transaction.atomic
def ask_by_text(
    *, by: Any, wanted: Sequence[Asked], site_code: str = "", place: str = "", is_urgent: bool = False
) -> AidRequest:
    """Ask for things at a site (by its code), or at a place in words that may be a site's name. by: see ``sms_commands``.

    What the words do not name in the catalogue stays in them, for somebody to name. Raises Refused, or NeedsConfirmation for an
    unlikely quantity unless ``by.confirmed``.
    """
    operation = by.operation
    if operation is None or operation.ended_at is not None:
        raise Refused({"__all__": _("No operation is open here, so nobody would look at your request. Call for help.")})
    site = _site(operation, site_code, place)
    sender = sender_of(by)
    if by.user is not None and not may(standing_of(by.user, operation), Action.ADD, AidRequest):
        sender = replace(sender, user=None)  # an account without a role may ask for help as anybody may
    lately = timezone.now() - timedelta(days=1)
    texts = AidRequest.objects.filter(reporter_phone=by.number, entered_by=None, entered_at__gt=lately)
    if sender.user is None and texts.count() >= MOST_A_DAY:
        raise Refused({"__all__": _("We have many requests from you today. Please call us for more.")})
    name = by.user.name if by.user is not None else ""
    return submit_request(
        by=sender, operation=operation, lines=_drafts(wanted, is_urgent), confirmed=by.confirmed,
        reference=f"sms:{by.reference}" if by.reference else "", site=site, landmark="" if site else place,
        area=None if site else _area(place, by),
        asked_by=site.organisation if site and sender.user else None, reporter_name=name, reporter_phone=by.number,
        reporter_language=by.language, notify_by=NotifyBy.SMS,
    )  # fmt: skip


@transaction.atomic
def take_back_by_text(*, by: Any, request: AidRequest) -> AidRequest:
    """The sender asked by mistake. Raises Refused once somebody has looked into it."""
    if str(request.reporter_phone) != by.number:
        raise Refused({"__all__": _("Only who asked may take it back.")})
    if AidRequest.objects.get(pk=request.pk).state != S.SUBMITTED:
        raise Refused(
            {
                "__all__": _("%(code)s is being worked on already. Call, or write what has changed.")
                % {"code": request.code}
            }
        )
    return life_cycle.cancel_by_requester(by=sender_of(by), request=request, reason=_("taken back by a text"))


def known_by_text(*, by: Any, code: str) -> tuple[AidRequest, bool]:
    """The request with this code, and whether the sender may hear all of it: they asked, or may see it with their account.

    Raises Refused.
    """
    rows = AidRequest.objects.select_related("operation", "site", "merged_into", "responsible")
    found = rows.filter(code=code).exclude(state=S.DRAFT).first()
    if found is None or found.operation != by.operation:
        raise Refused({"code": _("No request has the code %(code)s. Check it.") % {"code": code}})
    seen = by.user is not None and visible(AidRequest.objects.filter(pk=found.pk), standing_of(by.user, by.operation))
    return found, bool(by.number and str(found.reporter_phone) == by.number) or bool(seen and seen.exists())


@transaction.atomic
def got_by_text(*, by: Any, code: str, words: str = "") -> AidRequest:
    """Everything came; or with ``words``, not all of it did. Only from the number that asked, or by who handles the request.

    Before anything is written down as having come, the sender's word is kept with the request for who answers it. Raises Refused.
    """
    request, _hears = known_by_text(by=by, code=code)
    handles = by.user is not None and may(standing_of(by.user, by.operation), Action.CHANGE, request)
    if str(request.reporter_phone) != by.number and not handles:
        raise Refused({"code": _("%(code)s was not asked from this phone. Check the code.") % {"code": code}})
    sender = sender_of(by)
    locked = lock_with_goods(request)
    if locked.state in OPEN_STATES and locked.state != S.PARTLY_MET:
        _keep_word(sender, locked, words or _("The sender says that it came."))
        return locked
    if words:
        return say_not_all_came(by=sender, request=request, words=words)
    return confirm_receipt(by=sender, request=request)


def sender_of(by: Any) -> Any:
    """The sender without the number: who reads a request's history does not learn it; the request keeps it in a field of its own."""
    return replace(by, name="" if by.user is not None else _("by SMS"))


def _keep_word(by: Actor, request: AidRequest, words: str) -> None:
    step = RequestStep(
        request=request, operation=request.operation, before=request.state, after=request.state, reason=words[:300]
    )
    step.stamp(by)
    with acting(by):
        step.save()


def _site(operation: Any, code: str, place: str) -> Site | None:
    rows = Site.objects.select_related("organisation", "area").filter(operation=operation)
    rows = rows.filter(Q(organisation=None) | Q(organisation__approval=Approval.APPROVED))
    if code:
        found = rows.filter(code=code).first()
        if found is None:
            raise Refused({"site": _("No site has the code %(code)s. Check it.") % {"code": code}})
        return found
    named = list(rows.filter(name__iexact=place)[:2])
    return named[0] if len(named) == 1 else None


def _area(place: str, by: Any) -> Any:
    """The area that a place in words lies in, when only one place can be meant, seen from where the sender is."""
    seen = last_seen(by)
    found = resolve(place, operation=by.operation, near=seen.point if seen is not None else None, limit=3)
    return found.candidates[0].area if found.is_certain else None


def _drafts(wanted: Sequence[Asked], is_urgent: bool) -> list[LineDraft]:
    meant = meanings_of([one.words for one in wanted])
    priority = Priority.HIGH if is_urgent else Priority.NORMAL
    found = []
    for one in wanted:
        meaning = meant[one.words]
        # The sender's own words stay beside an item: who reads them sees when another thing was meant.
        words = one.words if meaning.item is not None else meaning.words
        found.append(
            LineDraft(one.quantity, item=meaning.item, unit=meaning.unit, description=words, priority=priority)
        )
    return found
