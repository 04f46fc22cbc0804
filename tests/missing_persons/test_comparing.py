"""New reports bring their likely pairs; who is registered in a camp becomes a suggestion, as long as it may be told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from komek.extensions import Viewer
from komek.extensions.alerts import alerts
from komek.extensions.sightings import Sighting
from missing_persons import heard
from missing_persons.comparing import compare_waiting
from missing_persons.heard import decide_sighting, hear, still_told
from missing_persons.models import SightingMatch, Status, SuggestedPair
from missing_persons.refusals import Refused
from tests.conftest import SignIn, actor
from tests.missing_persons.conftest import Desk, Tell


class Camps:
    """A plug of camps with one person in it."""

    key = "test.camps"
    title = "Camps"

    def __init__(self, site_id: int) -> None:
        self.told = {"P7"}
        self.one = Sighting("P7", ("Аман Атаев",), "male", 1985, timezone.now() - timedelta(hours=1), site_id)

    def since(self, moment: Any, operation: Any) -> list[Sighting]:
        return [self.one] if moment < self.one.seen_at else []

    def still_told(self, references: Collection[str], operation: Any) -> frozenset[str]:
        return frozenset(references) & self.told


def test_a_report_in_another_script_is_suggested_and_nobody_is_compared_twice(tell: Tell) -> None:
    one = tell("Aman Ataev", age_from=40).person
    tell("Bahar Orazowa", sex="female")
    two = tell("Атаев Аман", age_from=41, kind="found").person
    assert compare_waiting() == 3
    pair = SuggestedPair.objects.get()
    assert (pair.first, pair.second) == (one, two)
    assert {fact["field"]: fact["verdict"] for fact in pair.evidence}["sex"] == "equal"
    assert compare_waiting() == 0


def test_a_sighting_becomes_a_note_when_a_registrar_says_so_and_vanishes_when_consent_does(
    desk: Desk, tell: Tell, monkeypatch: pytest.MonkeyPatch, sign_in: SignIn
) -> None:
    from orgs.models import Site
    from tests.conftest import point

    site = Site.objects.create(
        name="Stadium camp", organisation=desk.cast.relief, operation=desk.operation, location=point(58, 38)
    )
    camps = Camps(site.pk)
    monkeypatch.setattr(heard, "sightings", [camps])
    tell("Bahar Orazowa", sex="female")
    assert hear(desk.operation) == 0
    sought = tell("Aman Ataev", age_from=40).person
    assert hear(desk.operation) == 1, "reported after the camp had registered him"
    assert hear(desk.operation) == 0
    match = SightingMatch.objects.get()
    keys = {alert.key for plug in alerts for alert in plug.alerts(Viewer(desk.nurjan, desk.operation), 20)}
    assert {"missing_persons.sightings", "missing_persons.waiting"} <= keys
    browser = sign_in(desk.nurjan)
    assert "Stadium camp" in browser.get(sought.get_absolute_url()).content.decode()
    camps.told = set()
    assert still_told([match], desk.operation) == []
    assert "Stadium camp" not in browser.get(sought.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="any more"):
        decide_sighting(by=actor(desk.nurjan), operation=desk.operation, match=match, is_same=True)
    camps.told = {"P7"}
    browser.post(f"/persons/sightings/{match.pk}/", {"answer": "same", "reason": "his brother is there"})
    sought.refresh_from_db()
    assert (sought.status, sought.public_status) == (Status.ALIVE, Status.UNCHECKED)
    note = sought.notes.get()
    assert (note.last_known_location, note.verified_how, note.moderation) == (
        str(site), "his brother is there", "hidden",
    )  # fmt: skip
    assert hear(desk.operation) == 0
