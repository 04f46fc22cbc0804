"""Camps and headcounts as tables: back and forth without a change, repeated rows, faults in words, who may."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from camps.headcounts import report_headcount
from camps.models import Access, Camp, CampType, Headcount, HeadcountStanding
from komek.accounts.authority import standing_of
from komek.exchange import importing
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.models import ImportBatch
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.operations.models import HazardType
from komek.records.actor import Channel
from orgs.models import Site, SiteKind
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor, square


def bring(cast: Cast, key: str, content: str | bytes, name: str = "t.csv", by: Any = None) -> ImportBatch:
    """Receive, check and write a file."""
    who = by or cast.aina
    batch = importing.receive(
        by=actor(who, Channel.IMPORT), operation=cast.operation, resource=exchange.get(key),
        content=content.encode() if isinstance(content, str) else content, name=name,
    )  # fmt: skip
    importing.match_columns(batch, {int(place): ours for place, ours in batch.mapping.items()}, create_missing=False)
    importing.check(batch)
    return batch


def written(cast: Cast, batch: ImportBatch, by: Any = None) -> ImportBatch:
    importing.apply(batch)
    batch.refresh_from_db()
    return batch


def sentences(batch: ImportBatch) -> str:
    return " ".join(fault["sentence"] for row in batch.rows.all() for fault in row.faults)


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("key", ["camps.camp", "camps.headcount"])
def test_what_is_exported_comes_back_unchanged(camps: CampCast, cast: Cast, name: str, key: str) -> None:
    Camp.objects.filter(pk=camps.camp.pk).update(
        access=Access.OFF_ROAD, about="=1+1", landmark="Köpri, «базар»", perimeter=square(58.4, 38.2, 0.003)
    )
    camps.camp.supporting.set([cast.water, cast.ministry])
    camps.camp.hazards.set([HazardType.objects.create(key=key, name=key.title()) for key in ("flood", "landslide")])
    for days, people in ((3, 400), (1, 420)):
        report_headcount(
            by=actor(camps.bahar), operation=cast.operation, camp=camps.camp, people=people, households=people // 5, female=200,
            occurred_at=timezone.now() - timedelta(days=days), note="evening", pregnant=4,
        )  # fmt: skip
    resource: Any = exchange.get(key)
    records = resource.export_queryset(Viewer(user=cast.aina, operation=cast.operation)).order_by("pk")
    content = b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=False))
    batch = bring(cast, key, content, name=f"x.{FORMATS[name][0]}")
    assert set(batch.counts) == {"unchanged"}, (sentences(batch), list(batch.rows.values_list("changes", flat=True)))


RING = [[58.4, 38.2], [58.41, 38.2], [58.41, 38.21], [58.4, 38.2]]
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Field 7</name><Polygon><outerBoundaryIs><LinearRing>'
    "<coordinates>%s</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
)


def outline(ring: list[list[float]], kind: str) -> str:
    if kind == "kml":
        return KML % " ".join(f"{x},{y},0" for x, y in ring)
    feature = {
        "type": "Feature",
        "properties": {"name": "Field 7"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


@pytest.mark.parametrize("kind", ["geojson", "kml"])
def test_outlines_from_a_map_become_perimeters_with_a_point_inside(camps: CampCast, cast: Cast, kind: str) -> None:
    written(cast, bring(cast, "camps.camp", outline(RING, kind), name=f"sites.{kind}"))
    field = Camp.objects.get(name="Field 7")
    assert field.perimeter.num_coords == 4
    assert field.perimeter.contains(field.location)


def test_an_outline_far_from_its_site_or_crossing_itself_is_refused_in_words(camps: CampCast, cast: Cast) -> None:
    text = "name,latitude,longitude,perimeter\nStadium camp,,,%s\n"
    shape = json.dumps({"type": "Polygon", "coordinates": [[[60, 40], [60.1, 40], [60.1, 40.1], [60, 40]]]})
    for cell, words in (
        (shape, "km away from the site"), (shape.replace("40.1", "39").replace("60.1, 40]", "60.1, 41]"), "crosses|km away"),
        ('{"type": "Polygon"', "broken off"), ("somewhere", "coordinates|degrees|perimeter"),
    ):  # fmt: skip
        batch = bring(cast, "camps.camp", text % ('"' + cell.replace('"', '""') + '"'))
        assert any(word in sentences(batch) for word in words.split("|")), sentences(batch)
    assert Camp.objects.get(name="Stadium camp").perimeter is None


def test_new_camps_come_in_with_codes_and_a_known_site_is_taken_over(camps: CampCast, cast: Cast) -> None:
    site = Site.objects.create(
        name="City hospital", kind=SiteKind.HOSPITAL, organisation=cast.relief, operation=cast.operation
    )
    batch = written(cast, bring(cast, "camps.camp", (
        "name,kind of site,run by,capacity,latitude,longitude\n"
        "Field 7,spontaneous,Relief Society,300,38.2,58.4\n"
        "City hospital,hospital,Relief Society,120,38.3,58.5\n"
    )))  # fmt: skip
    field, hospital = Camp.objects.get(name="Field 7"), Camp.objects.get(name="City hospital")
    assert (field.camp_type, field.capacity, field.kind, field.code[0]) == (
        CampType.SPONTANEOUS,
        300,
        SiteKind.CAMP,
        "C",
    )
    assert (hospital.code, hospital.camp_type, hospital.capacity) == (site.code, CampType.HOSPITAL, 120)
    assert Site.objects.filter(name="City hospital").count() == 1
    assert field.states.get().channel == Channel.IMPORT
    again = bring(cast, "camps.camp", b"name,kind of site,run by,capacity\nField 7,spontaneous,Relief Society,300\n")
    assert set(again.counts) == {"unchanged"}, sentences(again)
    assert batch.counts["create"] == 1


def test_headcounts_of_a_file_are_added_once_and_jumps_wait(camps: CampCast, cast: Cast) -> None:
    day = (timezone.localdate() - timedelta(days=2)).isoformat()
    later = (timezone.localdate() - timedelta(days=1)).isoformat()
    text = f"site,date,people,households\nStadium camp,{day},400,80\n{camps.camp.code},{later},900,180\n"
    written(cast, bring(cast, "camps.headcount", text))
    standings = dict(Headcount.objects.values_list("people", "standing"))
    assert standings == {400: HeadcountStanding.ACCEPTED, 900: HeadcountStanding.QUESTIONED}
    again = bring(cast, "camps.headcount", text)
    assert set(again.counts) == {"unchanged"}
    twice = written(cast, bring(cast, "camps.headcount", "site,date,people\n" + "School 12,2026-01-01,90\n" * 2))
    assert "Row 2 is about the same record" in sentences(twice)
    assert Headcount.objects.count() == 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Stadium camp,2026-02-31,400,80", "no such day"),
        ("Stadium camp,2099-01-01,400,80", "in the future"),
        ("Stadium camp,2026-01-01,-3,", "negative|whole number"),
        ("Stadium camp,2026-01-01,40,80", "more households than people"),
        ("Nowhere,2026-01-01,40,8", "is not known"),
        ("C1234,2026-01-01,40,8", "is not known"),
        ("Stadium camp,2026-01-01,,8", "must be filled in"),
    ],
)
def test_a_faulty_row_is_refused_in_words_and_writes_nothing(camps: CampCast, cast: Cast, row: str, words: str) -> None:
    batch = written(cast, bring(cast, "camps.headcount", f"site,date,people,households\n{row}\n"))
    assert any(word in sentences(batch) for word in words.split("|")), sentences(batch)
    assert not Headcount.objects.exists()


def test_nobody_imports_headcounts_or_camps_for_another_organisation(camps: CampCast, cast: Cast) -> None:
    batch = bring(cast, "camps.headcount", "site,date,people\nStadium camp,2026-01-01,40\n", by=cast.lale)
    assert "belongs to another organisation" in sentences(batch)
    batch = bring(cast, "camps.camp", "name,kind of site,run by\nMine,planned,Relief Society\n", by=cast.lale)
    assert "belongs to another organisation" in sentences(batch)


def test_an_import_of_camps_is_taken_back_as_one(camps: CampCast, cast: Cast) -> None:
    batch = written(cast, bring(cast, "camps.camp", "name,kind of site,run by\nField 7,spontaneous,Relief Society\n"))
    result = reverse_batch(by=actor(cast.aina), batch=batch, standing=standing_of(cast.aina, cast.operation))
    assert (result.removed, result.left) == (1, {})
    assert not Site.objects.filter(name="Field 7").exists()
