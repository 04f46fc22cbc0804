"""Offering aid and changing an offer. Browser, public form, API and imports call these."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.wording import meanings_of
from orgs.exchange_finders import codes_in
from orgs.models import Site
from orgs.naming import search_key
from orgs.sites import area_holding
from volunteers.amounts import base_amount, question_about
from volunteers.consent import follow_choice
from volunteers.life_cycle import withdraw_by_donor
from volunteers.models import ENDED, NotifyBy, Pledge, PledgeKind, PledgeState
from volunteers.moving import locked_pledge, move, promised_of, settle
from volunteers.refusals import NeedsConfirmation, Refused

EDITABLE = (
    "kind", "donor_kind", "donor", "donor_name", "is_anonymous", "is_public", "phone", "email", "language", "notify_by", "item",
    "description", "skill", "quantity", "unit", "location", "landmark", "area", "site", "valid_from", "valid_to", "conditions",
    "reported_by", "occurred_at",
)  # fmt: skip

MOST_TEXTS_A_DAY = 10


@transaction.atomic
def make_pledge(*, by: Actor, operation: Any, reference: str = "", confirmed: bool = False, **fields: Any) -> Pledge:
    """Write down an offer of aid, by somebody with an account. The donor is told that it has come in.

    quantity: of ``unit``, which is a unit's or pack's name, a currency for money, or empty for the item's base unit.
    reference: the sender's own name for it; offered again under it, the first pledge comes back unchanged. confirmed: a
    quantity that is unlikely was asked about. Raises Refused, NeedsConfirmation or NotAllowed.
    """
    pledge = Pledge(operation=operation, reference=reference[:200])
    pledge.stamp(by)
    _assign(pledge, fields)
    require(standing_of(by.user, operation), Action.ADD, pledge)
    known = Pledge.objects.filter(operation=operation, reference=reference[:200]).first() if reference else None
    if known is not None:
        return known
    return _keep_new(by, pledge, confirmed=confirmed, tell=True)


@transaction.atomic
def offer_help(*, by: Actor, operation: Any, confirmed: bool = False, **fields: Any) -> Pledge:
    """An offer by somebody without an account, from the public form. Nothing is sent before somebody has looked at it.

    Raises Refused or NeedsConfirmation. The caller has kept out robots and floods.
    """
    pledge = Pledge(operation=operation)
    pledge.stamp(by)
    _assign(pledge, fields)
    if not pledge.phone and not pledge.email:
        raise Refused({"phone": _("Give a phone number or an e-mail address, so that we can answer you.")})
    return _keep_new(by, pledge, confirmed=confirmed, tell=False)


@transaction.atomic
def offer_by_text(
    *, by: Any, quantity: Decimal, what: str, where: str = "", day: tuple[int | None, int, int] | None = None
) -> Pledge:
    """An offer by SMS, from the number ``by.number`` (E.164), in the sender's operation. Raises Refused, NeedsConfirmation.

    An item that the words name is found by itself, with a unit or a pack before it; else the words stay. where: words, or the code
    or name of a site. day: from when it can be had, as year (``None``: the next such day), month and day.
    """
    operation = by.operation
    if operation is None or operation.ended_at is not None:
        raise Refused({"__all__": _("No operation is open here, so nobody would look at your offer. Try again later.")})
    lately = timezone.now() - timedelta(days=1)
    if Pledge.objects.filter(phone=by.number, entered_by=None, entered_at__gt=lately).count() >= MOST_TEXTS_A_DAY:
        raise Refused({"__all__": _("We have your offers of today already. Please wait for our answer.")})
    meant = meanings_of([what])[what]
    site = _site_called(operation, where) if where else None
    pledge = Pledge(
        operation=operation, phone=by.number, notify_by=NotifyBy.SMS, language=by.language, description=what,
        landmark="" if site else where, site=site, quantity=quantity, unit=meant.unit, item=meant.item,
        valid_from=_next(day) if day else None, reference=f"sms:{by.reference}" if by.reference else "",
    )  # fmt: skip
    if meant.item is None:
        pledge.description = meant.words
    if pledge.reference:
        known = Pledge.objects.filter(operation=operation, reference=pledge.reference).first()
        if known is not None:
            return known
    # The number stands in its own field alone: who sent it would else be in the history that everybody reads.
    sender = replace(by, name=_("by SMS"))
    pledge.stamp(sender)
    return _keep_new(sender, pledge, confirmed=by.confirmed, tell=False)


@transaction.atomic
def take_back_by_text(*, by: Any, pledge: Pledge) -> Pledge:
    """The sender takes an offer back that they made from this number. Raises Refused."""
    if str(pledge.phone) != by.number:
        raise Refused({"__all__": _("Only who offered it may take it back.")})
    return withdraw_by_donor(by=replace(by, name=_("by SMS")), pledge=pledge, reason=_("taken back by a text"))


def _site_called(operation: Any, words: str) -> Site | None:
    """The operation's only site of this code or name, if any."""
    rows = Site.objects.filter(operation=operation)
    found = list(rows.filter(Q(name__iexact=words) | Q(code=codes_in([words], "CW").get(words, "-")))[:2])
    return found[0] if len(found) == 1 else None


