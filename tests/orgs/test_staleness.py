"""Old entries are marked, and their managers are asked to confirm them: not too often, and by a safe link."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from komek.accounts.roles import Role
from komek.records.models import Approval
from orgs.models import Membership, Organisation
from orgs.staleness import (
    Freshness,
    LinkRefused,
    ask_to_confirm,
    confirmation_token,
    freshness,
    of_freshness,
    read_token,
    to_be_asked,
)
from tests.conftest import Cast, actor, member, person


def age(organisation: Organisation, days: int) -> None:
    organisation.confirmed_at = timezone.now() - timedelta(days=days)
    organisation.save()


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, Freshness.FRESH), (59, Freshness.FRESH), (61, Freshness.AGEING), (119, Freshness.AGEING),
     (121, Freshness.STALE)],
)  # fmt: skip
def test_an_entry_ages_by_its_last_confirmation(cast: Cast, days: int, expected: str) -> None:
    age(cast.relief, days)
    assert freshness(cast.relief.confirmed_at) == expected
    for wanted in Freshness:
        assert (cast.relief in of_freshness(Organisation.objects.all(), wanted)) == (wanted == expected)


def test_the_thresholds_are_settings(cast: Cast, settings: Any) -> None:
    settings.ORGS_AGEING_AFTER_DAYS, settings.ORGS_STALE_AFTER_DAYS = 1, 2
    age(cast.relief, 3)
    assert freshness(cast.relief.confirmed_at) == Freshness.STALE


def test_managers_are_asked_in_their_language_and_once_in_14_days(cast: Cast) -> None:
    age(cast.relief, 90)
    assert list(to_be_asked()) == [cast.relief]
    call_command("ask_to_confirm")
    assert [message.to for message in mail.outbox] == [["murad@example.org"]]
    assert "Relief Society" in mail.outbox[0].subject
    assert "/organisations/confirm/" in mail.outbox[0].body
    call_command("ask_to_confirm")
    assert len(mail.outbox) == 1
    Organisation.objects.update(confirmation_asked_at=timezone.now() - timedelta(days=15))
    call_command("ask_to_confirm")
    assert len(mail.outbox) == 2


def test_an_organisation_without_managers_is_counted_and_stays_due(cast: Cast) -> None:
    lonely = Organisation.objects.create(name="Lonely", approval=Approval.APPROVED)
    age(lonely, 200)
    assert ask_to_confirm(organisations=to_be_asked()).nobody == 1
    assert lonely in to_be_asked()
    assert not mail.outbox


def test_a_mail_server_that_fails_is_reported_and_the_question_stays_due(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> int:
        raise SMTPServerDisconnected

    monkeypatch.setattr("orgs.staleness.send_mail", broken)
    age(cast.relief, 90)
    assert ask_to_confirm(organisations=to_be_asked()).failed == 1
    assert cast.relief in to_be_asked()


def test_pending_and_merged_entries_are_not_asked_about(cast: Cast) -> None:
    for organisation in (cast.relief, cast.water):
        age(organisation, 200)
    Organisation.objects.filter(pk=cast.relief.pk).update(approval=Approval.PENDING)
    Organisation.objects.filter(pk=cast.water.pk).update(merged_into=cast.ministry)
    assert not to_be_asked().exists()


def test_people_who_do_not_coordinate_ask_nobody(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        ask_to_confirm(organisations=[cast.relief], by=actor(cast.lale), operation=cast.operation)
    ask_to_confirm(organisations=[cast.relief], by=actor(cast.aina), operation=cast.operation)
    assert len(mail.outbox) == 1


def test_an_exercise_says_so_in_the_subject(cast: Cast, exercise_operation: Any) -> None:
    drill = Organisation.objects.create(name="Drill", operation=exercise_operation, approval=Approval.APPROVED)
    member(cast.lale, drill, Role.COORDINATOR, exercise_operation)
    ask_to_confirm(organisations=[drill])
    assert mail.outbox[0].subject.startswith("EXERCISE")


def test_the_link_confirms_without_signing_in_only_when_pressed_and_only_once(cast: Cast, client: Client) -> None:
    age(cast.relief, 90)
    address = f"/organisations/confirm/{confirmation_token(cast.relief, cast.murad)}/"
    assert client.get(address).status_code == 200
    cast.relief.refresh_from_db()
    assert freshness(cast.relief.confirmed_at) == Freshness.AGEING
    page = client.post(address).content.decode()
    assert "Thank you" in page
    cast.relief.refresh_from_db()
    assert freshness(cast.relief.confirmed_at) == Freshness.FRESH
    event = cast.relief.events.order_by("-pgh_id").first()
    assert event.pgh_context["user"] == cast.murad.pk
    again = client.post(address)
    assert again.status_code == 410
    assert "already been confirmed" in again.content.decode()


def test_a_forged_old_or_lost_link_is_refused_with_a_sentence(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = confirmation_token(cast.relief, cast.murad)
    for bad in (token[:-2] + "xx", "nonsense", f"{cast.water.pk}" + token):
        response = client.get(f"/organisations/confirm/{bad}/")
        assert response.status_code == 410
        assert "Sign in" in response.content.decode()
    second = person("Second")
    member(second, cast.relief, Role.COORDINATOR)
    Membership.objects.filter(user=cast.murad).delete()
    with pytest.raises(LinkRefused, match="no longer yours"):
        read_token(token)
    monkeypatch.setattr("orgs.staleness.LINK_HOLDS_FOR", timedelta(seconds=-1))
    with pytest.raises(LinkRefused, match="older than 30 days"):
        read_token(confirmation_token(cast.relief, second))
