"""The inbox: who reads texts, how they are taken, answered, turned into records and seen to; the phones of an exercise."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from komek.accounts.authority import standing_of
from komek.extensions import Viewer
from komek.extensions.intake import intake
from komek.messaging import inbox
from komek.messaging.alerts import TextAlerts
from komek.messaging.inbound.handling import work_off
from komek.messaging.models import CannedReply, Correspondent, Inbound, InboundState, Outbox
from komek.messaging.trusting import trust
from komek.operations.models import Operation
from tests.conftest import Cast, actor
from tests.messaging.conftest import PHONE, STRANGER, bound, said, text

pytestmark = pytest.mark.django_db


def waiting_text(body: str = "we are trapped", sender: str = STRANGER) -> Inbound:
    inbound = text(body, sender=sender)
    work_off()
    inbound.refresh_from_db()
    assert inbound.state == InboundState.INBOX
    return inbound


@pytest.fixture
def browser(client: Client, cast: Cast) -> Client:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_texts_are_read_by_coordinators_of_the_operation_and_nobody_else(
    cast: Cast, client: Client, exercise_operation: Operation
) -> None:
    inbound = waiting_text()
    for user in (cast.murad, cast.oraz, cast.outsider, cast.pending):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/messaging/").status_code == 403
        assert client.get(f"/messaging/texts/{inbound.pk}/").status_code in (403, 404)
        assert client.get("/messaging/sent/").status_code == 403
        with pytest.raises(PermissionDenied):
            inbox.claim(by=actor(user), operation=cast.operation, inbound=inbound)
        assert TextAlerts().alerts(Viewer(user=user, operation=cast.operation), 5) == []
    with pytest.raises(PermissionDenied):
        inbox.claim(by=actor(cast.aina), operation=exercise_operation, inbound=inbound)
    client.logout()
    assert client.get("/messaging/").status_code == 302


def test_a_coordinator_takes_answers_and_closes_a_text_and_two_do_not_answer_it(cast: Cast, browser: Client) -> None:
    inbound = waiting_text()
    page = browser.get("/messaging/").content.decode()
    assert "we are trapped" in page and "may be a call for help" in page
    alert = TextAlerts().alerts(Viewer(user=cast.aina, operation=cast.operation), 5)[0]
    assert (alert.urgency, alert.title) == (95, "1 text waits for an answer")
    address = f"/messaging/texts/{inbound.pk}/"
    browser.post(address, {"what": "claim"})
    boss = actor(cast.aina)
    inbound.claimed_by = None
    from tests.conftest import member, person

    other = person("Guljan", current_operation=cast.operation)
    member(other, cast.ministry, "coordinator")
    with pytest.raises(ValidationError, match="Aina has taken"):
        inbox.claim(by=actor(other), operation=cast.operation, inbound=inbound)
    empty = browser.post(address, {"what": "answer", "words": " "})
    assert empty.status_code == 422 and "Write an answer" in empty.content.decode()
    browser.post(address, {"what": "answer", "words": "Help\u00a0is “coming”", "key": "k"})
    sent = Outbox.objects.latest("pk")
    assert (str(sent.to), sent.body, sent.lane, sent.segments) == (STRANGER, 'Help is "coming"', 0, 1)
    inbound.refresh_from_db()
    assert (inbound.state, inbound.handled_by) == (InboundState.HANDLED, cast.aina)
    assert inbox.answer(by=boss, operation=cast.operation, inbound=inbound, words="x", key="k").pk == sent.pk
    shown = browser.get(address).content.decode()
    assert "we are trapped" in shown and "is &quot;coming&quot;" in shown


def test_who_asked_for_no_more_texts_and_names_are_not_answered(cast: Cast) -> None:
    given: dict[str, Any] = {"by": actor(cast.aina), "operation": cast.operation, "words": "x"}
    stranger, bank = waiting_text(), waiting_text("Your account", sender="Bank")
    said("STOP", sender=STRANGER)
    with pytest.raises(ValidationError, match="no more texts"):
        inbox.answer(**given, inbound=stranger)
    with pytest.raises(ValidationError, match="reach nobody"):
        inbox.answer(**given, inbound=bank)
    with pytest.raises(ValidationError, match="at most"):
        inbox.answer(**{**given, "words": "x" * 1001}, inbound=stranger)


def test_a_text_becomes_a_request_once_with_its_number_and_its_time(cast: Cast, browser: Client) -> None:
    from aid_requests.models import AidRequest

    inbound = waiting_text("12 people without water")
    address = f"/messaging/texts/{inbound.pk}/"
    form = {"what": "into:requests", "record_words": inbound.body, "kind": "rescue"}
    refused = browser.post(address, {**form, "where": ""})
    assert refused.status_code == 422 and "where it is needed" in refused.content.decode()
    assert "wrong letter or digit" in browser.post(address, {**form, "where": "C1149"}).content.decode()
    for _ in range(2):
        answer = browser.post(address, {**form, "where": "behind the market of Tejen"})
    made = AidRequest.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert (str(made.reporter_phone), made.landmark) == (STRANGER, "behind the market of Tejen")
    inbound.refresh_from_db()
    assert made.code in inbound.outcome and inbound.outcome_url == made.get_absolute_url()
    assert [plug.key for plug in intake if plug.may(Viewer(user=None, operation=cast.operation))] == []


def test_two_hundred_texts_are_worked_through_in_bulk(
    cast: Cast, browser: Client, django_assert_max_num_queries: Any
) -> None:
    Inbound.objects.bulk_create(
        Inbound(
            gateway="test", provider_id=f"b{n}", sender=f"+993651{n % 100:05d}", number=f"+993651{n % 100:05d}",
            body=f"hello {n}", operation=cast.operation, state="inbox", why="unread",
        )
        for n in range(200)
    )  # fmt: skip
    ready = CannedReply.objects.create(title="Thanks", words={"en": "Thank you.", "ru": "Спасибо."})
    Correspondent.objects.create(number="+99365100003", language="ru")
    with django_assert_max_num_queries(40):
        page = browser.get("/messaging/").content.decode()
    assert "1–50 / 200" in page
    keys = list(Inbound.objects.values_list("pk", flat=True))
    answer = browser.post("/messaging/bulk/", {"what": f"ready:{ready.pk}", "text": keys}, follow=True)
    assert "Answered: 100" in answer.content.decode()
    assert Outbox.objects.filter(body="Thank you.").count() == 99
    assert Outbox.objects.get(to="+99365100003").body == "Спасибо."
    assert not inbox.waiting(standing_of(cast.aina, cast.operation)).exists()
    assert "Tick the texts first" in browser.post("/messaging/bulk/", {}, follow=True).content.decode()


def test_ready_answers_and_codes_are_made_on_pages(cast: Cast, browser: Client) -> None:
    empty = browser.post("/messaging/answers/", {"title": "Wait"})
    assert empty.status_code == 422 and "one language at least" in empty.content.decode()
    browser.post("/messaging/answers/", {"title": "Wait", "words_tk": "Garaşyň."})
    ready = CannedReply.objects.get()
    assert ready.in_language("az") == "Garaşyň."
    assert "Garaşyň" in browser.get(f"/messaging/answers/{ready.pk}/").content.decode()
    browser.post(f"/messaging/answers/{ready.pk}/", {"drop": "1"})
    assert not CannedReply.objects.exists()
    assert "No account" in browser.post("/messaging/join/", {"account": "nobody@example.org"}).content.decode()
    page = browser.post("/messaging/join/", {"account": "murad@example.org"}).content.decode()
    assert f"JOIN {cast.murad.join_codes.get().code}" in page


def test_phones_of_an_exercise_go_the_way_of_every_text_and_reach_nothing_real(
    cast: Cast, browser: Client, exercise_operation: Operation
) -> None:
    assert browser.get("/messaging/phones/").status_code == 403, "no phones in a real operation"
    cast.aina.current_operation = exercise_operation
    cast.aina.save()
    page = browser.get("/messaging/phones/").content.decode()
    number = f"+88800000{exercise_operation.pk:03d}1"
    assert number in page
    assert browser.post("/messaging/phones/", {"number": PHONE, "body": "x"}).status_code == 404
    answer = browser.post("/messaging/phones/", {"number": number, "body": "?"}, follow=True).content.decode()
    assert "EXERCISE: Write a word and ?" in answer
    inbound = Inbound.objects.get()
    assert (inbound.operation, Outbox.objects.get().gateway) == (exercise_operation, "simulator")


def test_texts_of_a_known_number_belong_to_the_operation_its_account_works_in(
    cast: Cast, exercise_operation: Operation
) -> None:
    bound(cast.murad)
    cast.murad.current_operation = exercise_operation
    cast.murad.save()
    said("hello there")
    assert Inbound.objects.get().operation == exercise_operation
    said("hello there", sender=STRANGER)
    assert Inbound.objects.latest("pk").operation == cast.operation


def test_a_coordinator_trusts_a_number_and_takes_it_back(cast: Cast, browser: Client) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from aid_requests.models import AidRequest

    bound(cast.lale)
    said("NEED Tejen bridge, 40 blankets", sender=PHONE)
    AidRequest.objects.update(is_false=True)
    inbound = waiting_text("we saw something strange today", sender=PHONE)
    address = f"/messaging/texts/{inbound.pk}/"
    browser.post(address, {"what": "trust"})
    known = Correspondent.objects.get(number=PHONE)
    assert (known.is_trusted, known.trusted_by) == (True, cast.aina)
    page = browser.get(address).content.decode()
    assert "1 from this number, 0 found true, 1 found false" in page and "Trust this number no more" in page
    said("REP Kerki flood", sender=STRANGER)
    said("REP Kerki fire", sender=PHONE)
    page = browser.get("/messaging/").content.decode()
    assert page.index("REP Kerki fire") < page.index("REP Kerki flood") < page.index("something strange")
    Correspondent.objects.update(last_heard_at=timezone.now() - timedelta(hours=30))
    titles = [alert.title for alert in TextAlerts().alerts(Viewer(user=cast.aina, operation=cast.operation), 5)]
    assert "Nothing heard for a day from 1 trusted number" in titles
    assert "last text in" in browser.get("/messaging/sent/").content.decode()
    browser.post(address, {"what": "no-trust"})
    known.refresh_from_db()
    assert (known.is_trusted, known.trusted_by) == (False, None)
    stranger = waiting_text()
    refused = browser.post(f"/messaging/texts/{stranger.pk}/", {"what": "trust"})
    assert refused.status_code == 422 and "bound to an account" in refused.content.decode()
    with pytest.raises(PermissionDenied):
        trust(by=actor(cast.murad), operation=cast.operation, inbound=inbound)