def _next(day: tuple[int | None, int, int]) -> date:
    """The day itself, or the next such day. Raises Refused for a day that is past."""
    year, month, of_month = day
    today = timezone.localdate()
    for candidate in (year,) if year else range(today.year, today.year + 9):
        with suppress(ValueError):  # 29 February is not in every year
            found = date(candidate, month, of_month)
            if found >= today:
                return found
    raise Refused({"valid_from": _("This day is past. Write from which day it can be had.")})


@transaction.atomic
def change_pledge(*, by: Actor, operation: Any, pledge: Pledge, confirmed: bool = False, **fields: Any) -> Pledge:
    """Change an offer that has not ended. What is not named stays. Raises Refused, NeedsConfirmation or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, pledge)
    locked = locked_pledge(pledge.pk)
    if locked.state in ENDED:
        raise Refused(
            {"__all__": _("%(code)s is “%(state)s”. It cannot be changed any more.")
             % {"code": locked.code, "state": locked.get_state_display()}}
        )  # fmt: skip
    before = (locked.kind, locked.item_id, locked.quantity, locked.unit)
    _assign(locked, fields)
    require(standing, Action.CHANGE, locked)
    prepare(locked, converts=before != (locked.kind, locked.item_id, locked.quantity, locked.unit))
    _check_promised(locked, before)
    if before[2] != locked.quantity:
        _ask_back(locked, confirmed)
    with acting(by):
        settle(by=by, pledge=locked)
        follow_choice(locked, by=by)
    return locked


@transaction.atomic
def hide_name(*, by: Actor, pledge: Pledge) -> Pledge:
    """The donor takes back, on their own page, that the name may be published. The caller has checked that it is the donor."""
    locked = locked_pledge(pledge.pk)
    with acting(by):
        locked.is_public = False
        locked.save()
        follow_choice(locked, by=by)
    return locked


@transaction.atomic
def name_item(*, by: Actor, operation: Any, pledge: Pledge, item: Any) -> Pledge:
    """Say which item of the catalogue an offer in free words means; its words stay. Raises Refused or NotAllowed."""
    if pledge.item_id is not None:
        raise Refused({"item": _("This offer names an item already.")})
    return change_pledge(by=by, operation=operation, pledge=pledge, item=item, confirmed=True)


def faults_of(pledge: Pledge) -> dict[str, Any]:
    """Field → sentence, for every rule the pledge breaks by itself."""
    faults: dict[str, Any] = {}
    if pledge.kind != PledgeKind.MONEY and pledge.item is None and not (pledge.description or pledge.skill).strip():
        faults["item"] = _("Say what is offered: choose an item, or write it in your own words.")
    if pledge.kind != PledgeKind.GOODS and pledge.item is not None:
        faults["item"] = _("Only goods are of the catalogue. Choose “goods”, or describe it in words.")
    if pledge.item is not None and not pledge.item.is_active and pledge._state.adding:
        faults["item"] = _("%(item)s is not used any more. Choose another item.") % {"item": pledge.item}
    if pledge.valid_from and pledge.valid_to and pledge.valid_to < pledge.valid_from:
        faults["valid_to"] = _("“Until” lies before “from”. Check the two dates.")
    elif pledge.valid_to and pledge._state.adding and pledge.valid_to < timezone.localdate(pledge.occurred_at):
        faults["valid_to"] = _("This day is past. Give the day until which it can be had, or leave it empty.")
    if pledge.occurred_at > timezone.now() + timedelta(minutes=5):
        faults["occurred_at"] = _("This lies in the future. Give the moment when it was offered.")
    if pledge.notify_by == NotifyBy.SMS and not pledge.phone:
        faults["phone"] = _("Give the phone that the SMS go to, or choose not to tell.")
    if pledge.notify_by == NotifyBy.EMAIL and not pledge.email:
        faults["email"] = _("Give the e-mail address that the messages go to, or choose not to tell.")
    if pledge.is_anonymous and pledge.is_public:
        faults["is_public"] = _("Either the name may be published, or the donor stays anonymous. Choose one.")
    if pledge.location is not None and not (-180 <= pledge.location.x <= 180 and -90 <= pledge.location.y <= 90):
        faults["location"] = _(
            "Longitude must be between -180 and 180 and latitude between -90 and 90. Are the two swapped?"
        )
    for name in ("donor", "site"):
        record = getattr(pledge, name)
        if record is not None and record.operation_id not in (None, pledge.operation_id):
            faults[name] = _("This belongs to another operation; exercise and real never mix.")
    return faults


def search_key_of(pledge: Pledge) -> str:
    """What a pledge is found by: what is offered and where. Never who offers it."""
    words = (pledge.description, pledge.skill, str(pledge.item or ""), pledge.landmark, str(pledge.site or ""))
    return search_key([*words, str(pledge.get_kind_display())])


def prepare_new(pledge: Pledge, *, confirmed: bool) -> None:
    """Check a new pledge and fill in what follows from it. Raises Refused or NeedsConfirmation."""
    prepare(pledge, converts=True)
    _ask_back(pledge, confirmed)


def _keep_new(by: Actor, pledge: Pledge, *, confirmed: bool, tell: bool) -> Pledge:
    prepare_new(pledge, confirmed=confirmed)
    with acting(by):
        move(by=by, pledge=pledge, after=PledgeState.PLEDGED, at=pledge.occurred_at, tell=tell)
        follow_choice(pledge, by=by)
    return pledge


def prepare(pledge: Pledge, *, converts: bool) -> None:
    """Check a pledge and fill in what follows from it. converts: its quantity is still of the unit as it was said. Raises Refused."""
    for name in ("description", "skill", "donor_name", "landmark", "conditions", "unit"):
        setattr(pledge, name, " ".join((getattr(pledge, name) or "").split()))
    faults = faults_of(pledge)
    if converts:
        try:
            pledge.quantity, pledge.unit = base_amount(
                pledge.kind, pledge.item, pledge.quantity or Decimal(0), pledge.unit
            )
        except Refused as refusal:
            faults.update(refusal.message_dict)
    if faults:
        raise Refused(faults)
    point = pledge.location or (pledge.site.location if pledge.site is not None else None)
    if pledge.area_id is None and pledge.site is not None:
        pledge.area = pledge.site.area
    if pledge.area_id is None and point is not None:
        pledge.area = area_holding(point, pledge.operation)
    pledge.search_key = search_key_of(pledge)


def _ask_back(pledge: Pledge, confirmed: bool) -> None:
    question = question_about(pledge.kind, pledge.what, pledge.quantity, pledge.unit)
    if question and not confirmed:
        raise NeedsConfirmation(question)


def _check_promised(pledge: Pledge, before: tuple[Any, ...]) -> None:
    """What came or is promised stays what it is."""
    taken = pledge.received + promised_of(pledge)
    if not taken:
        return
    if before[:2] != (pledge.kind, pledge.item_id) or before[3] != pledge.unit:
        raise Refused({"item": _("Something of it came or is promised. Write the other thing down as a new offer.")})
    if pledge.quantity < taken and pledge.quantity != before[2]:
        raise Refused(
            {"quantity": _("%(quantity)s of it came or are promised already. Offer no less than that.")
             % {"quantity": f"{taken.normalize():f}"}}
        )  # fmt: skip


def _assign(pledge: Pledge, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a pledge that people change: {', '.join(sorted(unknown))}")
    if ("site" in fields or "location" in fields) and "area" not in fields:
        moved = (fields.get("site", pledge.site), fields.get("location", pledge.location))
        if moved != (pledge.site, pledge.location):
            pledge.area = None
    for field, value in fields.items():
        setattr(pledge, field, value)
