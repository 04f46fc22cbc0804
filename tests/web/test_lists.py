"""The list toolkit, on lists of the organisation registry: paging, order, columns, filters, bulk actions, exports."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from komek.operations.models import Operation
from komek.places.models import Area
from komek.places.reference_data import store_names
from komek.records.spreadsheets import harmless
from orgs.models import Activity, Sector, Site
from orgs.naming import search_key
from tests.conftest import Cast
from tests.web.conftest import SignIn

SITES = "/sites/"


@pytest.fixture
def many(cast: Cast) -> Cast:
    """120 sites that differ only by name; in two thirds nothing is known of the capacity."""
    for number in range(120):
        Site.objects.create(
            name=f"Site {number:03}", organisation=cast.relief, operation=cast.operation, kind="office",
            capacity=None if number % 3 else 7, search_key=search_key([f"Site {number:03}"]),
        )  # fmt: skip
    return cast


def shown(client: Client, query: str, label: str = "Name", path: str = SITES) -> list[str]:
    """One column of a page, from its table."""
    page = client.get(f"{path}?{query}").content.decode()
    cells = re.findall(rf'<td data-label="{label}"[^>]*>(.*?)</td>', page, re.S)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def exported(client: Client, query: str, path: str = SITES) -> list[list[str]]:
    response = client.get(f"{path}?export=csv&{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("sort", ["kind", "-kind", "capacity", "-capacity", "name"])
def test_pages_together_show_every_row_once_though_many_are_alike(many: Cast, sign_in: SignIn, sort: str) -> None:
    client = sign_in("aina")
    names = [name for page in (1, 2, 3) for name in shown(client, f"sort={sort}&page={page}")]
    assert len(names) == 120
    assert len(set(names)) == 120
    assert names == [row[0] for row in exported(client, f"sort={sort}&column=name")[1:]]


@pytest.mark.parametrize("sort", ["capacity", "-capacity"])
def test_what_is_not_known_comes_last_whichever_way_one_sorts(many: Cast, sign_in: SignIn, sort: str) -> None:
    first = shown(sign_in("aina"), f"sort={sort}&column=name&column=capacity", "Capacity")
    assert first[:40] == ["7"] * 40
    assert set(first[40:]) == {""}


def test_sorting_by_the_same_column_again_turns_the_order_round(many: Cast, sign_in: SignIn) -> None:
    page = sign_in("aina").get(SITES).content.decode()
    header = re.search(r'<th scope="col" aria-sort="(\w+)"><a href="([^"]+)">Name', page)
    assert header
    assert header.groups() == ("ascending", "?sort=-name")
    assert shown(sign_in("aina"), "sort=-name")[0] == "Site 119"


@pytest.mark.parametrize(
    ("query", "rows", "first"),
    [
        ("page=2", 50, "Site 050"),
        ("page=99", 20, "Site 100"),  # beyond the end: the last page, not an error
        ("page=nonsense", 50, "Site 000"),
        ("size=100", 100, "Site 000"),
        ("size=100000", 50, "Site 000"),  # nobody takes the whole table at once
        ("sort=nonsense", 50, "Site 000"),
        ("sort=-", 50, "Site 000"),
        ("column=nonsense", 50, "Site 000"),
    ],
)
def test_an_address_that_asks_for_too_much_or_nonsense_still_shows_a_page(
    many: Cast, sign_in: SignIn, query: str, rows: int, first: str
) -> None:
    names = shown(sign_in("aina"), query)
    assert (len(names), names[0]) == (rows, first)


def test_a_page_reads_only_its_own_rows_and_costs_the_same_on_every_page(many: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    client.get(SITES)

    def cost(page: int) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            client.get(SITES, {"page": page})
        full = [one["sql"] for one in queries if '"orgs_site"."landmark"' in one["sql"]]
        assert len(full) == 1
        return len(queries), full[0]

    assert cost(1)[0] == cost(3)[0]
    # The rows are fetched by their keys: what is skipped is never joined or sorted with all its columns.
    assert '"orgs_site"."id" IN (' in cost(3)[1]
    assert "OFFSET" not in cost(3)[1]


def test_filters_narrow_and_each_can_be_taken_away(many: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    Site.objects.filter(name="Site 007").update(kind="camp", damage="light")
    page = client.get(
        SITES, {"kind": "camp", "damage": "light", "is_located": "unknown", "sort": "-name"}
    ).content.decode()
    chips = re.findall(r'<li><a href="([^"]+)">([^<]+?)\s*<span', page)
    assert [(words, "kind=" in address, "damage=" in address) for address, words in chips] == [
        ("Kind: camp", False, True), ("Damage: light damage, in use", True, False)
    ]  # fmt: skip
    assert shown(client, "kind=camp") == ["Site 007"]
    page = client.get(SITES, {"kind": "camp", "damage": "destroyed"}).content.decode()
    assert "Nothing matches these filters" in page
    assert 'href="/sites/"' in page


def test_a_filter_that_cannot_be_read_says_so_and_loses_nothing(many: Cast, sign_in: SignIn) -> None:
    response = sign_in("aina").get(SITES, {"kind": "spaceship", "updated_since": "yesterday-ish"})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="errorlist"' in page
    assert 'value="yesterday-ish"' in page


def test_a_list_asked_for_by_script_is_only_the_list(many: Cast, sign_in: SignIn) -> None:
    part = sign_in("aina").get(SITES, HTTP_HX_TARGET="list", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert "Site 000" in part


def test_columns_chosen_are_kept_for_the_person_and_exported(many: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    client.get(SITES, {"column": ["name", "landmark"]})
    page = client.get(SITES).content.decode()
    assert 'data-label="Landmark"' in page
    assert 'data-label="Damage"' not in page
    assert exported(client, "")[0] == ["Name", "Landmark"]
    assert 'data-label="Damage"' in sign_in("murad").get(SITES).content.decode()


def test_the_export_holds_what_is_shown_in_its_order_and_no_formula(many: Cast, sign_in: SignIn) -> None:
    Site.objects.filter(name="Site 007").update(name="=HYPERLINK(1)", kind="camp")
    Site.objects.filter(name="Site 008").update(kind="camp")
    rows = exported(sign_in("aina"), "kind=camp&sort=-name&column=name&column=kind")
    assert rows == [["Name", "Kind"], ["Site 008", "camp"], ["'=HYPERLINK(1)", "camp"]]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+993 12", "'+993 12"), ("-5", "-5"), ("-5.5", "-5.5"), ("@x", "'@x"), ("\tx", "'\tx"),
        ("a=b", "a=b"), ("-", "'-"),
    ],
)  # fmt: skip
def test_no_spreadsheet_takes_a_text_for_a_formula(text: str, written: str) -> None:
    assert harmless(text) == written


def test_dates_are_exported_for_programs_and_shown_for_people(cast: Cast, sign_in: SignIn) -> None:
    sector = Sector.objects.create(key="x", name="X")
    Activity.objects.create(
        title="Wells",
        organisation=cast.relief,
        sector=sector,
        operation=cast.operation,
        starts_on=date(2026, 3, 4),
        area_as_given="Here",
    )
    client = sign_in("aina")
    assert shown(client, "", "Starts", "/activities/") == ["4 Mar 2026"]
    assert exported(client, "column=starts_on", "/activities/")[1] == ["2026-03-04"]


@pytest.mark.parametrize("name", ["pending", "outsider", "oraz", "aina"])
def test_the_export_is_open_to_whom_the_list_is_open_or_refused_in_words(
    many: Cast, sign_in: SignIn, name: str
) -> None:
    client = sign_in(name)
    page, file = client.get(SITES), client.get(SITES, {"export": "csv"})
    assert page.status_code == 200 or file.status_code == 403
    if file.status_code == 200:
        assert {row[0] for row in exported(client, "column=name")[1:]} == {f"Site {number:03}" for number in range(120)}
    else:
        assert "Ask a coordinator" in file.content.decode()


def test_an_export_of_an_exercise_says_so_in_its_name(
    cast: Cast, sign_in: SignIn, exercise_operation: Operation
) -> None:
    client = sign_in("aina")
    assert "EXERCISE" not in client.get(SITES, {"export": "csv"})["Content-Disposition"]
    client.post("/operations/choose/", {"operation": exercise_operation.pk})
    assert 'filename="EXERCISE-orgs-site-' in client.get(SITES, {"export": "csv"})["Content-Disposition"]


# --- Bulk actions


def old(cast: Cast) -> Any:
    """When the sites were confirmed, as a set."""
    return set(Site.objects.values_list("name", "confirmed_at"))


def test_a_bulk_action_touches_the_rows_ticked_and_no_other(many: Cast, sign_in: SignIn) -> None:
    before = old(many)
    ticked = list(Site.objects.order_by("name")[:2])
    response = sign_in("murad").post(SITES, {"action": "confirm", "pk": [row.pk for row in ticked]}, follow=True)
    assert "Confirmed: 2." in response.content.decode()
    assert {name for name, _moment in old(many) - before} == {"Site 000", "Site 001"}


def test_a_bulk_action_on_all_that_match_goes_beyond_the_page_but_not_beyond_the_filter(
    many: Cast, sign_in: SignIn
) -> None:
    before = old(many)
    Site.objects.filter(name__lt="Site 060").update(kind="camp")
    response = sign_in("murad").post(f"{SITES}?kind=camp", {"action": "confirm", "all": "on"}, follow=True)
    assert "Confirmed: 60." in response.content.decode()
    assert len(old(many) - before) == 60
    assert response.redirect_chain[-1][0] == f"{SITES}?kind=camp"


def test_a_bulk_action_without_rows_asks_for_them(many: Cast, sign_in: SignIn) -> None:
    before = old(many)
    response = sign_in("murad").post(SITES, {"action": "confirm", "pk": ["x", "0"]}, follow=True)
    assert "Tick the rows first" in response.content.decode()
    assert old(many) == before


def test_a_bulk_action_leaves_what_belongs_to_others(many: Cast, sign_in: SignIn) -> None:
    before = old(many)
    response = sign_in("lale").post(SITES, {"action": "confirm", "all": "on"}, follow=True)
    assert "belong to others: 120" in response.content.decode()
    assert old(many) == before


def test_an_action_nobody_offered_is_refused(many: Cast, sign_in: SignIn) -> None:
    assert sign_in("aina").post(SITES, {"action": "delete", "all": "on"}).status_code == 403
    assert sign_in("outsider").post(SITES, {"action": "confirm", "all": "on"}).status_code == 403


# --- Filters by name


@pytest.fixture
def placed(many: Cast, areas: dict[str, Area]) -> dict[str, Area]:
    store_names(list(areas.values()))
    Site.objects.filter(name="Site 003").update(area=areas["XX11"])
    Site.objects.filter(name="Site 004").update(area=areas["XX22"], organisation=many.water)
    for organisation in (many.relief, many.water):
        organisation.search_key = search_key([organisation.name])
        organisation.save()
    return areas


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("area={XX1}", ["Site 003"]),  # picked: by primary key, with what lies inside
        ("area=XX1", ["Site 003"]),
        ("area_text=West+Town", ["Site 003"]),  # typed, without scripts
        ("area=&area_text=east", ["Site 004"]),
        ("area_text=Hills", []),  # several are called so: none is guessed
        ("area_text=Nowhere+at+all", []),
        ("organisation_text=water", ["Site 004"]),
        ("is_located=false&area=XX2", ["Site 004"]),
        ("is_located=&area=XX2", ["Site 004"]),
    ],
)
def test_areas_and_organisations_are_filtered_by_what_people_call_them(
    placed: dict[str, Area], sign_in: SignIn, query: str, found: list[str]
) -> None:
    asked = query.format(**{code: area.pk for code, area in placed.items()})
    assert shown(sign_in("aina"), asked) == found


def test_a_filter_picked_by_name_is_shown_by_name_and_taken_away_whole(
    placed: dict[str, Area], sign_in: SignIn
) -> None:
    page = sign_in("aina").get(SITES, {"area": placed["XX11"].pk, "area_text": "West Town"}).content.decode()
    (chip,) = re.findall(r'<li><a href="([^"]*)">Area: West Town', page)
    assert "West" not in chip
    assert f"={placed['XX11'].pk}" not in chip
    assert 'name="area_text" value="West Town"' in page


def test_the_first_page_of_an_operation_without_data_says_where_to_begin(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("aina").get("/").content.decode()
    assert "Nothing is recorded in this operation yet" in page
    empty = sign_in("aina").get(SITES).content.decode()
    assert 'href="/sites/add/"' in empty
    assert 'href="/exchange/orgs.site/import/"' in empty


def test_a_new_entry_begins_with_the_organisation_one_works_for_or_asked_for(cast: Cast, sign_in: SignIn) -> None:
    def begins_with(name: str, query: str = "") -> str:
        found = re.search(
            r'name="organisation_text" value="([^"]*)"', sign_in(name).get(f"/sites/add/{query}").content.decode()
        )
        assert found
        return found.group(1)

    assert begins_with("lale") == "Water Now"
    assert begins_with("aina", f"?organisation={cast.relief.pk}") == "Relief Society"
    assert begins_with("aina", "?organisation=999999999") == ""


def test_a_workbook_of_a_list_holds_the_same_and_its_numbers_can_be_added_up(many: Cast, sign_in: SignIn) -> None:
    query = "sort=name&column=name&column=capacity"
    response = sign_in("aina").get(f"{SITES}?export=xlsx&{query}")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert rows[0] == ("Name", "Capacity")
    assert rows[1] == ("Site 000", 7)
    assert len(rows) == 121


def test_whole_records_leave_with_the_lists_filters(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("aina").get("/organisations/?kind=national_ngo").content.decode()
    address = re.search(r'href="(/exchange/orgs.organisation/export/[^"]*format=hxl[^"]*)"', page)
    assert address is not None
    response = sign_in("aina").get(address[1].replace("&amp;", "&"))
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Relief Society" in text and "Water Now" not in text
