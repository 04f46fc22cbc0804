"""Files as other people make them: encodings, separators, banners, tags, bombs and lies."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from komek.exchange.cells import day, whole_number
from komek.exchange.faults import FileFault
from komek.exchange.readers import open_table
from komek.exchange.readers.table import normal_tag
from komek.records.spreadsheets import as_typed, harmless

HXL = Path(__file__).parents[1] / "data" / "hxl"


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["input-valid.csv", "input-valid.xlsx"])
def test_a_tagged_table_keeps_the_headers_above_its_tag_row(name: str) -> None:
    table = open_table((HXL / name).read_bytes())
    assert table.tags[1] == "#sector+es"
    assert table.headers[0].startswith("Registro")
    assert len(table.rows) == 4
    assert table.rows[0] == (
        4,
        ["001", "WASH", "Higiene", "ACNUR", "100", "100", "Panamá", "Los Santos", "1 March 2015"],
    )


def test_an_untagged_table_with_a_banner_line_finds_its_real_header() -> None:
    table = open_table((HXL / "input-untagged.csv").read_bytes())
    assert table.headers[:4] == ["Registro", "Sector/Cluster", "Subsector", "Organización"]
    assert len(table.rows) == 4


def test_a_cell_of_several_lines_stays_one_cell() -> None:
    table = open_table((HXL / "input-multiline.csv").read_bytes())
    assert table.rows == [(2, ["Line 1\nLine 2\nLine 3"])]


@pytest.mark.parametrize(
    ("encoding", "is_said"), [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("cp1251", True)]
)
def test_cyrillic_is_read_in_any_usual_encoding_and_a_guess_is_said(encoding: str, is_said: bool) -> None:
    table = open_table("Название;Район\nПункт воды Теджен;Ахал\n".encode(encoding))
    assert table.headers == ["Название", "Район"]
    assert table.rows[0][1] == ["Пункт воды Теджен", "Ахал"]
    assert bool(table.notes) == is_said


def test_western_letters_in_latin_1_are_read_and_said() -> None:
    table = open_table("name,area\nHôpital général,Émilie\n".encode("latin-1"))
    assert table.rows[0][1] == ["Hôpital général", "Émilie"]
    assert "Windows-1252" in table.notes[0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_separator_is_recognised(separator: str) -> None:
    text = separator.join(("name", "kind", "note")) + "\n" + separator.join(("a", "b", '"x, y; z"')) + "\n"
    assert open_table(text.encode()).rows[0][1] == ["a", "b", "x, y; z"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"   \n ", "empty"),
        (b"name,kind\n", "no rows"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><html><body>x</body></html>", "web page"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "web page"),
        (b"\xd0\xcf\x11\xe0 old", "XLS"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"\x00\x01\x02,\x03", "not a text table"),
        (b'{"type": "Feature"', "not valid GeoJSON"),
        (b'{"type": "FeatureCollection", "features": []}', "no features"),
        (b"<kml><Document>", "not valid KML"),
        (b'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>', "entities"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(FileFault, match=words):
        open_table(content)


def test_a_file_over_the_limit_is_refused_before_it_is_read(settings: object) -> None:
    settings.IMPORT_MAX_MB = 1  # type: ignore[attr-defined]
    with pytest.raises(FileFault, match="at most 1 MB"):
        open_table(b"a,b\n" + b"1,2\n" * 400_000)


def test_a_workbook_that_would_burst_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 2**20))
    with pytest.raises(FileFault, match="unreasonable size"):
        open_table(buffer.getvalue())


def test_dates_and_numbers_in_a_workbook_come_as_plain_text() -> None:
    from datetime import datetime

    table = open_table(workbook(("when", "people", "code"), (datetime(2026, 3, 5), 12.0, "007")))
    assert table.rows[0][1] == ["2026-03-05", "12", "007"]


def test_geojson_in_another_projection_is_refused() -> None:
    document = {
        "type": "FeatureCollection",
        "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        "features": [{}],
    }
    with pytest.raises(FileFault, match="another projection"):
        open_table(json.dumps(document).encode())


def test_kml_gives_its_data_and_its_points_and_says_that_links_are_left_out() -> None:
    table = open_table(
        b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink/><Placemark><name>Well</name><ExtendedData>'
        b'<Data name="kind"><value>water</value></Data></ExtendedData><Point><coordinates>58.4,37.9,0</coordinates></Point>'
        b"</Placemark></Document></kml>"
    )
    assert table.headers == ["name", "kind", "longitude", "latitude"]
    assert table.rows[0][1] == ["Well", "water", "58.4", "37.9"]
    assert "left out" in table.notes[0]


@given(st.text(max_size=40))
def test_what_is_made_harmless_comes_back_as_it_was(text: str) -> None:
    safe = harmless(text)
    assert as_typed(safe) == text
    assert not safe.startswith(("=", "@", "\t", "\r"))


@given(st.binary(max_size=400))
def test_no_bytes_make_a_reader_fail_other_than_with_a_sentence(content: bytes) -> None:
    try:
        open_table(content)
    except FileFault as fault:
        assert str(fault).endswith(".")


@pytest.mark.parametrize("text", ["31.02.2026", "2026-02-31", "99/99/2026"])
def test_a_day_that_does_not_exist_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="no such day"):
        day(text)


@pytest.mark.parametrize(("text", "number"), [("1 200", 1200), ("1,200", 1200), ("1200.0", 1200), ("", None), ("7", 7)])
def test_numbers_are_read_as_people_write_them(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["-5", "1.5", "many", "99999999999", "NaN", "Infinity"])
def test_a_count_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        whole_number(text)


def test_attributes_of_a_tag_come_in_any_order() -> None:
    assert normal_tag("#Org +name+ES") == normal_tag("#org+es+name")
