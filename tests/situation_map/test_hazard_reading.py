"""Hazard feeds of every kind are read; what is broken is said with its line, and the rest lands. Nothing raises."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

from situation_map.hazards import shapes
from situation_map.hazards.alerts import Alert, Area, Circle, Fault, Info, Key, Link, Resource
from situation_map.hazards.matching import hazard_of, table
from situation_map.hazards.reading import Read, read
from situation_map.hazards.sentences import SENTENCES, sentence
from situation_map.hazards.writing import NotValid, document, element, moment_text, rings, rules_broken
from tests.situation_map.cap_rules import judge

DATA = Path(__file__).parent / "data"
FILES = sorted(file for file in DATA.iterdir() if file.suffix != ".md")
CAP = "urn:oasis:names:tc:emergency:cap:1.2"
WHEN = datetime(2026, 4, 1, 6, tzinfo=UTC)


def everything(text: str | bytes) -> list[Read]:
    found = list(read(io.BytesIO(text.encode() if isinstance(text, str) else text)))
    for each in found:
        if isinstance(each, Fault):
            assert sentence(each)
        if isinstance(each, Alert):
            # The parts are lazy: each must work on whatever was read.
            assert each.raises_alarm in (True, False) and each.shape.is_valid and hazard_of(each) is not None
    return found


def alerts(text: str | bytes) -> list[Alert]:
    return [each for each in everything(text) if isinstance(each, Alert)]


def kinds(text: str | bytes) -> list[str]:
    return [each.kind for each in everything(text) if isinstance(each, Fault)]


def cap(
    number: str = "a1", *, status: str = "Actual", kind: str = "Alert", more: str = "", area: str = "", info: str = ""
) -> str:
    return (
        f'<alert xmlns="{CAP}"><identifier>{number}</identifier><sender>met@example.org</sender>'
        f"<sent>2026-04-01T11:00:00+05:00</sent><status>{status}</status><msgType>{kind}</msgType><scope>Public</scope>{more}"
        f"<info><language>ru</language><category>Met</category><event>Сель</event><urgency>Immediate</urgency>"
        f"<severity>Severe</severity><certainty>Likely</certainty>{info}<area><areaDesc>x</areaDesc>{area}</area></info></alert>\n"
    )


def own(**changed: object) -> Alert:
    info = Info(
        language="tk",
        categories=("Met", "Geo"),
        event="Sil",
        responses=("Evacuate",),
        urgency="Immediate",
        severity="Severe",
        certainty="Likely",
        event_codes=(("GLIDE", "MS"),),
        effective=WHEN,
        expires=WHEN.replace(hour=18),
        headline="Sil <& howp>",
        description="Derýadan\nuzaklaşyň",
        web="https://komek.example/a",
        parameters=(("depth", "2 m"),),
        resources=(Resource(description="map", mime_type="image/png", size=10, uri="https://komek.example/m.png"),),
        areas=(
            Area(
                description="Magtymguly",
                polygons=(Polygon([(56, 38), (56.5, 38), (56.5, 38.5), (56, 38.5), (56, 38)]),),
                circles=(Circle(38.2, 56.2, 3.5),),
                geocodes=(("P-code", "TM01"),),
                altitude_ft=100.0,
                ceiling_ft=300.0,
            ),
        ),
    )
    alert = Alert(identifier="KMK-1", sender="komek.example", sent=WHEN, status="Actual", kind="Alert", infos=(info,))
    return dataclasses.replace(alert, **changed)


def test_agencies_real_files_are_read_and_come_back_as_they_were() -> None:
    counts = {file.name: len(alerts(file.read_bytes())) for file in FILES}
    assert counts == {"CanadaNaad.xml": 1, "australia.cap": 1, "bushfire_valid.edxlde": 59, "earthquake.cap": 1}
    for file in FILES:
        for alert in alerts(file.read_bytes()):
            written = document(alert)
            assert judge(written) == []
            (back,) = alerts(written)
            assert str(back.infos) == str(alert.infos)
            assert back.shape.equals_exact(alert.shape, 1e-6)
    (canada,) = alerts((DATA / "CanadaNaad.xml").read_bytes())
    assert canada.signature and "rsa-sha256" in canada.signature.method
    assert [info.language for info in canada.infos] == ["en-CA", "fr-CA"]
    assert canada.infos_for("ru", "fr")[0].language == "fr-CA" and canada.infos_for("ru")[0].language == "en-CA"
    assert canada.shape.contains(Point(-58.9, 47.8))
    (quake,) = alerts((DATA / "earthquake.cap").read_bytes())
    assert quake.source == "CAP 1.1" and hazard_of(quake) == "earthquake" and quake.raises_alarm
    assert quake.sent == datetime(2010, 8, 31, 5, 9, 25, tzinfo=UTC)
    assert [hazard_of(alert) for alert in alerts((DATA / "bushfire_valid.edxlde").read_bytes())].count("wild_fire") > 30


def test_alerts_stand_in_atom_rss_and_envelopes_or_behind_links() -> None:
    escaped = cap("c").replace("&", "&amp;").replace("<", "&lt;")
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>'
        f"<entry><id>1</id><content type='text/xml'>{cap('a')}</content></entry>"
        f"<entry><id>2</id><content type='html'>{escaped}</content></entry>"
        "<entry><id>3</id><title>Ветер</title><updated>2026-04-01T00:00:00Z</updated>"
        "<link href='https://e.org/page' type='text/html'/><link href='https://e.org/3.cap' type='application/cap+xml'/></entry>"
        "<entry><id>4</id><link href='javascript:alert(1)'/></entry></feed>"
    )
    found = everything(feed)
    assert [alert.identifier for alert in found if isinstance(alert, Alert)] == ["a", "c"]
    assert [link for link in found if isinstance(link, Link)] == [
        Link("https://e.org/3.cap", "Ветер", "3", datetime(2026, 4, 1, tzinfo=UTC))
    ]
    assert kinds(feed) == ["no_link"]
    rss = (
        "<rss><channel><item><title>Flood</title><link>https://e.org/1.xml</link><pubDate>Wed, 01 Apr 2026 05:00:00 +0500</pubDate>"
        "</item></channel></rss>"
    )
    assert everything(rss) == [Link("https://e.org/1.xml", "Flood", "", datetime(2026, 4, 1, tzinfo=UTC))]
    assert everything('<feed xmlns="http://www.w3.org/2005/Atom"><title>calm</title></feed>') == []
    envelope = (
        '<d:EDXLDistribution xmlns:d="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><d:distributionStatus>Exercise</d:distributionStatus>'
        f"<d:contentObject><d:xmlContent><d:embeddedXMLContent>{cap()}</d:embeddedXMLContent></d:xmlContent></d:contentObject>"
        "</d:EDXLDistribution>"
    )
    (drill,) = alerts(envelope)
    assert drill.status == "Actual" and drill.wrapped_status == "Exercise" and not drill.raises_alarm


def test_only_the_real_thing_alarms() -> None:
    def alarms(text: str) -> bool:
        (alert,) = alerts(text)
        return alert.raises_alarm

    assert alarms(cap()) and alarms(cap(kind="Update", status="actual"))
    assert not any(alarms(cap(status=status)) for status in ("Test", "Exercise", "System", "Draft", "Whatever", ""))
    assert not any(alarms(cap(kind=kind)) for kind in ("Cancel", "Ack", "Error", "Whatever"))
    assert not alarms(cap(info="<eventCode><valueName>SAME</valueName><value>RWT</value></eventCode>"))
    assert not alarms(cap().replace("<urgency>", "<responseType>AllClear</responseType><urgency>"))


def test_values_that_cannot_be_meant_are_said_and_the_alert_stands() -> None:
    odd = (
        cap(more="<references>met@example.org,a0,2026-04-01T10:00:00+05:00 nonsense</references>")
        .replace("Severe", "very bad")
        .replace("Likely", "Very Likely")
        .replace(
            "</event>", "</event><web>javascript:x</web><expires>tomorrow</expires><onset>2026-04-01T12:00:00</onset>"
        )
    )
    (alert,) = alerts(odd)
    assert alert.references == (Key("a0", "met@example.org", datetime(2026, 4, 1, 5, tzinfo=UTC)),)
    info = alert.infos[0]
    assert (info.severity, info.certainty, info.web, info.expires) == ("Unknown", "Likely", "", None)
    assert sorted(kinds(odd)) == ["no_address", "no_moment", "no_reference", "no_zone", "unknown_value"]
    assert kinds(cap().replace("<identifier>a1</identifier>", "")) == ["no_key"]
    assert kinds(cap().replace("2026-04-01T11:00:00+05:00", "9999-99-99")) == ["no_moment", "no_key"]
    assert kinds(cap().replace("cap:1.2", "cap:9.9")) == ["other_version"]
    assert kinds(cap().replace(f' xmlns="{CAP}"', "")) == ["no_namespace"]


def test_a_broken_alert_is_left_out_with_its_line_and_the_rest_lands() -> None:
    feed = '<feed xmlns="http://www.w3.org/2005/Atom">\n' + "".join(
        f"<entry><id>{number}</id><content>{cap(f'n{number}')}</content></entry>\n" for number in range(6)
    )
    broken = feed.replace("<identifier>n2</identifier>", "<identifier>n2</identifer>") + "</feed>"
    found = everything(broken)
    assert [each.identifier for each in found if isinstance(each, Alert)] == ["n0", "n1", "n3", "n4", "n5"]
    (fault,) = (each for each in found if isinstance(each, Fault))
    assert (fault.kind, fault.line, fault.is_lost) == ("broken_record", 6, True)
    assert [each.line for each in found if isinstance(each, Alert)] == [2, 4, 8, 10, 12]
    cut = everything(feed[:-400])
    assert [each.identifier for each in cut if isinstance(each, Alert)] == ["n0", "n1", "n2", "n3", "n4"]
    assert cut[-1].kind == "breaks_off"
    loose = cap().replace("Сель", "Сель &nbsp;& ветер")
    assert alerts(loose)[0].infos[0].event == "Сель & ветер" and kinds(loose) == ["loose_ampersand"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>', "doctype"),
        ('<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + cap(), "doctype"),
        ("<a>" * 100, "too_deep"),
        ("<a " + "b" * 2_000_000, "mark_too_large"),
        ("", "empty"),
        ("<html><body>503</body></html>", "not_a_feed"),
        ("Service unavailable", "not_xml"),
        ('<?xml version="1.0" encoding="martian-7"?><alert/>', "encoding"),
        ("[" * 100_000, "not_json"),
        ('{"type": "Topology"}', "not_geojson"),
    ],
)
def test_what_is_no_feed_or_would_do_harm_is_refused_with_a_sentence(text: str, kind: str) -> None:
    found = everything(text)
    assert isinstance(found[-1], Fault) and found[-1].kind == kind and found[-1].ends
    assert not [each for each in found if isinstance(each, Alert)]


def test_wrong_encodings_are_read_as_far_as_they_can_be() -> None:
    declared = '<?xml version="1.0" encoding="{}"?>'
    assert alerts((declared.format("windows-1251") + cap()).encode("cp1251"))[0].infos[0].event == "Сель"
    assert alerts((declared.format("UTF-16") + cap()).encode("utf-16"))[0].infos[0].event == "Сель"
    lying = (declared.format("ISO-8859-1") + cap()).encode()
    assert alerts(lying)[0].infos[0].event == "Сель" and kinds(lying) == ["not_that_encoding"]
    assert kinds((declared.format("UTF-8") + cap()).encode("cp1251")) == ["unreadable_letters", "unreadable_field"]


@pytest.mark.parametrize(
    ("text", "said", "inside", "outside"),
    [
        ("38,56 38,57 39,57 39,56 38,56", [], (56.5, 38.5), (58, 38.5)),
        ("38,56 38,57 39,57 39,56", ["open_ring"], (56.5, 38.5), (58, 38.5)),
        ("38,56,0 38,57,0 39,57,0 38,56,0", [], (56.8, 38.5), (56.2, 38.9)),
        ("38 56 38 57 39 57 39 56 38 56", [], (56.5, 38.5), (58, 38.5)),
        ("120,38 121,38 121,39 120,39 120,38", ["swapped"], (120.5, 38.5), (38.5, 60)),
        ("0,0 2,2 2,0 0,2 0,0", ["crosses_itself"], (1, 0.2), (0.2, 1)),
        ("-20,178 -20,-178 -15,-178 -15,178 -20,178", ["date_line"], (-179, -17), (0, -17)),
        ("-20,178 -20,182 -15,182 -15,178 -20,178", ["date_line"], (-179, -17), (0, -17)),
        ("60,-170 60,-60 60,60 60,170 60,-170", ["around_pole", "date_line"], (0, 89), (0, 50)),
        ("-90,-180 90,-180 90,180 -90,180 -90,-180", [], (56, 38), None),
    ],
)
def test_polygons_are_mended_and_said_so(text: str, said: list[str], inside: tuple, outside: tuple | None) -> None:
    parts, mended = shapes.polygon(text)
    assert mended == said
    assert any(part.contains(Point(inside)) for part in parts)
    assert outside is None or not any(part.intersects(Point(outside)) for part in parts)
    assert all(part.is_valid and part.bounds[0] >= -180 and part.bounds[2] <= 180 for part in parts)


def test_every_polygon_and_circle_is_kept_and_a_shape_that_cannot_be_is_said_alone() -> None:
    area = (
        "<polygon>38,56 38,57 39,57 38,56</polygon><polygon>40,56 40,57 41,57 40,56</polygon><polygon>1,1 2,2</polygon>"
        "<polygon>91,200 1,1 2,2 91,200</polygon><polygon>1,1 2,2 3,3 1,1</polygon><polygon>here</polygon>"
        "<circle>38,58 100</circle><circle>38,59 0</circle><circle>38,59</circle><circle>38,59 -5</circle>"
    )
    (alert,) = alerts(cap(area=area))
    (found,) = alert.infos[0].areas
    assert (len(found.polygons), len(found.circles)) == (2, 2)
    assert found.shape.contains(Point(58.9, 38.3)) and not found.shape.contains(Point(59.3, 38.3))
    assert kinds(cap(area=area)) == [
        "too_few_points",
        "off_the_earth",
        "no_area",
        "no_coordinates",
        "no_circle",
        "no_radius",
    ]
    # A scrawl of a thousand lines is not mended for minutes: its hull stands for it.
    scrawl = " ".join(f"{37 * number % 89},{73 * number % 179}" for number in range(1000))
    assert "tangled" in shapes.polygon(scrawl)[1]
    across = shapes.outline(-17.0, 179.9, 50)
    assert across.contains(Point(-179.9, -17)) and across.is_valid and across.area < 1
    assert shapes.outline(89.0, 10.0, 500).contains(Point(-170, 88))


def test_earthquakes_of_the_usgs_are_alerts() -> None:
    told = {
        "mag": 6.1,
        "place": "10 km E of Baharly",
        "time": 1775023200000,
        "updated": 1775026800000,
        "alert": "orange",
    }
    told |= {
        "status": "reviewed",
        "type": "earthquake",
        "title": "M 6.1 - Baharly",
        "url": "https://e.org/q",
        "tsunami": 0,
    }
    feature = {
        "type": "Feature",
        "id": "us1",
        "properties": told,
        "geometry": {"type": "Point", "coordinates": [57.4, 38.4, 9.5]},
    }
    odd = {
        "type": "Feature",
        "id": "us2",
        "properties": {**told, "alert": "mauve", "updated": 1e99},
        "geometry": {"type": "Point"},
    }
    found = everything(json.dumps({"type": "FeatureCollection", "features": [feature, odd, 7, {"id": "x"}]}))
    first, second = (each for each in found if isinstance(each, Alert))
    assert (first.identifier, first.sender, first.source, first.infos[0].level) == (
        "us1",
        "earthquake.usgs.gov",
        "USGS",
        "orange",
    )
    assert ("mag", "6.1") in first.infos[0].parameters and ("depth_km", "9.5") in first.infos[0].parameters
    assert first.shape.equals(Point(57.4, 38.4)) and hazard_of(first) == "earthquake" and first.raises_alarm
    assert first.sent == datetime(2026, 4, 1, 7, tzinfo=UTC) and second.sent == datetime(2026, 4, 1, 6, tzinfo=UTC)
    paths = [each.path for each in found if isinstance(each, Fault)]
    assert paths == [
        *("features[1].properties.updated", "features[1].properties.alert", "features[1].geometry"),
        *("features[2].id", "features[3].id"),
    ]
    for colour, magnitude, alarms in (
        ("green", 6.1, False),
        (None, 6.1, True),
        (None, 3.0, False),
        ("yellow", 3.0, True),
    ):
        told |= {"alert": colour, "mag": magnitude}
        assert alerts(json.dumps(feature))[0].raises_alarm is alarms


def test_events_of_gdacs_are_alerts() -> None:
    item = (
        "<item><title>Orange flood alert in Turkmenistan</title><description>&lt;b&gt;Flood&lt;/b&gt;</description>"
        "<link>https://www.gdacs.org/report.aspx?eventid=7</link><pubDate>Wed, 01 Apr 2026 06:00:00 GMT</pubDate>"
        "<g:fromdate>Tue, 31 Mar 2026 00:00:00 GMT</g:fromdate><g:eventtype>FL</g:eventtype><g:eventid>7</g:eventid>"
        "<g:alertlevel>Orange</g:alertlevel><g:iscurrent>true</g:iscurrent><g:country>Turkmenistan</g:country>"
        '<g:severity unit="" value="1.5">Magnitude 1.5</g:severity><r:point>38.4 56.2</r:point>'
        "<g:glide>FL-2026-000012-TKM</g:glide></item>"
    )
    head = '<rss xmlns:g="http://www.gdacs.org" xmlns:r="http://www.georss.org/georss"><channel>'
    feed = f"{head}{item}{item.replace('Orange<', 'Pink<').replace('>true<', '>false<')}</channel></rss>"
    first, second = alerts(feed)
    assert first.key == Key("FL7", "gdacs.org", WHEN) and first.incidents == ("FL-2026-000012-TKM",)
    assert hazard_of(first) == "flood" and first.shape.equals(Point(56.2, 38.4)) and first.raises_alarm
    assert (first.infos[0].level, first.infos[0].severity, first.infos[0].description) == ("orange", "Unknown", "Flood")
    assert ("severity.value", "1.5") in first.infos[0].parameters
    assert second.kind == "Cancel" and kinds(feed) == ["unknown_value"]


def test_each_hazard_of_the_table_is_one_that_operations_know() -> None:
    path = Path(__file__).parents[2] / "komek" / "operations" / "data" / "hazard_types.json"
    known = {hazard["key"] for hazard in json.loads(path.read_text(encoding="utf-8"))}
    led = {key for scheme in table()["codes"].values() for key in scheme.values()} | {
        key for key, _words in table()["words"]
    }
    assert led <= known

    def called(event: str) -> str:
        return hazard_of(own(infos=(dataclasses.replace(own().infos[0], event=event, headline="", event_codes=()),)))

    assert (
        called("Сель, Балкан") == "mudflow"
        and called("Сельское хозяйство") == ""
        and called("Flash Flood Warning") == "flash_flood"
    )
    assert called("Vessel adrift") == "" and called("Сильный ветер") == "storm"


def test_our_own_alerts_are_valid_and_come_back() -> None:
    for alert in (
        own(),
        own(kind="Cancel", references=(own().key,), infos=(), incidents=("two words", "one")),
        own(scope="Private", addresses=("a@example.org", "Second Person")),
    ):
        written = document(alert)
        assert judge(written) == []
        assert [each for each in everything(written) if not isinstance(each, Fault)] == [alert]
        assert alerts(
            f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{element(alert)}</entry></feed>'
        ) == [alert]
    assert moment_text(WHEN) == "2026-04-01T06:00:00-00:00"
    hole = Point(56, 38).buffer(1).difference(Point(56, 38).buffer(0.5))
    cut = [shapes.polygon(ring)[0][0] for ring in rings([hole])]
    assert len(cut) == 2 and abs(sum(part.area for part in cut) - hole.area) < 1e-4


def test_an_alert_that_breaks_a_rule_is_not_written() -> None:
    info = own().infos[0]
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    for broken in (
        own(identifier="a b"),
        own(sender=""),
        own(status="Real"),
        own(scope="Restricted"),
        own(scope="Private"),
        own(kind="Update"),
        own(infos=()),
        own(sent=WHEN.replace(tzinfo=None)),
        own(infos=(dataclasses.replace(info, categories=()),)),
        own(infos=(dataclasses.replace(info, event=" "),)),
        own(infos=(dataclasses.replace(info, severity="Bad"),)),
        own(infos=(dataclasses.replace(info, expires=WHEN),)),
        own(infos=(dataclasses.replace(info, areas=(Area(),)),)),
        own(infos=(dataclasses.replace(info, areas=(Area(description="x", polygons=(bow,)),)),)),
        own(infos=(dataclasses.replace(info, areas=(Area(description="x", circles=(Circle(91, 0, 1),)),)),)),
    ):
        assert len(rules_broken(broken)) == 1
        with pytest.raises(NotValid):
            document(broken)


FRAGMENTS = st.sampled_from(
    [
        cap(),
        "<alert>",
        "</alert>",
        "<entry>",
        "<item>",
        "&",
        "<polygon>",
        "</info>",
        "]]>",
        "\x00",
        "<!--",
        "<![CDATA[",
        "\n",
        "{",
        "é",
    ]
)
NUMBERS = st.one_of(st.floats(), st.integers(-400, 400), st.sampled_from([90, -90, 180, -180, 360]))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_feed_raises_anything(data: st.DataObject) -> None:
    base = data.draw(
        st.sampled_from(
            [cap(area="<polygon>1,1 1,2 2,2 1,1</polygon>"), '{"type":"Feature","id":"a","properties":{}}', ""]
        )
    )
    text = base.encode()
    at = data.draw(st.integers(0, len(text)))
    more = data.draw(
        st.one_of(st.binary(max_size=20), st.lists(FRAGMENTS, max_size=6).map(lambda parts: "".join(parts).encode()))
    )
    everything(text[:at] + more + text[at + data.draw(st.integers(0, 30)) :])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=12))
def test_any_polygon_is_valid_within_the_earth_or_said_to_be_none(points: list[tuple[float, float]]) -> None:
    try:
        parts, mended = shapes.polygon(" ".join(f"{first},{second}" for first, second in points))
    except shapes.NoShape as problem:
        assert str(SENTENCES[problem.kind]) % problem.said
        return
    assert parts and set(mended) <= set(SENTENCES)
    for part in parts:
        west, south, east, north = part.bounds
        assert part.is_valid and west >= -180 and east <= 180 and south >= -90 and north <= 90


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3),
    )
)
def test_no_value_of_an_earthquake_raises_anything(value: object) -> None:
    told = dict.fromkeys(("time", "updated", "alert", "status", "mag", "title", "url", "type", "place"), value)
    for feature in (
        {"type": "Feature", "id": value, "properties": told},
        {
            "type": "Feature",
            "id": "a",
            "properties": {**told, "updated": 0},
            "geometry": {"type": "Point", "coordinates": value},
        },
        {"type": "Feature", "id": "a", "properties": value, "geometry": value},
    ):
        everything(json.dumps(feature))
