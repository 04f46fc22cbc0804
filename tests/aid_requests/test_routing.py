"""Who answers: rules as data, the most particular wins; what nobody answers for is routed when a rule comes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from aid_requests.lines import LineDraft
from aid_requests.models import LineKind, RoutingRule
from aid_requests.refusals import Refused
from aid_requests.routing import Subject, best_rule
from aid_requests.routing_rules import route_what_waits, set_rule
from komek.places.models import Area
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor

ABOUT = Subject(areas=(11, 1), sectors=frozenset({5}), categories=(70, 7), kinds=frozenset({"goods"}))


def rule(pk: int, **said: object) -> RoutingRule:
    return RoutingRule(pk=pk, **said)


@pytest.mark.parametrize(
    ("rules", "winner"),
    [
        ([rule(1), rule(2, area_id=1)], 2),
        ([rule(1, area_id=1), rule(2, area_id=11)], 2),
        ([rule(1, area_id=11), rule(2, area_id=1, sector_id=5)], 2),
        ([rule(1, category_id=7), rule(2, category_id=70)], 2),
        ([rule(1, order=20), rule(2, order=10)], 2),
        ([rule(1, area_id=99), rule(2, sector_id=6), rule(3, kind="rescue")], None),
    ],
)
def test_the_rule_that_says_most_wins(rules: list[RoutingRule], winner: int | None) -> None:
    found = best_rule(rules, ABOUT)
    assert (found.pk if found else None) == winner
    assert best_rule(list(reversed(rules)), ABOUT) == found


@pytest.mark.django_db
def test_a_request_goes_to_whom_the_rules_name_by_area_category_and_kind(
    asking: Asking, ask: Ask, areas: dict[str, Area]
) -> None:
    by = actor(asking.aina)
    set_rule(by=by, operation=asking.operation, area=areas["XX1"], organisation=asking.cast.relief)
    set_rule(
        by=by, operation=asking.operation, area=areas["XX1"], category=asking.blanket.category,
        organisation=asking.cast.water,
    )  # fmt: skip
    set_rule(by=by, operation=asking.operation, kind=LineKind.RESCUE, organisation=asking.cast.ministry)
    assert ask(responsible=None, area=areas["XX11"]).responsible == asking.cast.water
    rescue = [LineDraft(Decimal(1), description="people under rubble", kind=LineKind.RESCUE)]
    assert ask(responsible=None, site=None, landmark="Bridge", lines=rescue).responsible == asking.cast.ministry
    with pytest.raises(Refused, match="just this already"):
        set_rule(by=by, operation=asking.operation, area=areas["XX1"], organisation=asking.cast.ministry)
    with pytest.raises(PermissionDenied):
        set_rule(by=actor(asking.cast.lale), operation=asking.operation, organisation=asking.cast.water)


@pytest.mark.django_db
def test_what_nobody_answers_for_is_routed_when_a_rule_comes(asking: Asking, ask: Ask) -> None:
    request = ask(responsible=None)
    assert request.responsible is None
    set_rule(by=actor(asking.aina), operation=asking.operation, organisation=asking.cast.water)
    assert route_what_waits(by=actor(asking.aina), operation=asking.operation) == 1
    request.refresh_from_db()
    assert request.responsible == asking.cast.water
