"""Asking for support: a draft, a request, a change to one. Browser, API, SMS, other registries and imports call these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aid_requests import duplicates
from aid_requests.deadlines import due_at
from aid_requests.life_cycle import locked_request, move
from aid_requests.lines import LineDraft, refresh, set_lines
from aid_requests.models import OPEN_STATES, AidRequest, NotifyBy, RequestState
from aid_requests.refusals import Refused
from aid_requests.routing import responsible_for
from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.records.actor import Actor, Channel, acting
from orgs.models import Opening
from orgs.naming import search_key
from orgs.sites import area_holding

EDITABLE = (
    "title", "purpose", "people", "asked_by", "responsible", "site", "location", "landmark", "area", "reporter_name", "reporter_phone",
    "reporter_email", "reporter_language", "notify_by", "is_released", "reported_by", "occurred_at",
)  # fmt: skip


@transaction.atomic
def submit_request(
    *, by: Actor, operation: Any, lines: Sequence[LineDraft], reference: str = "", confirmed: bool = False,
    **fields: Any,
) -> AidRequest:  # fmt: skip
    """Ask for support. The request is routed, gets its deadline, is compared with others, and the requester is told.

    reference: the asker's own name for this need; asked again under it, the first request comes back unchanged.
    confirmed: quantities that are unlikely were asked about. Raises Refused, NeedsConfirmation or NotAllowed.
    """
    request = _new(by, operation, reference, fields)
    if request.pk:
        return request
    _prepare(request)
    _check_whole(request, lines)
    with acting(by):
        request.save()
        set_lines(request, lines, confirmed=confirmed)
        _submit(request, by)
    return request


@transaction.atomic
def save_draft(
    *, by: Actor, operation: Any, lines: Sequence[LineDraft] = (), request: AidRequest | None = None, **fields: Any
) -> AidRequest:
    """Keep a request that is not whole yet; only its writer sees it. Raises Refused or NotAllowed."""
    draft = _new(by, operation, "", fields) if request is None else _changed(by, operation, request, fields)
    if draft.state != RequestState.DRAFT:
        raise Refused({"__all__": _("This request was submitted already. Change it instead.")})
    _prepare(draft, is_draft=True)
    with acting(by):
        draft.save()
        set_lines(draft, lines, confirmed=True)
        refresh(draft)
        draft.save()
    return draft


@transaction.atomic
def submit_draft(*, by: Actor, operation: Any, request: AidRequest, confirmed: bool = False) -> AidRequest:
    """Ask what a draft says. Raises Refused, NeedsConfirmation or NotAllowed."""
    draft = _changed(by, operation, request, {})
    if draft.state != RequestState.DRAFT:
        raise Refused({"__all__": _("This request was submitted already.")})
    drafts = [draft_of(line) for line in draft.lines.select_related("item", "sector")]
    _prepare(draft)
    _check_whole(draft, drafts)
    with acting(by):
        set_lines(draft, drafts, confirmed=confirmed)
        _submit(draft, by)
    return draft


@transaction.atomic
def change_request(
    *, by: Actor, operation: Any, request: AidRequest, lines: Sequence[LineDraft] | None = None,
    confirmed: bool = False, **fields: Any,
) -> AidRequest:  # fmt: skip
    """Change an open request. What is not named stays; with ``lines``, they are all its lines. Raises Refused or NotAllowed."""
    changed = _changed(by, operation, request, fields)
    if changed.state not in OPEN_STATES:
        raise Refused(
            {"__all__": _("%(code)s has ended. Reopen it to change it.") % {"code": changed.code}}
            if changed.state != RequestState.DRAFT
            else {"__all__": _("This is a draft still. Submit it first.")}
        )
    _prepare(changed)
    with acting(by):
        if lines is not None:
            _check_whole(changed, lines)
            set_lines(changed, lines, confirmed=confirmed)
        refresh(changed)
        if changed.state_since is not None:
            changed.due_at = due_at(changed, changed.state_since)
        changed.search_key = search_key_of(changed)
        changed.save()
        duplicates.refresh_pairs(changed)
    return changed


@transaction.atomic
def discard_draft(*, by: Actor, operation: Any, request: AidRequest) -> None:
    """Throw a draft away."""
    require(standing_of(by.user, operation), Action.CHANGE, request)
    if request.state != RequestState.DRAFT:
        raise Refused({"__all__": _("This request was submitted already. Cancel it instead.")})
    with acting(by):
        request.delete()


def draft_of(line: Any) -> LineDraft:
    """A line as it would be asked for again."""
    return LineDraft(
        quantity=line.quantity, item=line.item, description=line.description, skill=line.skill, kind=line.kind,
        unit=line.unit, priority=line.priority, wanted_by=line.wanted_by, people=line.people, sector=line.sector,
        pk=line.pk,
    )  # fmt: skip


def search_key_of(request: AidRequest) -> str:
    """What a request is found by: what is needed and where. Never who asks."""
    words = [request.title, request.purpose, request.landmark, str(request.site or "")]
    words += [f"{line.description} {line.skill} {line.item or ''}" for line in request.lines.select_related("item")]
    return search_key(words)


def _new(by: Actor, operation: Any, reference: str, fields: dict[str, Any]) -> AidRequest:
    """A request not saved yet, or the one that has this reference."""
    request = AidRequest(operation=operation, reference=reference[:200])
    request.stamp(by)
    _assign(request, fields)
    if not _is_unknown_sender(by):
        require(standing_of(by.user, operation), Action.ADD, request)
    if reference:
        known = AidRequest.objects.filter(operation=operation, reference=reference[:200]).first()
        if known is not None:
            return known
    return request


def _is_unknown_sender(by: Actor) -> bool:
    """A message from a number without an account: anybody may ask for help; what they ask is verified before anything is sent."""
    return by.user is None and by.channel == Channel.SMS


def _changed(by: Actor, operation: Any, request: AidRequest, fields: dict[str, Any]) -> AidRequest:
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, request)
    locked = locked_request(request)
    _assign(locked, fields)
    if locked.state == RequestState.DRAFT and locked.entered_by_id != getattr(by.user, "pk", None):
        raise NotAllowed(_("A draft is its writer's alone."))
    require(standing, Action.CHANGE, locked)
    return locked


def _submit(request: AidRequest, by: Actor) -> None:
    refresh(request)
    if request.responsible_id is None:
        request.responsible = responsible_for(request)
    request.search_key = search_key_of(request)
    move(by=by, request=request, after=RequestState.SUBMITTED, at=request.occurred_at)
    duplicates.find_for(request)


def _prepare(request: AidRequest, *, is_draft: bool = False) -> None:
    faults = faults_of(request)
    if faults:
        raise Refused(faults)
    point = request.location or (request.site.location if request.site is not None else None)
    if request.area_id is None and request.site is not None:
        request.area = request.site.area
    if request.area_id is None and point is not None:
        request.area = area_holding(point, request.operation)


def faults_of(request: AidRequest) -> dict[str, Any]:
    """Field → sentence, for every rule the request breaks by itself."""
    faults: dict[str, Any] = {}
    if request.site is not None and request.site.opening == Opening.CLOSED and request.state == RequestState.DRAFT:
        faults["site"] = _("%(site)s is closed. Ask for the place where its people are now.") % {"site": request.site}
    if request.site is not None and request.site.operation_id not in (None, request.operation_id):
        faults["site"] = _("This site belongs to another operation; exercise and real never mix.")
    if request.location is not None and not (-180 <= request.location.x <= 180 and -90 <= request.location.y <= 90):
        faults["location"] = _(
            "Longitude must be between -180 and 180 and latitude between -90 and 90. Are the two swapped?"
        )
    if request.people is not None and not 1 <= request.people <= 20_000_000:
        faults["people"] = _("Give for how many people it is, at least 1, or leave it empty.")
    if request.occurred_at > timezone.now() + timedelta(minutes=5):
        faults["occurred_at"] = _("This lies in the future. Give the moment when it was asked.")
    if request.notify_by == NotifyBy.SMS and not request.reporter_phone:
        faults["reporter_phone"] = _("Give the phone that the SMS go to, or choose not to tell.")
    if request.notify_by == NotifyBy.EMAIL and not request.reporter_email:
        faults["reporter_email"] = _("Give the e-mail address that the messages go to, or choose not to tell.")
    for name in ("asked_by", "responsible"):
        organisation = getattr(request, name)
        if organisation is not None and organisation.operation_id not in (None, request.operation_id):
            faults[name] = _("This organisation belongs to another operation; exercise and real never mix.")
    return faults


def _check_whole(request: AidRequest, lines: Sequence[LineDraft]) -> None:
    faults: dict[str, Any] = {}
    if not lines:
        faults["lines"] = _("Say what is needed: at least one line.")
    if request.site is None and request.location is None and not request.landmark.strip() and request.area is None:
        faults["site"] = _("Say where it is needed: a site, a point on the map, an area, or a landmark.")
    if faults:
        raise Refused(faults)


def _assign(request: AidRequest, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a request that people change: {', '.join(sorted(unknown))}")
    if "site" in fields or "location" in fields:
        moved = (fields.get("site", request.site), fields.get("location", request.location))
        if moved != (request.site, request.location) and "area" not in fields:
            request.area = None
    for field, value in fields.items():
        setattr(request, field, value)
