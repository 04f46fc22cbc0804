"""Boundary files of every kind are read alike; files that would harm or mislead are refused with a sentence."""

from __future__ import annotations

import json
import sqlite3
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.contrib.gis.gdal import CoordTransform, OGRGeometry, SpatialReference

from komek.places.boundaries import BoundaryFeature, features_of, read_layers
from komek.places.boundary_columns import LEFT_OUT, LayerMapping
from komek.places.boundary_files import BoundaryFault
from tests.places.boundary_samples import country, districts, geojson, geopackage, regions, shapefiles, write


def read(*files: tuple[str, Path]) -> dict[str, BoundaryFeature]:
    layers, _notes = read_layers(files)
    return {feature.pcode: feature for layer in layers for feature in features_of(layer)}


def projected(rows: list[dict[str, Any]], epsg: int) -> list[dict[str, Any]]:
    conversion = CoordTransform(SpatialReference(4326), SpatialReference(epsg))
    result = []
    for row in rows:
        carrier = OGRGeometry(memoryview(shapely.to_wkb(row["shape"])))
        carrier.transform(conversion)
        result.append({**row, "shape": shapely.from_wkb(bytes(carrier.wkb))})
    return result


def all_levels(tmp_path: Path, kind: str) -> list[tuple[str, Path]]:
    levels = {"adm0": country(), "adm1": regions(), "adm2": districts()}
    if kind == "GeoJSON":
        return [geojson(tmp_path / f"{name}.geojson", rows) for name, rows in levels.items()]
    if kind == "zipped GeoJSON":
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            for name, rows in levels.items():
                archive.write(geojson(tmp_path / f"{name}.json", rows)[1], f"folder/{name}.json")
        return [("all.zip", tmp_path / "all.zip")]
    if kind == "Shapefile":
        return [shapefiles(tmp_path / "all.zip", levels)]
    return [geopackage(tmp_path / "all.gpkg", levels)]


@pytest.mark.parametrize("kind", ["GeoJSON", "zipped GeoJSON", "Shapefile", "GeoPackage"])
def test_every_kind_of_file_gives_the_same_areas(tmp_path: Path, kind: str) -> None:
    found = read(*all_levels(tmp_path, kind))
    assert sorted(found) == ["XX", "XX1", "XX11", "XX12", "XX2", "XX21", "XX22"]
    assert (found["XX"].level, found["XX"].parent_pcode) == (0, "")
    west = found["XX1"]
    assert (west.level, west.parent_pcode, west.name) == (1, "XX", "West")
    assert west.names == {"en": "West", "ru": "Запад"}
    assert west.geometry.bounds == (58, 38, 60, 40)
    assert found["XX11"].aliases == ("Old West Town",)


def test_the_newer_cod_columns_and_their_stated_languages_are_understood(tmp_path: Path) -> None:
    row = {
        "adm1_name": "West", "adm1_name1": "Запад", "adm1_name2": "Ғарб", "adm1_name3": None,
        "adm1_pcode": "XX1", "adm0_name": "Testland",
        "adm0_pcode": "XX", "lang": "en", "lang1": "ru", "lang2": "uz", "valid_on": "2025-01-01", "iso_3166_2": "XX-W",
        "adm1_ref_name": "Vest", "shape": regions()[0]["shape"],
    }  # fmt: skip
    found = read(geojson(tmp_path / "xx_admin1.geojson", [row]))["XX1"]
    assert found.names == {"en": "West", "ru": "Запад", "uz-cyrl": "Ғарб"}
    assert found.aliases == ("Vest",)
    assert found.codes == {"ISO 3166": "XX-W"}


def test_a_name_whose_language_the_file_does_not_say_is_kept_as_another_name(tmp_path: Path) -> None:
    row = {"adm1_name": "West", "adm1_name1": "Batı", "adm1_pcode": "XX1", "shape": regions()[0]["shape"]}
    found = read(geojson(tmp_path / "a.geojson", [row]))["XX1"]
    assert (found.name, found.names, found.aliases) == ("West", {}, ("West", "Batı"))


def test_codes_stored_as_numbers_stay_whole(tmp_path: Path) -> None:
    row = {"ADM1_PCODE": 101, "ADM1_EN": "West", "ADM0_PCODE": None, "shape": regions()[0]["shape"]}
    assert list(read(geojson(tmp_path / "a.geojson", [row]))) == ["101"]


