"""SOS and REP: calls for help and reports of trouble by a text."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from komek.extensions import Viewer
from komek.extensions.intake import Taken, intake
from komek.messaging.alerts import TextAlerts
from komek.messaging.inbound.handling import work_off
from komek.messaging.models import Inbound, InboundLine, InboundState, WhyInbox
from komek.messaging.report_words import Reported, read_report
from komek.places.models import Area
from komek.places.reference_data import store_names
from tests.conftest import Cast
from tests.messaging.conftest import STRANGER, answer_to, said, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Tejen bridge flood 4 two houses", Reported("flood", 4, "Tejen bridge", "two houses")),
        ("Теджен пожар 3/5 горит склад", Reported("fire", 3, "Теджен", "горит склад")),
        ("flood Tejen", Reported("flood", 0, "", "Tejen")),
        ("C1143 road sev 2, tree", Reported("road", 2, "C1143", "tree")),
        ("everything is bad here", Reported("", 0, "", "everything is bad here")),
        ("Tejen flood 400 houses", Reported("flood", 0, "Tejen", "400 houses")),
    ],
)
def test_a_report_is_read_as_where_what_and_how_bad(words: str, read: Reported) -> None:
    assert read_report(words) == read


def test_sos_is_answered_with_the_emergency_number_and_the_place_and_waits_before_all_else(
    cast: Cast, areas: dict[str, Area], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("my cat is nice today", sender="+99365000001")
    reply = said("SOS 38.51, 58.52 water rises", sender=STRANGER)
    assert "Call 112" in reply and "38.51, 58.52" in reply
    assert "Write where you are" in said("sos", sender=STRANGER)
    inbound = Inbound.objects.filter(sender=STRANGER).earliest("pk")
    assert (inbound.state, inbound.why) == (InboundState.INBOX, WhyInbox.DISTRESS)
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/messaging/").content.decode()
    assert page.index("water rises") < page.index("my cat")
    assert "coordinates in the text" in client.get(f"/messaging/texts/{inbound.pk}/").content.decode()
    alert = TextAlerts().alerts(Viewer(user=cast.aina, operation=cast.operation), 5)[0]
    assert (alert.urgency, "2 may be" in str(alert.detail)) == (95, True)
    monkeypatch.setattr("komek.messaging.report_commands.place_at_start", lambda *a, **k: 1 / 0)
    broken = text("SOS now", sender="+99365000002")
    assert "Call 112" in said("SOS again", sender="+99365000002")
    broken.refresh_from_db()
    assert broken.why == WhyInbox.DISTRESS
    for number in range(30):
        text(f"MORE {number}", sender="+99365000003")
    flooded = text("SOS Tejen", sender="+99365000003")
    said("x", sender="+99365000003")
    flooded.refresh_from_db()
    assert flooded.why == WhyInbox.DISTRESS


def test_a_report_is_kept_with_what_was_understood_until_its_sender_takes_it_back(
    cast: Cast, areas: dict[str, Area], client: Client
) -> None:
    store_names([areas["XX21"]])
    place = areas["XX21"].name
    reply = said(f"REP {place} flood 4 two houses", sender=STRANGER)
    line = InboundLine.objects.get(verb="REP")
    assert "flood, 4 of 5" in reply and place in reply and f"UNDO {line.undo}" in reply
    assert (line.memo["kind"], line.memo["severity"], line.inbound.why) == ("flood", 4, WhyInbox.REPORT)
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/messaging/texts/{line.inbound_id}/").content.decode()
    assert "flood 4/5" in page and "a name in the text" in page
    assert "Nothing you sent" in said(f"UNDO {line.undo}", sender="+99365000009")
    assert "taken back" in said(f"UNDO {line.undo}", sender=STRANGER)
    line.inbound.refresh_from_db()
    assert line.inbound.state == InboundState.HANDLED
    said("REP beyond the third hill fire", sender=STRANGER)
    again = InboundLine.objects.filter(verb="REP").latest("pk")
    assert "beyond the third hill" in again.memo["place"]
    client.post(f"/messaging/texts/{again.inbound_id}/", {"what": "claim"})
    assert "works on your report" in said(f"UNDO {again.undo}", sender=STRANGER)
    assert "such as: REP" in said("REP 7", sender=STRANGER)


def test_a_registry_that_takes_reports_gets_them_instead_of_the_inbox(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Map:
        key, title = "incidents", "Incident"

        def take_report(self, *, by: Any, operation: Any, report: Any) -> Taken:
            assert (report.kind, report.severity, operation) == ("fire", 2, cast.operation)
            return Taken("I0014", "/x/")

        def take_back_report(self, *, by: Any, reference: str) -> str:
            return f"{reference} gone"

    monkeypatch.setattr(intake, "_plugs", {**intake.plugs(), "incidents": Map()})
    inbound = text("REP nowhere fire 2", sender=STRANGER)
    work_off()
    inbound.refresh_from_db()
    assert inbound.state == InboundState.DONE and "I0014: fire" in answer_to(inbound)
    assert said("UNDO", sender=STRANGER) == "I0014 gone"
