"""Memberships become roles; a parent sees its branches; an exercise's organisation grants nothing outside it."""

from __future__ import annotations

from komek.accounts.authority import Action, may, standing_of, visible
from komek.accounts.roles import Role
from komek.operations.models import Operation
from komek.records.models import Approval
from orgs.models import Membership, Organisation
from tests.conftest import Cast, member, person


def test_a_manager_changes_their_own_organisation_and_no_other(cast: Cast) -> None:
    standing = standing_of(cast.murad, cast.operation)
    assert may(standing, Action.CHANGE, cast.relief)
    assert not may(standing, Action.CHANGE, cast.water)


def test_a_viewer_changes_nothing(cast: Cast) -> None:
    assert not may(standing_of(cast.oraz, cast.operation), Action.CHANGE, cast.relief)


def test_coordinators_of_the_coordinating_organisation_act_for_all(cast: Cast) -> None:
    standing = standing_of(cast.aina, cast.operation)
    assert may(standing, Action.CHANGE, cast.water)
    assert may(standing, Action.APPROVE, cast.relief)


def test_an_account_waiting_for_approval_sees_nothing(cast: Cast) -> None:
    member(cast.pending, cast.relief, Role.ADMINISTRATOR)
    standing = standing_of(cast.pending, cast.operation)
    assert not visible(Organisation.objects.all(), standing).exists()


def test_a_membership_not_yet_approved_gives_nothing(cast: Cast) -> None:
    Membership.objects.create(user=cast.outsider, organisation=cast.relief, role=Role.COORDINATOR)
    assert not may(standing_of(cast.outsider, cast.operation), Action.CHANGE, cast.relief)


def test_a_parent_sees_its_branches_at_any_depth_but_does_not_change_them(cast: Cast) -> None:
    branch = Organisation.objects.create(name="Relief East", parent=cast.relief)
    twig = Organisation.objects.create(name="Relief East, Tejen", parent=branch)
    assert twig.approval == Approval.PENDING
    standing = standing_of(cast.murad, cast.operation)
    assert twig in visible(Organisation.objects.all(), standing)
    assert not may(standing, Action.CHANGE, twig)


def test_an_exercise_organisation_grants_nothing_in_a_real_operation(cast: Cast, exercise_operation: Operation) -> None:
    played = Organisation.objects.create(
        name="Played Ministry", coordinates_operation=True, operation=exercise_operation, approval=Approval.APPROVED
    )
    player = person("Player")
    member(player, played, Role.COORDINATOR)
    assert may(standing_of(player, exercise_operation), Action.APPROVE, played)
    assert not may(standing_of(player, cast.operation), Action.CHANGE, cast.relief)


def test_exercise_and_real_records_never_mix_even_for_administrators(
    cast: Cast, exercise_operation: Operation, administrator: object
) -> None:
    played = Organisation.objects.create(name="Played", operation=exercise_operation, approval=Approval.APPROVED)
    real, exercise = standing_of(administrator, cast.operation), standing_of(administrator, exercise_operation)
    assert played not in visible(Organisation.objects.all(), real)
    assert cast.relief not in visible(Organisation.objects.all(), exercise)
    assert not may(real, Action.CHANGE, played)
    assert not may(exercise, Action.CHANGE, cast.relief)