@pytest.mark.parametrize("epsg", [32640, 28410, 3857])
@pytest.mark.parametrize("kind", ["GeoJSON", "Shapefile", "GeoPackage"])
def test_a_stated_projection_is_converted(tmp_path: Path, kind: str, epsg: int) -> None:
    rows = projected(regions(), epsg)
    if kind == "GeoJSON":
        crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
        file = geojson(tmp_path / "a.geojson", rows, crs)
    elif kind == "Shapefile":
        file = shapefiles(tmp_path / "a.zip", {"adm1": rows}, crs=f"EPSG:{epsg}")
    else:
        file = geopackage(tmp_path / "a.gpkg", {"adm1": rows}, crs=f"EPSG:{epsg}")
    assert read(file)["XX1"].geometry.bounds == pytest.approx((58, 38, 60, 40), abs=1e-4)


def test_a_shapefile_without_projection_is_read_as_it_is_until_a_person_names_one(tmp_path: Path) -> None:
    file = shapefiles(tmp_path / "a.zip", {"adm1": projected(regions(), 32640)}, crs="EPSG:32640", without=[".prj"])
    (layer,), _notes = read_layers([file])
    assert (layer.epsg, layer.crs_text) == (None, "")
    assert features_of(layer)[0].geometry.bounds[0] > 100_000
    named = LayerMapping.from_json({**layer.mapping.as_json(), "epsg": 32640})
    assert features_of(layer, named)[0].geometry.bounds == pytest.approx((58, 38, 60, 40), abs=1e-4)
    with pytest.raises(BoundaryFault, match="EPSG:999999"):
        features_of(layer, LayerMapping.from_json({**layer.mapping.as_json(), "epsg": 999999}))


@pytest.mark.parametrize(("encoding", "without"), [("UTF-8", [".cpg"]), ("CP1251", []), ("CP1251", [".cpg"])])
def test_cyrillic_names_in_a_shapefile_survive_with_and_without_a_code_page_file(
    tmp_path: Path, encoding: str, without: list[str]
) -> None:
    file = shapefiles(tmp_path / "a.zip", {"adm1": regions()}, encoding=encoding, without=without)
    assert read(file)["XX1"].names["ru"] == "Запад"


def test_a_guessed_code_page_is_said(tmp_path: Path) -> None:
    file = shapefiles(tmp_path / "a.zip", {"adm1": regions()}, encoding="CP1251", without=[".cpg"])
    _layers, notes = read_layers([file])
    assert "CP1251" in notes[0]


def test_a_person_may_say_which_column_is_which(tmp_path: Path) -> None:
    rows = [{"kod": "XX1", "vilayet": "Ahal", "nad": "XX", "shape": regions()[0]["shape"]}]
    (layer,), _notes = read_layers([geojson(tmp_path / "a.geojson", rows)])
    assert layer.mapping.level == LEFT_OUT
    assert features_of(layer) == []
    (found,) = features_of(layer, LayerMapping(level=1, pcode="kod", parent="nad", names={"tk": "vilayet"}))
    assert (found.pcode, found.parent_pcode, found.name, found.names) == ("XX1", "XX", "Ahal", {"tk": "Ahal"})
    with pytest.raises(BoundaryFault, match="no column"):
        features_of(layer, LayerMapping(level=1, pcode="nothing"))


def test_swapped_coordinates_can_be_turned(tmp_path: Path) -> None:
    rows = [{**row, "shape": shapely.transform(row["shape"], lambda c: c[:, ::-1])} for row in regions()]
    (layer,), _notes = read_layers([geojson(tmp_path / "a.geojson", rows)])
    turned = LayerMapping.from_json({**layer.mapping.as_json(), "is_swapped": True})
    assert features_of(layer, turned)[0].geometry.bounds == (58, 38, 60, 40)


def test_layers_of_points_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    geopackage(path, {"adm1": regions()})
    write(
        path,
        [{"name": "x", "shape": shapely.Point(58, 38)}],
        driver="GPKG",
        layer="capitals",
        append=True,
        geometry_type="Point",
    )
    layers, notes = read_layers([("a.gpkg", path)])
    assert len(layers) == 1
    assert "capitals" in notes[0]


def test_a_reference_system_written_as_an_address_is_never_fetched(tmp_path: Path) -> None:
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/secret"
        for crs in (
            {"type": "link", "properties": {"href": address, "type": "ogcwkt"}},
            {"type": "URL", "properties": {"url": address}},
            {"type": "name", "properties": {"name": address}},
        ):
            (layer,), _notes = read_layers([geojson(tmp_path / "a.geojson", regions(), crs)])
            assert layer.epsg is None
            assert layer.crs_text
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


@pytest.mark.parametrize(
    "content",
    [
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read http://127.0.0.1/ ! write x"}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", ',
        '{"type": "FeatureCollection", "features": [{"a": 1}]}',
        '{"type": "FeatureCollection", "features": [[]]}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": NaN}}]}',
        '{"type": "Topology", "features": []}',
        '{"features": ' + "[" * 200_000,
        "{",
        '{"a"',
        '{"type": "FeatureCollection" "features": []}',
    ],
)
def test_what_is_not_a_feature_collection_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(content)
    with pytest.raises(BoundaryFault, match="not a valid GeoJSON"):
        read_layers([("a.geojson", path)])


