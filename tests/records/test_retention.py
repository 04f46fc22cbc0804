"""Personal data goes when its time has come: from the row, from its history, from the disk; and the run is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from komek.accounts.models import User
from komek.messaging.models import Outbox
from komek.messaging.outbox import queue_text
from komek.records import retention
from komek.records.actor import SYSTEM
from komek.records.checks import periods_are_known
from komek.records.models import AnonymisationRun, Approval
from komek.records.retention import DELETE, Retention, anonymise, due_counts, register_retention
from komek.records.scrubbing import WithKey, scrub
from orgs.models import Contact, Organisation
from tests.conftest import Cast, person

YEAR = timedelta(days=365)
RULE = "tests.contacts"
GONE = {"person": "", "phone": "", "email": "", "note": "gone"}


@pytest.fixture(autouse=True)
def contacts_rule() -> Iterator[None]:
    register_retention(
        Retention(RULE, Contact, YEAR, "updated_at", GONE, "For the tests.", when=~Q(visibility="public"))
    )
    yield
    del retention._rules[RULE]


def contact(cast: Cast, days_old: int = 400, **fields: Any) -> Contact:
    made = Contact.objects.create(
        organisation=cast.relief, **{"person": "Ogulsapar", "phone": "+99365123456", "visibility": "partners", **fields}
    )
    Contact.objects.filter(pk=made.pk).update(position="cook")
    Contact.objects.filter(pk=made.pk).update(updated_at=timezone.now() - timedelta(days=days_old))
    return made


def everything_about(contact: Contact) -> str:
    """The row and its whole history as the database holds them."""
    rows = list(Contact.objects.filter(pk=contact.pk).values())
    return str(rows + list(Contact.events.rel.related_model.objects.filter(pgh_obj_id=contact.pk).values()))


def test_what_is_old_enough_goes_from_the_row_and_from_every_event(cast: Cast) -> None:
    old = contact(cast)
    assert everything_about(old).count("Ogulsapar") >= 3
    run = anonymise(by=SYSTEM, keys=[RULE])
    assert run.counts == {RULE: 1}
    assert "Ogulsapar" not in everything_about(old)
    assert "65123456" not in everything_about(old)
    assert "cook" in everything_about(old), "what the rule does not name is kept"


def test_what_is_younger_or_not_meant_is_kept(cast: Cast) -> None:
    kept = [contact(cast, days_old=300), contact(cast, visibility="public")]
    assert anonymise(by=SYSTEM, keys=[RULE]).counts == {RULE: 0}
    assert all("Ogulsapar" in everything_about(one) for one in kept)


def test_a_dry_run_counts_and_changes_nothing(cast: Cast) -> None:
    old = contact(cast)
    assert due_counts()[RULE] == 1
    assert "Ogulsapar" in everything_about(old)
    assert not AnonymisationRun.objects.exists()


def test_a_second_run_finds_nothing_to_do(cast: Cast) -> None:
    contact(cast)
    anonymise(by=SYSTEM, keys=[RULE])
    events = Contact.events.rel.related_model.objects.count()
    assert anonymise(by=SYSTEM, keys=[RULE]).counts == {RULE: 0}
    assert Contact.events.rel.related_model.objects.count() == events


def test_the_run_is_written_down_without_what_it_took_away(cast: Cast) -> None:
    contact(cast)
    anonymise(by=SYSTEM, keys=[RULE])
    run = AnonymisationRun.objects.get()
    assert run.finished_at is not None
    assert (run.started_by, run.channel, run.counts) == ("Komek", "command", {RULE: 1})
    event = Contact.events.rel.related_model.objects.latest("pgh_id")
    assert event.pgh_context["reason"] == RULE


def test_many_rows_go_in_several_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    made = [contact(cast) for _ in range(5)]
    assert anonymise(by=SYSTEM, keys=[RULE]).counts == {RULE: 5}
    assert not any("Ogulsapar" in everything_about(one) for one in made)


def test_history_stays_closed_to_everybody_else(cast: Cast) -> None:
    old = contact(cast)
    events = Contact.events.rel.related_model.objects.filter(pgh_obj_id=old.pk)
    anonymise(by=SYSTEM, keys=[RULE])
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        events.update(person="somebody")


def test_nothing_is_half_forgotten_when_something_fails(cast: Cast) -> None:
    old = contact(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        scrub(Contact, [old.pk], {"person": "", "phone": "", "email": "", "note": ""})
    assert "Ogulsapar" in everything_about(old)


def test_a_picture_is_deleted_from_the_disk(
    cast: Cast, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    cast.relief.logo.save("face.png", ContentFile(b"pixels"))
    stored = tmp_path / cast.relief.logo.name
    assert stored.exists()
    with django_capture_on_commit_callbacks(execute=True):
        scrub(Organisation, [cast.relief.pk], {"logo": ""})
    assert not stored.exists()


def test_columns_that_must_stay_unique_carry_the_rows_key(cast: Cast) -> None:
    scrub(User, [cast.murad.pk, cast.lale.pk], {"email": WithKey("gone-{}@invalid")})
    cast.murad.refresh_from_db()
    assert cast.murad.email == f"gone-{cast.murad.pk}@invalid"
    assert set(cast.murad.events.values_list("email", flat=True)) == {f"gone-{cast.murad.pk}@invalid"}


def test_an_installation_sets_its_own_period(cast: Cast, settings: Any) -> None:
    contact(cast, days_old=40)
    assert due_counts()[RULE] == 0
    settings.RETENTION_DAYS = {RULE: 30}
    assert due_counts()[RULE] == 1


@pytest.mark.parametrize("wrong", [{"no.such": 30}, {RULE: 0}, {RULE: "30"}, {RULE: -1}, {RULE: True}])
def test_a_period_that_means_nothing_stops_the_start(settings: Any, wrong: dict[str, Any]) -> None:
    settings.RETENTION_DAYS = wrong
    assert periods_are_known(None)
    settings.RETENTION_DAYS = {RULE: 30}
    assert periods_are_known(None) == []


def test_a_rule_that_could_not_be_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="share the key"):
        register_retention(Retention(RULE, Contact, YEAR, "updated_at", GONE, ""))
    with pytest.raises(ValueError, match="history"):
        register_retention(Retention("tests.other", Contact, YEAR, "updated_at", DELETE, ""))
    with pytest.raises(Exception, match="shoe_size"):
        register_retention(Retention("tests.other", Contact, YEAR, "updated_at", {"shoe_size": 0}, ""))


def test_the_command_counts_first_and_then_does_it(cast: Cast) -> None:
    old, words = contact(cast), StringIO()
    call_command("anonymise", "--dry-run", "--rule", RULE, stdout=words)
    assert f"{RULE}: 1 would be anonymised (kept 365 days)" in words.getvalue()
    assert "accounts." not in words.getvalue()
    assert "Ogulsapar" in everything_about(old)
    call_command("anonymise", stdout=words)
    assert f"{RULE}: 1 were anonymised" in words.getvalue()
    assert "Ogulsapar" not in everything_about(old)
    with pytest.raises(CommandError, match="No such rule"):
        call_command("anonymise", "--rule", "nonsense")


# -- the rules that come with Komek


def test_refused_accounts_are_forgotten_after_their_time(cast: Cast) -> None:
    refused = person("Refused", why="Nobody", approval=Approval.REFUSED, approval_note="Unknown there")
    long_ago = timezone.now() - timedelta(days=91)
    User.objects.filter(pk=refused.pk).update(approved_at=long_ago)
    recent = person("Recent", approval=Approval.REFUSED)
    User.objects.filter(pk=recent.pk).update(approved_at=timezone.now() - timedelta(days=5))
    anonymise(by=SYSTEM)
    refused.refresh_from_db()
    assert refused.is_erased
    assert not refused.is_active
    assert not refused.has_usable_password()
    assert "Unknown there" not in str(list(refused.events.values()))
    recent.refresh_from_db()
    assert recent.name == "Recent"


def test_a_number_that_was_only_claimed_is_forgotten_within_days(db: None) -> None:
    claimed = User.objects.create(name="X", phone="+99365123456", created_at=timezone.now() - timedelta(days=8))
    proven = User.objects.create(
        name="Y", phone="+99365123457", phone_verified=True, created_at=timezone.now() - timedelta(days=8)
    )
    anonymise(by=SYSTEM)
    claimed.refresh_from_db()
    proven.refresh_from_db()
    assert (claimed.phone, claimed.name) == (None, "")
    assert proven.name == "Y"


def test_texts_are_forgotten_once_finished(db: None) -> None:
    texts = [queue_text(by=SYSTEM, to="+99365123456", body="Bring water", purpose="notice") for _ in range(2)]
    Outbox.objects.update(queued_at=timezone.now() - timedelta(days=31))
    Outbox.objects.filter(pk=texts[0].pk).update(state="sent")
    anonymise(by=SYSTEM)
    assert list(Outbox.objects.order_by("pk").values_list("body", flat=True)) == ["", "Bring water"]
    assert str(Outbox.objects.get(pk=texts[0].pk).to) == ""


def test_sign_in_attempts_are_deleted(db: None) -> None:
    from axes.models import AccessAttempt

    AccessAttempt.objects.create(username="aina@example.org", failures_since_start=1)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(days=31))
    anonymise(by=SYSTEM)
    assert not AccessAttempt.objects.exists()


def test_every_rule_runs_on_an_empty_and_on_a_filled_database_at_constant_cost(cast: Cast) -> None:
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            due_counts()
        return len(captured)

    empty = queries()
    for _ in range(3):
        contact(cast)
    assert queries() == empty
