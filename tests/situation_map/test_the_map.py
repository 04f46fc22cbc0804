"""The map shows each viewer what the registries offer them, and answers what it cannot read with a sentence."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from komek.extensions import Viewer
from komek.extensions.map_layers import map_layers
from komek.operations.models import Operation
from komek.places.models import Area
from orgs.models import Damage, Site
from situation_map import features, tiles
from situation_map.asking import BadAsk, Box, read_box, read_tile, read_zoom
from situation_map.layers import legend_of
from tests.conftest import Cast, person, point, square

pytestmark = pytest.mark.django_db
WIDE = "bbox=50,30,70,45&zoom=6"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def site(cast: Cast, name: str, lon: float, lat: float, **fields: Any) -> Site:
    fields.setdefault("operation", cast.operation)
    return Site.objects.create(name=name, organisation=cast.relief, location=point(lon, lat), **fields)


def sites(client: Client, query: str = WIDE, key: str = "orgs.sites") -> Any:
    answer = client.get(f"/map/layers/{key}.geojson?{query}")
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_a_mark_leads_to_its_record_and_each_filter_leaves_out_what_it_says(cast: Cast, areas: dict[str, Area]) -> None:
    here = site(cast, "School <b>Nine</b>", 58.5, 38.5, damage=Damage.SEVERE)
    there = site(cast, "Clinic", 60.5, 38.5)
    Site.objects.filter(pk=here.pk).update(occurred_at=timezone.now() - timedelta(days=3))
    Site.objects.filter(pk=there.pk).update(occurred_at=timezone.now())
    murad = signed_in(cast.murad)
    found = sites(murad)
    assert found["total"] == 2 and found["is_gathered"] is False and found["newest"]
    mark = next(one for one in found["features"] if one["id"] == here.pk)
    assert mark["geometry"]["coordinates"] == [58.5, 38.5]
    assert mark["properties"]["url"] == here.get_absolute_url() and mark["properties"]["value"] == Damage.SEVERE
    yesterday = timezone.localdate() - timedelta(days=1)
    for query, left in (
        (f"{WIDE}&area={areas['XX11'].pk}", {here.pk}),
        (f"{WIDE}&as_of={yesterday}", {here.pk}),
        ("bbox=60,38,61,39&zoom=9", {there.pk}),
    ):
        assert {one["id"] for one in sites(murad, query)["features"]} == left, query
    table = murad.get(f"/map/layers/orgs.sites/?area={areas['XX11'].pk}").content.decode()
    assert "School &lt;b&gt;Nine" in table and "Clinic" not in table and "Only in West Town." in table
    exported = b"".join(murad.get("/map/layers/orgs.sites/?export=csv&sort=-record")).decode()  # type: ignore[call-overload]
    assert exported.index("School") < exported.index("Clinic")
    page = murad.get(f"/map/?q={here.code}").content.decode()
    assert "38.50000,58.50000,16" in page and "School &lt;b&gt;Nine" in page
    assert "West Town" in murad.get("/map/?q=XX11").content.decode()
    assert "Nothing on the map is called" in murad.get("/map/?q=nowhere-at-all").content.decode()


def test_what_a_viewer_may_not_see_is_not_sent(cast: Cast) -> None:
    drill = Operation.objects.create(slug="drill", name="Drill", is_exercise=True)
    site(cast, "Real", 58.5, 38.5)
    site(cast, "Practice", 58.6, 38.5, operation=drill)
    assert [one["properties"]["title"] for one in sites(signed_in(cast.oraz))["features"]] == ["Real"]
    trainee = person("Trainee", current_operation=drill)
    practising = signed_in(trainee)
    assert "Real" not in json.dumps(sites(practising))
    assert b"Real" not in practising.get("/map/layers/orgs.sites/tiles/0/0/0.mvt").content
    pages = (
        "/map/",
        "/map/layers/orgs.sites/",
        f"/map/layers/orgs.sites.geojson?{WIDE}",
        "/map/layers/orgs.sites/tiles/0/0/0.mvt",
    )
    for path in pages:
        assert Client().get(path).status_code == 302
        answer = signed_in(cast.pending).get(path, follow=True)
        assert answer.status_code in (403, 404) and b"Real" not in answer.content
    for path in ("/map/layers/no.such/", f"/map/layers/no.such.geojson?{WIDE}", "/map/layers/no.such/tiles/0/0/0.mvt"):
        assert signed_in(cast.aina).get(path).status_code == 404


@pytest.mark.parametrize("few", [3, 300])
def test_many_are_gathered_with_what_is_inside_and_the_tile_counts_the_same(
    few: int, cast: Cast, monkeypatch: Any
) -> None:
    monkeypatch.setattr(features, "FEW", few)
    monkeypatch.setattr(tiles, "MOST_IN_TILE", 3)
    for n in range(6):
        site(cast, f"Site {n}", 58.5 + n / 1000, 38.5, damage=Damage.SEVERE if n else Damage.NONE)
    site(cast, "Far", 64.5, 42.5)
    found = sites(signed_in(cast.aina))
    assert found["is_gathered"] and found["total"] == 7 and found["newest"]
    crowd, alone = sorted(found["features"], key=lambda one: -one["properties"].get("count", 1))
    assert crowd["properties"]["count"] == 6 and crowd["properties"]["value"] == Damage.SEVERE
    assert [n for _, n in crowd["properties"]["kinds"]] == [5, 1]
    assert alone["geometry"]["coordinates"] == [64.5, 42.5]
    close = sites(signed_in(cast.aina), "bbox=58.49,38.49,58.51,38.51&zoom=16")
    assert few == 3 or (close["total"] == 6 and not close["is_gathered"])
    tile = signed_in(cast.aina).get("/map/layers/orgs.sites/tiles/5/21/12.mvt")
    assert tile["Content-Type"] == tiles.MEDIA_TYPE and b"orgs.sites" in tile.content and b"count" in tile.content


@pytest.mark.parametrize("layer", list(map_layers), ids=lambda layer: layer.key)
def test_each_layer_has_its_features_gathered_its_tile_its_table_and_its_legend(
    layer: Any, cast: Cast, monkeypatch: Any
) -> None:
    viewer = Viewer(user=cast.aina, operation=cast.operation)
    world = Box(-180, -85, 180, 85)
    rows = layer.queryset(viewer)
    assert features.collection(layer, rows, world, 3)["is_gathered"] is False
    monkeypatch.setattr(features, "FEW", -1)  # the grid's statement is asked whether there is anything or not
    assert features.FEW == -1 and features._cells(layer, features.in_box(layer, rows, world), 1.0) == ([], None)
    assert tiles.tile(layer, rows, 0, 0, 0) == b""
    assert all(line.label and line.colour.startswith("#") for line in legend_of(layer, rows.model))
    aina = signed_in(cast.aina)
    for name in ("record", *layer.properties):
        assert aina.get(f"/map/layers/{layer.key}/?sort=-{name}&as_of=2020-01-01").status_code == 200, name
    assert layer.key in aina.get(f"/map/?layers={layer.key}").content.decode()


def test_shapes_are_sent_and_gathered_by_their_middle(cast: Cast, monkeypatch: Any) -> None:
    pytest.importorskip("camps")
    from camps.models import Camp

    Camp.objects.create(
        name="Tents", organisation=cast.relief, operation=cast.operation, location=point(58.5, 38.5), perimeter=square(58, 38)
    )  # fmt: skip
    aina = signed_in(cast.aina)
    [shape] = sites(aina, key="camps.perimeters")["features"]
    assert shape["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert sites(aina, key="camps.sites")["features"][0]["properties"]["value"] == "unknown"
    assert b"camps.perimeters" in aina.get("/map/layers/camps.perimeters/tiles/6/42/24.mvt").content
    monkeypatch.setattr(features, "FEW", 0)
    [cell] = sites(aina, key="camps.perimeters")["features"]
    assert cell["geometry"]["coordinates"] == [58.5, 38.5] and cell["properties"]["count"] == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("zoom=3", "four numbers"), ("bbox=1,2,3&zoom=3", "four numbers"), ("bbox=nan,2,3,4&zoom=3", "four numbers"),
        ("bbox=58,38,57,39&zoom=3", "two halves"), ("bbox=57,39,58,38&zoom=3", "south is not south"),
        ("bbox=-200,-95,200,95&zoom=1", "beyond the Earth"), ("bbox=1,2,3,4", "zoom is a whole number"),
        ("bbox=1,2,3,4&zoom=99", "zoom is a whole number"), (f"{WIDE}&as_of=2999-01-01", "has not come yet"),
        (f"{WIDE}&as_of=soon", "valid date"), (f"{WIDE}&area=999999", "gone"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_answered_with_a_sentence(query: str, said: str, cast: Cast) -> None:
    answer = signed_in(cast.aina).get(f"/map/layers/orgs.sites.geojson?{query}")
    assert answer.status_code == 400 and said in answer.json()["detail"]


def test_a_table_or_the_page_with_a_wrong_filter_says_so_and_keeps_what_was_typed(cast: Cast) -> None:
    for path in ("/map/layers/orgs.sites/?as_of=2999-01-01", "/map/?as_of=2999-01-01"):
        answer = signed_in(cast.aina).get(path)
        assert answer.status_code == 400
        assert "has not come yet" in answer.content.decode() and "2999-01-01" in answer.content.decode()
    for wrong in ("?at=x", "?at=1e400,0,0", "?at=nan,nan,nan", "?at=1,2", "?layers=none&layers=%00"):
        assert signed_in(cast.aina).get(f"/map/{wrong}").status_code == 200


def test_a_tile_out_of_range_is_refused() -> None:
    assert read_tile("0", "0", "0") == (0, 0, 0) and read_zoom("22") == 22
    assert read_box("-180,-90,180,90") == Box(-180, -90, 180, 90)
    for zoom, column, row in (("23", "0", "0"), ("1", "2", "0"), ("1", "0", "-1"), ("x", "0", "0"), ("٣", "0", "0")):
        with pytest.raises(BadAsk):
            read_tile(zoom, column, row)


def test_the_menu_and_the_search_box_lead_to_the_map(cast: Cast) -> None:
    aina = signed_in(cast.aina)
    assert 'href="/map/"' in aina.get("/").content.decode()
    assert "/map/?layers=orgs.sites" in aina.get("/search/?q=sites").content.decode()


def test_more_marks_cost_no_more_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    aina = signed_in(cast.aina)
    site(cast, "First", 51.5, 38.5)
    with CaptureQueriesContext(connection) as few:
        sites(aina)
    for n in range(8):
        site(cast, f"Site {n}", 52.5 + n, 38.5)
    with django_assert_max_num_queries(len(few)):
        assert sites(aina)["total"] == 9
