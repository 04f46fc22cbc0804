"""Saved views, and being told by e-mail what changes in them: what one may see, once, even when the mail server is away."""

from __future__ import annotations

import re
import smtplib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from komek.accounts.roles import Role
from komek.operations.models import Operation
from komek.records.models import Approval
from komek.web.models import Pace, SavedView, Subscription
from komek.web.subscriptions import list_page_at, send_due
from orgs.models import Membership, Organisation, Site
from orgs.organisations import change_organisation
from tests.conftest import Cast, actor, member
from tests.web.conftest import SignIn

LIST = "/organisations/"


def later(**ago: int) -> datetime:
    return timezone.now() + timedelta(**ago)


def save(client: Client, **changes: Any) -> Any:
    return client.post(
        "/views/save/",
        {"path": LIST, "query": "kind=national_ngo&sort=-name", "name": "NGOs", "pace": "at_once", **changes},
    )


def change(cast: Cast, organisation: Organisation, words: str = "Moved.") -> None:
    change_organisation(by=actor(cast.aina), operation=cast.operation, organisation=organisation, about=words)


# --- Saving


def test_a_saved_view_leads_back_to_the_list_as_it_was(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    assert save(client)["Location"] == f"{LIST}?kind=national_ngo&sort=-name"
    assert "NGOs" in client.get(LIST).content.decode()
    assert SavedView.objects.get().list_key == "orgs.organisation"


def test_saving_under_the_same_name_replaces(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    save(client)
    save(client, query="kind=military", pace="")
    assert SavedView.objects.get().query == "kind=military"
    assert not Subscription.objects.exists()


def test_a_view_is_ones_own_unless_shared_and_then_for_its_operation(
    cast: Cast, exercise_operation: Operation, sign_in: SignIn
) -> None:
    save(sign_in("aina"), name="Mine")
    save(sign_in("aina"), name="Ours", is_shared="on")
    murad = sign_in("murad")
    page = murad.get(LIST).content.decode()
    assert "Ours" in page
    assert "Mine" not in page
    murad.post("/operations/choose/", {"operation": exercise_operation.pk})
    assert "Ours" not in murad.get(LIST).content.decode()


@pytest.mark.parametrize("path", ["https://elsewhere.example/", "//elsewhere.example/", "/nowhere/", "/about/", ""])
def test_only_lists_of_ours_are_saved(cast: Cast, sign_in: SignIn, path: str) -> None:
    assert save(sign_in("aina"), path=path)["Location"] == "/"
    assert not SavedView.objects.exists()


def test_a_view_without_a_name_leads_back_to_the_list_with_a_sentence(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    response = save(client, name="  ")
    assert response["Location"] == f"{LIST}?kind=national_ngo&sort=-name"
    assert "Give the view a name" in client.get(response["Location"]).content.decode()


def test_views_are_changed_and_removed_by_their_owner_only(cast: Cast, sign_in: SignIn) -> None:
    save(sign_in("aina"))
    view = SavedView.objects.get()
    assert sign_in("murad").post("/views/", {"view": view.pk, "remove": "1"}).status_code == 404
    sign_in("aina").post("/views/", {"view": view.pk, "pace": "daily"})
    assert Subscription.objects.get().pace == Pace.DAILY
    sign_in("aina").post("/views/", {"view": view.pk, "pace": ""})
    assert not Subscription.objects.exists()
    sign_in("aina").post("/views/", {"view": view.pk, "remove": "1"})
    assert not SavedView.objects.exists()


# --- Telling


def test_at_once_tells_each_change_once_and_only_those_in_the_view(cast: Cast, sign_in: SignIn) -> None:
    save(sign_in("aina"))
    change(cast, cast.relief)
    change(cast, cast.water)  # international: not in the view
    assert send_due(later(minutes=5)) == 1
    (message,) = mail.outbox
    assert message.to == ["aina@example.org"]
    assert "Relief Society" in message.body
    assert cast.relief.get_absolute_url() in message.body
    assert "Water Now" not in message.body
    assert send_due(later(minutes=10)) == 0


def test_daily_waits_a_day_and_then_tells_all_at_once(cast: Cast, sign_in: SignIn) -> None:
    save(sign_in("aina"), pace="daily", query="")
    change(cast, cast.relief)
    assert send_due(later(hours=20)) == 0
    change(cast, cast.water)
    assert send_due(later(hours=25)) == 1
    assert "2 records changed" in mail.outbox[0].body


def lists() -> list[str]:
    """Addresses of every list there is, whichever registry it belongs to."""
    resolvers = get_resolver().namespace_dict.values()
    routes = [f"/{prefix}{route.pattern}" for prefix, resolver in resolvers for route in resolver.url_patterns]
    return sorted(path for path in routes if "<" not in path and list_page_at(path) is not None)


def test_every_list_can_be_subscribed_to_with_any_of_its_columns(cast: Cast, sign_in: SignIn) -> None:
    client, paths = sign_in("aina"), lists()
    assert {"/organisations/", "/sites/", "/activities/"} <= set(paths)
    for path in paths:
        page_class = list_page_at(path)
        assert page_class is not None
        query = "&".join(f"column={column.key}" for column in page_class.columns)
        save(client, path=path, name=path, query=query)
    assert Subscription.objects.count() == len(paths)
    change(cast, cast.relief)
    assert send_due(later(minutes=5)) == 1


def test_nothing_is_sent_when_nothing_changed(cast: Cast, sign_in: SignIn) -> None:
    save(sign_in("aina"))
    assert send_due(later(days=3)) == 0
    assert mail.outbox == []


def test_a_change_whose_transaction_ends_late_is_told_next_time(cast: Cast, sign_in: SignIn) -> None:
    """It is dated when it was made, before the digest that could not see it yet."""
    save(sign_in("aina"))
    Subscription.objects.update(told_until=later(minutes=-30))
    send_due()
    Organisation.objects.filter(pk=cast.relief.pk).update(updated_at=later(seconds=-20))
    assert send_due(later(minutes=5)) == 1


def test_a_digest_that_cannot_be_sent_is_tried_again_and_holds_up_no_other(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from komek.web import subscriptions

    save(sign_in("aina"))
    save(sign_in("murad"))
    change(cast, cast.relief)
    sending = subscriptions.send_mail

    def refuse_aina(subject: str, body: str, sender: Any, to: list[str]) -> int:
        if to == ["aina@example.org"]:
            raise smtplib.SMTPRecipientsRefused({})
        return sending(subject, body, sender, to)

    monkeypatch.setattr(subscriptions, "send_mail", refuse_aina)
    assert send_due(later(minutes=5)) == 1
    assert [message.to for message in mail.outbox] == [["murad@example.org"]]
    monkeypatch.undo()
    assert send_due(later(minutes=10)) == 1
    assert mail.outbox[-1].to == ["aina@example.org"]


def test_one_is_told_only_of_what_one_may_see_today(cast: Cast, sign_in: SignIn) -> None:
    save(sign_in("murad"), query="")
    save(sign_in("aina"), query="")
    waiting = Organisation.objects.create(
        name="Waiting", kind="national_ngo", approval=Approval.PENDING, operation=None
    )
    assert send_due(later(minutes=5)) == 1
    assert [message.to for message in mail.outbox] == [["aina@example.org"]]
    # A role that has ended, an account that was stopped: no more mail.
    change(cast, waiting)
    Membership.objects.filter(user=cast.aina).delete()
    cast.aina.approval = Approval.REFUSED
    cast.aina.save()
    assert send_due(later(minutes=15)) == 0


def test_a_digest_of_an_exercise_says_so(cast: Cast, exercise_operation: Operation, sign_in: SignIn) -> None:
    client = sign_in("aina")
    client.post("/operations/choose/", {"operation": exercise_operation.pk})
    save(client, path="/sites/", query="")
    member(cast.aina, cast.relief, Role.COORDINATOR, exercise_operation)
    Site.objects.create(name="Drill camp", operation=exercise_operation)
    Site.objects.create(name="Real camp", operation=cast.operation)
    assert send_due(later(minutes=5)) == 1
    assert mail.outbox[0].subject.startswith("EXERCISE")
    assert "Drill camp" in mail.outbox[0].body
    assert "Real camp" not in mail.outbox[0].body


def test_a_view_of_a_list_that_is_gone_stops_no_other(cast: Cast, sign_in: SignIn) -> None:
    """A registry may be switched off while people are subscribed to its lists."""
    save(sign_in("aina"), name="Gone")
    SavedView.objects.update(path="/no-such-registry/")
    save(sign_in("aina"))
    change(cast, cast.relief)
    assert send_due(later(minutes=5)) == 1


def test_a_filter_in_force_that_nobody_understands_any_more_breaks_nothing(cast: Cast, sign_in: SignIn) -> None:
    save(sign_in("aina"), query="kind=spaceship&updated_since=never&size=x&page=y&sort=z")
    change(cast, cast.relief)
    assert send_due(later(minutes=5)) in (0, 1)


def test_the_link_in_the_mail_ends_it_without_signing_in(cast: Cast, sign_in: SignIn) -> None:
    save(sign_in("aina"))
    change(cast, cast.relief)
    send_due(later(minutes=5))
    link = re.search(r"http://[^/]+(/views/unsubscribe/\S+)", mail.outbox[0].body)
    assert link
    nobody = Client()
    assert "You are told what changes in “NGOs”" in nobody.get(link.group(1)).content.decode()
    assert Subscription.objects.exists()  # a mail scanner that opens links stops nothing
    assert "You will not be told any more" in nobody.post(link.group(1)).content.decode()
    assert not Subscription.objects.exists()
    assert "used before" in nobody.get(link.group(1)).content.decode()
    assert SavedView.objects.exists()


def test_the_mail_is_in_the_owners_language(cast: Cast, sign_in: SignIn) -> None:
    from django.utils import translation

    save(sign_in("aina"))
    cast.aina.language = "ru"
    cast.aina.save()
    change(cast, cast.relief)
    send_due(later(minutes=5))
    with translation.override("ru"):
        words = translation.gettext("To stop these e-mails: %(address)s").partition("%")[0]
    assert words in mail.outbox[0].body
