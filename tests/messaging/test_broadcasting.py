"""One text to many: counted and priced first, in each language, to those who want it, once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from komek.messaging.broadcasting import Recipient, broadcast, estimate, recipients_among
from komek.messaging.models import Correspondent, Outbox
from tests.conftest import Cast, actor
from tests.messaging.conftest import bound

pytestmark = pytest.mark.django_db
WORDS = {"en": "Meet at the school at 9.", "ru": "Сбор у школы в 9."}


def test_a_broadcast_is_counted_priced_and_queued_once_for_those_who_want_it(cast: Cast, settings: Any) -> None:
    settings.TEXT_PRICE = "0.05 USD"
    to = [Recipient(f"+9936510{n:04d}", "ru" if n % 2 else "en", is_latin=n == 3) for n in range(10)]
    Correspondent.objects.create(number=to[0].number, stopped_at=timezone.now())
    Correspondent.objects.create(number=to[1].number, muted_until=timezone.now() + timedelta(hours=1))
    told = estimate(words=WORDS, to=[*to, to[5]], purpose="task", operation=cast.operation)
    assert (told.people, told.segments, told.left_out) == ({"en": 4, "ru": 4}, 8, 2)
    assert told.price == (Decimal("0.40"), "USD")
    given: dict[str, Any] = {"by": actor(cast.aina), "operation": cast.operation, "words": WORDS, "to": to}
    assert broadcast(**given, purpose="task", key="k1") == 8
    assert broadcast(**given, purpose="task", key="k1") == 0
    assert broadcast(**given, purpose="alert", key="k2") == 9, "an alert passes quiet, and no STOP"
    assert Outbox.objects.get(to=to[3].number, dedupe_key__startswith="cast:k1").body == "Sbor u shkoly v 9."


def test_what_cannot_be_sent_to_many_is_told_before(cast: Cast, settings: Any) -> None:
    to = [Recipient("+99365100001", "tk"), Recipient("+99365100002", "en")]
    given: dict[str, Any] = {"operation": cast.operation, "purpose": "digest", "key": "k"}
    boss = actor(cast.aina)
    with pytest.raises(ValidationError, match="people who read Turkmen"):
        broadcast(by=boss, **given, words=WORDS, to=to)
    with pytest.raises(ValidationError, match="more than 4 SMS"):
        estimate(words={"en": "x" * 700}, to=to[1:], purpose="digest")
    with pytest.raises(ValidationError, match="Write the text"):
        broadcast(by=boss, **given, words={"en": " "}, to=to)
    with pytest.raises(ValidationError, match="Nobody would get"):
        broadcast(by=boss, **given, words=WORDS, to=[])
    for user in (cast.murad, cast.outsider, None):
        with pytest.raises(PermissionDenied):
            broadcast(by=actor(user), **given, words=WORDS, to=to[1:])
    assert not Outbox.objects.exists()


def test_only_proven_numbers_of_approved_accounts_are_written_to(cast: Cast) -> None:
    bound(cast.murad, "+99365100001")
    bound(cast.pending, "+99365100002")
    cast.lale.phone = "+99365100003"
    Correspondent.objects.create(number="+99365100001", language="tk")
    people = [cast.murad, cast.pending, cast.lale, cast.aina]
    assert recipients_among(people) == [Recipient("+99365100001", "tk")]


def test_a_coordinator_writes_counts_and_sends_on_the_page(cast: Cast, client: Any) -> None:
    bound(cast.murad, "+99365100001")
    bound(cast.lale, "+99365100002")
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    form = {"to": "roles:coordinator", "purpose": "alert", "key": "k", "words_en": "Meet at 9."}
    nothing = client.post("/messaging/many/", {**form, "words_en": ""})
    assert nothing.status_code == 422 and "Write the text first" in nothing.content.decode()
    told = client.post("/messaging/many/", form).content.decode()
    assert "2 people get it" in told and not Outbox.objects.exists()
    changed = client.post("/messaging/many/", {**form, "send": "1", "counted": "9:9"})
    assert "have changed" in changed.content.decode() and not Outbox.objects.exists()
    for _ in range(2):
        client.post("/messaging/many/", {**form, "send": "1", "counted": "2:2"})
    assert Outbox.objects.count() == 2
    assert client.post("/messaging/many/", {**form, "to": "roles:king"}).status_code == 422
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/messaging/many/").status_code == 403
