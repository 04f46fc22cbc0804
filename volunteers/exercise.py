"""The exercise's pledges: 150 in every state, some promised to needs, received in part, kept for later, without a name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from komek.extensions.exercise import ExerciseContext
from komek.records.actor import Channel
from komek.records.codes import next_codes
from komek.records.copying import copy_in
from komek.supplies.models import Item
from orgs.models import Organisation
from volunteers.exercise_names import DONORS, OFFERS, PLACES, REASONS, UNITS
from volunteers.models import (
    DonorKind,
    Pledge,
    PledgeKind,
    PledgeReceipt,
    PledgeState,
    PledgeStep,
    PledgeUse,
    UseState,
)
from volunteers.offering import search_key_of
from volunteers.people.exercise import VolunteersExercise

PLEDGES = 150
S = PledgeState
PATHS: tuple[tuple[PledgeState, ...], ...] = (
    (S.PLEDGED,),
    (S.PLEDGED, S.ACCEPTED),
    (S.PLEDGED, S.ACCEPTED, S.COMMITTED),
    (S.PLEDGED, S.ACCEPTED),
    (S.PLEDGED, S.ACCEPTED, S.COMMITTED, S.ON_THE_WAY),
    (S.PLEDGED, S.ACCEPTED, S.COMMITTED, S.ON_THE_WAY, S.RECEIVED),
    (S.PLEDGED, S.ACCEPTED, S.RECEIVED, S.USED),
    (S.PLEDGED, S.DECLINED),
    (S.PLEDGED, S.WITHDRAWN),
    (S.PLEDGED, S.ACCEPTED, S.LAPSED),
)
"""What became of pledges, in turn; each tenth takes the same way."""

ENOUGH = (S.RECEIVED, S.USED)


class PledgesExercise:
    key = "volunteers"
    order = 58

    def load(self, context: ExerciseContext) -> None:
        items = {item.code: item for item in Item.objects.select_related("unit")}
        donors = [one for one in context.made["organisations"] if one.is_donor]
        number_of_all = PLEDGES * context.scale
        pledges = [_pledge(context, number, items, donors) for number in range(number_of_all)]
        for pledge, code in zip(pledges, next_codes(Pledge.CODE_LETTER, len(pledges)), strict=True):
            pledge.code = code
        copy_in(pledges)
        context.progress("pledges", number_of_all, number_of_all)
        copy_in([step for number, pledge in enumerate(pledges) for step in _steps(pledge, number)])
        copy_in([use for number, pledge in enumerate(pledges) if (use := _use(pledge, number))])
        copy_in([receipt for pledge in pledges if (receipt := _receipt(pledge))])
        context.made["pledges"] = pledges


def _pledge(context: ExerciseContext, number: int, items: dict[str, Item], donors: list[Organisation]) -> Pledge:
    random, path = context.random, PATHS[number % len(PATHS)]
    # The place in the list moves on by one each round, so that every kind of offer meets every state.
    kind, code, words, least, most = OFFERS[(number + number // len(PATHS)) % len(OFFERS)]
    item = items.get(code)
    quantity = Decimal(random.randint(least, most))
    area = random.choice(context.made["areas"]["affected"])
    offered = timezone.now() - timedelta(hours=random.randint(72 if path[-1] == S.LAPSED else 2, 24 * 20))
    pledge = Pledge(
        operation=context.operation, kind=kind, item=item, description="" if item else words, quantity=quantity,
        skill=words if kind == PledgeKind.PEOPLE else "", unit=item.unit.symbol if item else UNITS.get(kind, "pairs"),
        state=path[-1], state_since=offered + (timezone.now() - offered) * (len(path) - 1) / len(path), area=area,
        location=_near(area, random) if number % 4 else None, landmark=random.choice(PLACES), occurred_at=offered,
        entered_at=offered, channel=Channel.COMMAND, language=random.choice(("tk", "ru", "uz", "az", "en")),
        is_kept=path[-1] == S.PLEDGED and number % 30 == 20, conditions="must be fetched" if number % 9 == 4 else "",
        **_donor(number, donors), **_days(path[-1], number, offered),
    )  # fmt: skip
    if path[-1] in ENOUGH:
        pledge.received = quantity
    elif number % 20 == 11 and quantity > 1:  # accepted, and a part of it came
        pledge.received = Decimal(int(quantity) // 2)
    if path[-1] == S.USED:
        pledge.used, pledge.thanked_at = quantity, pledge.state_since
    pledge.search_key = search_key_of(pledge)
    return pledge


def _donor(number: int, donors: list[Organisation]) -> dict[str, Any]:
    """A registered donor for every fourth pledge; every sixth donor stays anonymous, every third may be named."""
    fields: dict[str, Any] = {"is_anonymous": number % 6 == 5, "is_public": number % 3 == 0}
    if number % 4 == 0 and donors:
        return {**fields, "donor": donors[number // 4 % len(donors)], "donor_kind": DonorKind.ORGANISATION}
    kind, name = DONORS[number % len(DONORS)]
    return {**fields, "donor_kind": kind, "donor_name": "" if fields["is_anonymous"] else name}


def _days(state: str, number: int, offered: Any) -> dict[str, Any]:
    """Until when it can be had: past for what lapsed, within the week for some, open for others."""
    today = timezone.localdate()
    if state == S.LAPSED:
        return {
            "valid_from": timezone.localdate(offered),
            "valid_to": max(today - timedelta(days=1), timezone.localdate(offered)),
        }
    if number % 5 == 1:
        return {"valid_to": today + timedelta(days=1 + number % 7)}
    return {"valid_from": today} if number % 7 == 2 else {}


def _near(area: Any, random: Any) -> Point | None:
    if area.centre is None:
        return None
    return Point(area.centre.x + random.uniform(-0.1, 0.1), area.centre.y + random.uniform(-0.1, 0.1), srid=4326)


def _steps(pledge: Pledge, number: int) -> list[PledgeStep]:
    path = PATHS[number % len(PATHS)]
    apart = (timezone.now() - pledge.occurred_at) / len(path)
    return [
        PledgeStep(
            pledge=pledge, operation=pledge.operation, before=path[place - 1] if place else "", after=after,
            reason=REASONS[number // 10 % len(REASONS)] if after == S.DECLINED else "",
            occurred_at=pledge.occurred_at + apart * place, channel=Channel.COMMAND,
        )
        for place, after in enumerate(path)
    ]  # fmt: skip


def _use(pledge: Pledge, number: int) -> PledgeUse | None:
    """What is committed or on its way is so for a need; half of it, where it can be halved."""
    state = {S.COMMITTED: UseState.HELD, S.ON_THE_WAY: UseState.ON_THE_WAY}.get(S(pledge.state))
    if state is None:
        return None
    half = Decimal(max(int(pledge.quantity) // 2, 1))
    return PledgeUse(
        pledge=pledge, operation=pledge.operation, quantity=pledge.quantity if number % 3 else half, state=state,
        until=timezone.now() + timedelta(days=2 + number % 5), reference="by telephone", occurred_at=pledge.state_since,
        channel=Channel.COMMAND,
    )  # fmt: skip


def _receipt(pledge: Pledge) -> PledgeReceipt | None:
    if not pledge.received:
        return None
    return PledgeReceipt(
        pledge=pledge, operation=pledge.operation, quantity=pledge.received, occurred_at=pledge.state_since,
        channel=Channel.COMMAND,
    )  # fmt: skip


PLUGS = [PledgesExercise(), VolunteersExercise()]
