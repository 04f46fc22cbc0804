"""Promising a part of a pledge to what somebody names: a request, where it is one promise on both sides, or a need in words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from komek.accounts.authority import Action, require, standing_of
from komek.extensions.promises import promises
from komek.records.actor import Actor
from volunteers.models import Pledge, PledgeUse
from volunteers.names import public_title
from volunteers.uses import commit_pledge

PLUG = "volunteers.pledges"


@transaction.atomic
def promise_pledge(
    *, by: Actor, operation: Any, pledge: Pledge, quantity: Decimal, until: datetime, reference: str = ""
) -> PledgeUse:
    """Promise a part of an accepted pledge until a moment. reference: the code of a request, which then shows it too, or words.

    Raises Refused, also when less is left or less is needed; NotAllowed.
    """
    require(standing_of(by.user, operation), Action.ADD, PledgeUse(pledge=pledge, operation=pledge.operation))
    for plug in promises if reference.strip() else ():
        name = plug.promise(
            reference=reference.strip(), item_id=pledge.item_id, kind=pledge.kind, words=pledge.what, plug=PLUG,
            offer=pledge.code, title=public_title(pledge), quantity=quantity, until=until, by=by, operation=operation,
        )  # fmt: skip
        if name:
            return PledgeUse.objects.select_related("pledge").get(pk=int(name))
    return commit_pledge(by=by, operation=operation, pledge=pledge, quantity=quantity, until=until, reference=reference)


def address_of(reference: str) -> str:
    """The page of the need that a promise names, or an empty text when it is in words."""
    return next(filter(None, (plug.address(reference) for plug in promises)), "") if reference else ""