def test_texts_in_another_encoding_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes('{"type": "FeatureCollection", "features": [], "name": "Köne"}'.encode("latin-1"))
    with pytest.raises(BoundaryFault, match="not a valid GeoJSON"):
        read_layers([("a.geojson", path)])


def test_an_archive_that_unpacks_to_too_much_is_stopped_whatever_it_announces(tmp_path: Path, settings: Any) -> None:
    settings.BOUNDARIES_MAX_MB = 1
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b" " * (30 * 2**20))
    assert path.stat().st_size < 100_000
    with pytest.raises(BoundaryFault, match="more than 1 MB"):
        read_layers([("bomb.zip", path)])


def test_an_archive_of_very_many_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(501):
            archive.writestr(f"{number}.txt", b"")
    with pytest.raises(BoundaryFault, match="501 files"):
        read_layers([("many.zip", path)])


def test_names_in_an_archive_that_climb_out_of_it_reach_no_other_folder(tmp_path: Path) -> None:
    _name, inner = geojson(tmp_path / "a.geojson", regions())
    path = tmp_path / "slip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "../../../../tmp/komek-slipped.geojson")
        archive.write(inner, "/etc/komek-slipped.geojson")
        archive.write(inner, "..\\komek-slipped.geojson")
    layers, _notes = read_layers([("slip.zip", path)])
    assert len(layers) == 3
    assert not Path("/tmp/komek-slipped.geojson").exists()
    assert not Path("/etc/komek-slipped.geojson").exists()


def test_an_archive_without_boundaries_says_what_to_send(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(BoundaryFault, match="zipped Shapefiles"):
        read_layers([("a.xlsx", path)])


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(BoundaryFault, match="damaged archive"):
        read_layers([("a.zip", path)])


@pytest.mark.parametrize("missing", [".dbf", ".shx"])
def test_a_shapefile_that_lacks_a_part_is_refused(tmp_path: Path, missing: str) -> None:
    file = shapefiles(tmp_path / "a.zip", {"adm1": regions()}, without=[missing])
    with pytest.raises(BoundaryFault, match=f"lacks its part {missing}"):
        read_layers([file])


def test_a_lone_shp_is_told_to_come_with_its_parts(tmp_path: Path) -> None:
    shapefiles(tmp_path / "a.zip", {"adm1": regions()})
    with pytest.raises(BoundaryFault, match="one part of a Shapefile"):
        read_layers([("adm1.shp", tmp_path / "a" / "adm1.shp")])


@pytest.mark.parametrize("content", [b"", b"ADM1_PCODE,ADM1_EN\n", b"<OGRVRTDataSource/>", b"%PDF-1.4"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(content)
    with pytest.raises(BoundaryFault, match="neither GeoJSON"):
        read_layers([("a.geojson", path)])


def test_a_geopackage_with_a_view_is_refused_because_views_call_functions(tmp_path: Path) -> None:
    name, path = geopackage(tmp_path / "a.gpkg", {"adm1": regions()})
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE VIEW evil AS SELECT * FROM adm1; UPDATE gpkg_contents SET table_name = 'evil', identifier = 'evil';"
    )
    connection.close()
    with pytest.raises(BoundaryFault, match="views"):
        read_layers([(name, path)])


def test_a_database_that_is_no_geopackage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE a (b)")
    connection.commit()
    connection.close()
    with pytest.raises(BoundaryFault, match="not a GeoPackage"):
        read_layers([("a.gpkg", path)])


def test_a_truncated_geopackage_is_refused(tmp_path: Path) -> None:
    name, path = geopackage(tmp_path / "a.gpkg", {"adm1": regions()})
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(BoundaryFault, match="damaged|cannot be read"):
        read_layers([(name, path)])


def test_too_many_areas_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("komek.places.boundaries.MAX_FEATURES", 3)
    with pytest.raises(BoundaryFault, match="more than 3 areas"):
        read_layers([geojson(tmp_path / "a.geojson", districts())])


def test_geometry_that_is_missing_or_nonsense_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    geojson(path, regions())
    document = json.loads(path.read_text())
    document["features"][0]["geometry"] = None
    document["features"][1]["geometry"] = {"type": "Polygon", "coordinates": [[[1], "x"]]}
    path.write_text(json.dumps(document))
    (layer,), _notes = read_layers([("a.geojson", path)])
    assert list(layer.shapes) == [None, None]
