"""Missing persons by text message: reported, seen, safe, looked for, from any phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from komek.messaging.models import Inbound
from missing_persons.models import Moderation, Report
from missing_persons.publishing import publish
from missing_persons.refusals import Refused
from missing_persons.reporting import correct_report
from tests.conftest import actor
from tests.messaging.conftest import STRANGER, bound, said, text
from tests.missing_persons.conftest import Desk, Tell

OTHER = "+99365111111"


@pytest.mark.django_db
def test_a_stranger_reports_by_text_follows_it_takes_it_back_and_it_waits_for_a_registrar(
    desk: Desk, client: Client, settings: Any
) -> None:
    answer = said("MISS Aman Ataev/34/M/Tejen", sender=STRANGER)
    report = Report.objects.get()
    assert answer.startswith(f"{report.code}, missing: Aman Ataev, 34, male, Tejen.") and len(answer) <= 160
    key = re.search(r"Key to follow it: (\w+)\.", answer)[1]  # type: ignore[index]
    assert client.get(reverse("missing_persons:public_follow"), {"code": report.code, "key": key}).status_code == 200
    assert (report.moderation, report.consents_to_publish, report.channel) == (Moderation.WAITING, False, "sms")
    assert (report.reporter_phone, report.operation, report.sex) == (STRANGER, desk.operation, "male")
    assert STRANGER not in report.reported_by and report.person.visibility == "waiting"
    assert "not" in said(f"UNDO {report.code}", sender=OTHER).lower(), "only who sent it takes it back"
    assert said(f"UNDO {report.code}", sender=STRANGER) == f"{report.code} is taken back."
    report.refresh_from_db()
    assert report.tombstoned_at and not report.names.exclude(as_written="").exists()
    # Once a registrar has worked on it, it stays.
    settings.HAS_PUBLIC_URL, settings.PUBLIC_URL = True, "https://komek.example.org"
    answer = said("ПРОПАЛ Аман Атаев, 34 года, муж, Теджен", sender=STRANGER)
    kept = Report.objects.get(tombstoned_at=None)
    assert "https://komek.example.org/" in answer and kept.follow_key in answer
    by = actor(desk.nurjan)
    with pytest.raises(Refused, match="did not agree"):
        publish(by=by, operation=desk.operation, record=kept)
    correct_report(by=by, operation=desk.operation, report=kept, consents_to_publish=True)
    publish(by=by, operation=desk.operation, record=kept)
    said(f"UNDO {kept.code}", sender=STRANGER)
    kept.refresh_from_db()
    assert kept.tombstoned_at is None


@pytest.mark.django_db
def test_a_volunteer_tells_who_was_seen_and_who_is_safe_and_nothing_impossible_is_kept(desk: Desk) -> None:
    bound(desk.dowlet, OTHER)
    answer = said("SEEN Aman Ataev/34/M/Tejen market; SAFE", sender=OTHER)
    seen, safe = Report.objects.order_by("pk")
    assert (seen.kind, safe.kind, safe.names.get().as_written) == ("sighted", "safe", "Dowlet")
    assert seen.entered_by == desk.dowlet and seen.moderation == Moderation.WAITING, "a number may be forged"
    assert seen.follow_key not in answer and f"UNDO {safe.code}" in answer
    assert "120" in said("MISS Aman Ataev/200", sender=STRANGER)
    assert "your name" in said("SAFE", sender=STRANGER)
    assert Report.objects.count() == 2


@pytest.mark.django_db
def test_found_by_text_is_only_what_everybody_may_see_and_not_without_end(
    desk: Desk, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tell(age_from=34, age_to=34, last_seen_text="Tejen", home_text="Kaka 7")
    publish(by=actor(desk.nurjan), operation=desk.operation, record=listed)
    tell("Oguljan Ataeva")
    answer = said("FIND Аман Атаев", sender=STRANGER)
    assert answer == "Aman Ataev, 30-39: This person is missing"
    assert said("FIND Aman Ataev 34", sender=STRANGER) == answer
    nobody = said("FIND Oguljan Ataeva", sender=STRANGER)
    assert nobody.startswith("Nobody of this name") and nobody == said("FIND Merdan Berdiev", sender=STRANGER)
    assert "two names" in said("FIND Aman", sender=STRANGER)
    for second in ("Bayram", "Berdi", "Gurban"):
        more = tell(f"Aman {second} Ataev")
        publish(by=actor(desk.nurjan), operation=desk.operation, record=more)
    assert said("FIND Aman Ataev", sender=STRANGER).startswith("More people have such a name")
    cry = text("FIND us we are trapped", sender=OTHER)
    said("LANG en", sender=OTHER)
    cry.refresh_from_db()
    assert cry.why == "distress", "what began like a search was a cry"
    monkeypatch.setattr("missing_persons.public.limits.LIMITS", {"search": _few()})
    assert said("FIND Merdan Berdiev", sender=STRANGER).startswith("Many searches")
    assert Inbound.objects.filter(sender=STRANGER, state="inbox").count() == 0


def _few() -> Any:
    from missing_persons.public.limits import Limit

    return Limit(device_free=3, device_most=5, network_free=3, network_most=5)
