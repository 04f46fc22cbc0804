"""A role held in an exercise reaches nobody's real account, while a trial with nothing but exercises can be run by it."""

from __future__ import annotations

import pgtrigger
import pytest
from django.test import Client

from komek.accounts.authority import Action, may, standing_of, visible
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.operations.models import HazardType, Operation
from komek.records.models import Approval
from komek.supplies.models import Item
from orgs.models import Organisation, OrganisationKind, Sector
from tests.conftest import Cast, member, person


@pytest.fixture(params=[Role.COORDINATOR, Role.ADMINISTRATOR])
def trainee(request: pytest.FixtureRequest, cast: Cast, exercise_operation: Operation) -> User:
    invented = Organisation.objects.create(
        name="Invented Ministry", kind=OrganisationKind.GOVERNMENT, coordinates_operation=True,
        operation=exercise_operation, approval=Approval.APPROVED,
    )  # fmt: skip
    user = person("Trainee", current_operation=exercise_operation)
    member(user, invented, request.param, exercise_operation)
    return user


def test_beside_a_real_operation_it_neither_sees_nor_decides_accounts(
    trainee: User, cast: Cast, exercise_operation: Operation
) -> None:
    standing = standing_of(trainee, exercise_operation)
    assert not may(standing, Action.APPROVE, User)
    assert not may(standing, Action.APPROVE, cast.pending)
    assert list(visible(User.objects.all(), standing)) == [trainee]
    for shared in (HazardType, Item, Sector):
        assert not may(standing, Action.CHANGE, shared)
    client = Client()
    client.force_login(trainee, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/account/waiting/").status_code == 403
    client.post(f"/account/waiting/{cast.murad.pk}/", {"decision": "stop", "reason": "practice"})
    cast.murad.refresh_from_db()
    assert cast.murad.is_active


def test_alone_it_approves_but_never_stops_who_has_a_role_outside(
    trainee: User, cast: Cast, operation: Operation, exercise_operation: Operation
) -> None:
    Operation.objects.filter(pk=operation.pk).update(ended_at=operation.started_at)
    assert not may(standing_of(trainee, exercise_operation), Action.APPROVE, cast.pending)  # it was real once
    with pgtrigger.ignore("operations.Operation:kind_is_fixed"):
        Operation.objects.update(is_exercise=True, ended_at=None)
    root = User.objects.create_superuser("root@example.org", "x", name="Root")
    trainee = User.objects.get(pk=trainee.pk)
    standing = standing_of(trainee, exercise_operation)
    assert may(standing, Action.APPROVE, cast.pending)
    for beyond in (cast.murad, root):
        assert not may(standing, Action.APPROVE, beyond)
    client = Client()
    client.force_login(trainee, backend="django.contrib.auth.backends.ModelBackend")
    assert "root@example.org" not in client.get("/account/waiting/?show=working").content.decode()
    client.post(f"/account/waiting/{root.pk}/", {"decision": "stop", "reason": "practice"})
    root.refresh_from_db()
    assert root.is_active


def test_stopping_an_account_takes_a_reason_and_history_shows_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"/account/waiting/{cast.oraz.pk}/", {"decision": "stop"})
    cast.oraz.refresh_from_db()
    assert cast.oraz.is_active
    client.post(f"/account/waiting/{cast.oraz.pk}/", {"decision": "stop", "reason": "left the Society"})
    cast.oraz.refresh_from_db()
    assert not cast.oraz.is_active
    page = client.get(f"/history/accounts/user/{cast.oraz.pk}/").content.decode()
    assert "left the Society" in page
    assert "Aina" in page


def test_who_approves_accounts_finds_them_in_the_menu(cast: Cast) -> None:
    for user, finds in ((cast.aina, True), (cast.murad, False)):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert ('href="/account/waiting/"' in client.get("/about/").content.decode()) is finds
