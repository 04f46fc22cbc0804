"""Who works for an organisation: asking, answering, giving and ending roles."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from komek.accounts.authority import NotAllowed, standing_of
from komek.accounts.roles import Role
from komek.records.models import Approval
from orgs.memberships import (
    approve_membership,
    ask_to_join,
    end_membership,
    give_role,
    in_force,
    managers_of,
    refuse_membership,
    roles_to_give,
    waiting_memberships,
)
from orgs.models import Membership, Organisation
from orgs.refusals import Refused
from tests.conftest import Cast, actor, member, person


def ask(cast: Cast, user: Any, organisation: Any = None, role: str = Role.COORDINATOR) -> Membership:
    return ask_to_join(
        by=actor(user), operation=cast.operation, organisation=organisation or cast.relief, role=role, position="Clerk"
    )


def give(cast: Cast, by: Any, user: Any, role: str = Role.VIEWER, **fields: Any) -> Membership:
    fields.setdefault("organisation", cast.relief)
    return give_role(by=actor(by), operation=cast.operation, user=user, role=role, **fields)


def test_a_request_gives_nothing_until_a_manager_approves_it(cast: Cast) -> None:
    asked = ask(cast, cast.outsider)
    assert not standing_of(cast.outsider, cast.operation).held
    approve_membership(by=actor(cast.murad), membership=asked)
    cast.outsider.__dict__.pop("_standings", None)
    assert standing_of(cast.outsider, cast.operation).holds(Role.COORDINATOR, organisation_id=cast.relief.pk)


@pytest.mark.parametrize("who", ["lale", "oraz", "outsider", "pending"])
def test_only_managers_of_the_organisation_answer(cast: Cast, who: str) -> None:
    asked = ask(cast, cast.outsider)
    for answer in (approve_membership, refuse_membership):
        with pytest.raises(NotAllowed):
            answer(by=actor(getattr(cast, who)), membership=asked)
    asked.refresh_from_db()
    assert asked.approval == Approval.PENDING


def test_nobody_raises_themself(cast: Cast) -> None:
    raised = ask(cast, cast.murad, role=Role.PROTECTION_OFFICER)
    with pytest.raises(NotAllowed, match="their own role"):
        approve_membership(by=actor(cast.murad), membership=raised)
    with pytest.raises(NotAllowed, match="their own role"):
        give(cast, cast.murad, cast.murad, Role.PROTECTION_OFFICER)
    assert raised not in waiting_memberships(standing_of(cast.murad, cast.operation))


def test_a_viewer_gives_no_roles(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        give(cast, cast.oraz, cast.outsider)


def test_only_an_administrator_makes_administrators(cast: Cast, administrator: Any) -> None:
    """An administrator of a coordinating organisation runs the installation, so a coordinator must not make one."""
    with pytest.raises(NotAllowed, match="administrator"):
        give(cast, cast.aina, cast.outsider, Role.ADMINISTRATOR, organisation=cast.ministry)
    assert Role.ADMINISTRATOR not in roles_to_give(actor(cast.aina), cast.ministry, cast.operation)
    asked = ask(cast, cast.outsider, cast.ministry, Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed, match="administrator"):
        approve_membership(by=actor(cast.aina), membership=asked)
    approve_membership(by=actor(administrator), membership=asked)
    assert asked.__class__.objects.get(pk=asked.pk).approval == Approval.APPROVED


def test_rights_for_one_operation_give_none_for_all(cast: Cast) -> None:
    local = person("Local", current_operation=cast.operation)
    member(local, cast.relief, Role.COORDINATOR, cast.operation)
    with pytest.raises(NotAllowed):
        give(cast, local, cast.outsider, everywhere=True)
    assert give(cast, local, cast.outsider, everywhere=False).operation == cast.operation


def test_a_second_request_is_refused_and_a_refused_one_may_be_asked_again(cast: Cast) -> None:
    asked = ask(cast, cast.outsider)
    with pytest.raises(Refused, match="already asked"):
        ask(cast, cast.outsider)
    refuse_membership(by=actor(cast.murad), membership=asked, reason="Who are you?")
    again = ask(cast, cast.outsider)
    assert again.pk == asked.pk
    assert again.approval == Approval.PENDING
    approve_membership(by=actor(cast.murad), membership=again)
    with pytest.raises(Refused, match="already hold"):
        ask(cast, cast.outsider)


def test_an_organisation_keeps_at_least_one_manager(cast: Cast) -> None:
    only = Membership.objects.get(user=cast.murad, organisation=cast.relief)
    for who in (cast.murad, cast.aina):
        with pytest.raises(Refused, match="last manager"):
            end_membership(by=actor(who), membership=only)
    give(cast, cast.murad, cast.outsider, Role.COORDINATOR)
    end_membership(by=actor(cast.murad), membership=only)
    assert managers_of(cast.relief) == [cast.outsider]
    assert not standing_of(cast.murad, cast.operation).held


def test_anybody_gives_up_their_own_role_and_nobody_elses(cast: Cast) -> None:
    own = Membership.objects.get(user=cast.oraz)
    with pytest.raises(NotAllowed):
        end_membership(by=actor(cast.lale), membership=own)
    end_membership(by=actor(cast.oraz), membership=own)
    assert not in_force(Membership.objects.filter(pk=own.pk)).exists()
    with pytest.raises(Refused, match="already ended"):
        end_membership(by=actor(cast.oraz), membership=own)


def test_a_role_given_until_yesterday_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="before it begins"):
        give(cast, cast.murad, cast.outsider, ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Refused, match="one of the roles"):
        give(cast, cast.murad, cast.outsider, "emperor")


def test_waiting_requests_are_shown_to_those_who_may_answer(cast: Cast) -> None:
    asked = ask(cast, cast.outsider)
    seen = {
        name: list(waiting_memberships(standing_of(getattr(cast, name), cast.operation)))
        for name in ("aina", "murad", "lale", "oraz", "outsider")
    }
    assert seen == {"aina": [asked], "murad": [asked], "lale": [], "oraz": [], "outsider": []}


def test_requests_of_an_exercise_do_not_show_in_a_real_operation(cast: Cast, exercise_operation: Any) -> None:
    drill = Organisation.objects.create(name="Drill", operation=exercise_operation, approval=Approval.APPROVED)
    asked = ask_to_join(by=actor(cast.outsider), operation=exercise_operation, organisation=drill)
    assert asked.operation == exercise_operation
    assert asked not in waiting_memberships(standing_of(cast.aina, cast.operation))


def test_changes_of_roles_are_in_history_with_their_actor(cast: Cast) -> None:
    given = give(cast, cast.murad, cast.outsider)
    event = given.events.order_by("-pgh_id").first()
    assert event.pgh_context["user"] == cast.murad.pk
    assert event.role == Role.VIEWER


@pytest.mark.django_db(transaction=True)
def test_two_managers_leaving_at_once_do_not_leave_the_organisation_without_one(cast: Cast) -> None:
    second = person("Second")
    member(second, cast.relief, Role.COORDINATOR)
    both = list(Membership.objects.filter(organisation=cast.relief, role=Role.COORDINATOR))
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def leave(membership: Membership) -> None:
        try:
            barrier.wait(10)
            end_membership(by=actor(membership.user), membership=membership)
            outcomes.append("left")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(membership,)) for membership in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["left", "refused"]
