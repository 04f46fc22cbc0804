"""From a file to records: checked first, written once, taken back as one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from komek.accounts.authority import standing_of
from komek.accounts.roles import Role
from komek.exchange import importing
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.faults import FileFault
from komek.exchange.models import BatchState, ImportBatch
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.operations.models import Operation
from komek.places.models import Area
from komek.records.actor import Channel
from orgs.models import Activity, Contact, Organisation, Sector, Site
from orgs.naming import name_key
from tests.conftest import Cast, actor, member, point

HXL = Path(__file__).parents[1] / "data" / "hxl"


def bring(
    world: Cast, key: str, content: bytes | str, *, by: Any = None, name: str = "t.csv", **mapping: str
) -> ImportBatch:
    """Receive and check a file; ``mapping``: header → our column, where the proposal needs help."""
    resource: Any = exchange.get(key)
    data = content.encode() if isinstance(content, str) else content
    batch = importing.receive(
        by=actor(by or world.aina, Channel.IMPORT),
        operation=world.operation,
        resource=resource,
        content=data,
        name=name,
    )
    asked = {int(place): ours for place, ours in batch.mapping.items()}
    for header, ours in mapping.items():
        asked[batch.headers.index(header)] = ours
    importing.match_columns(batch, asked, create_missing=True)
    importing.check(batch)
    return batch


def exported(world: Cast, key: str, name: str) -> bytes:
    """Everything Aina sees of a table, as a file of the named format."""
    resource: Any = exchange.get(key)
    records = resource.export_queryset(Viewer(user=world.aina, operation=world.operation)).order_by("pk")
    return b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=False))


def faults(batch: ImportBatch) -> list[tuple[int, str, str]]:
    return [(row.number, fault["column"], fault["sentence"]) for row in batch.rows.all() for fault in row.faults]


@pytest.mark.parametrize("name", ["input-valid.csv", "input-valid.xlsx", "input-untagged.csv"])
def test_a_real_3w_file_in_spanish_goes_in_and_a_second_time_changes_nothing(world: Cast, name: str) -> None:
    content = (HXL / name).read_bytes()
    batch = bring(world, "orgs.activity", content, name=name)
    assert batch.counts == {"create": 4}, faults(batch)
    assert not Activity.objects.exists()
    importing.apply(batch)
    assert Activity.objects.count() == 4
    line = Activity.objects.get(area_as_given="Los Santos")
    assert (line.organisation.name, line.sector.key, line.title) == ("ACNUR", "wash", "Higiene")
    if name != "input-untagged.csv":
        assert (line.targeted, line.targeted_female, line.targeted_male) == (200, 100, 100)
    assert Organisation.objects.filter(name__in=("ACNUR", "OMS", "UNICEF")).count() == 3
    again = bring(world, "orgs.activity", content, name=name)
    assert again.counts == {"unchanged": 4}, faults(again)


def test_nothing_is_written_by_checking(world: Cast) -> None:
    bring(world, "orgs.activity", "organisation,sector,activity,area\nNew Helpers,WASH,Wells,XX11\n")
    assert not Activity.objects.exists()
    assert not Organisation.objects.filter(name="New Helpers").exists()


def test_who_imported_and_from_which_file_is_in_history(world: Cast) -> None:
    batch = bring(world, "orgs.activity", "organisation,sector,activity,area\nRelief Society,WASH,Wells,XX11\n")
    importing.apply(batch)
    context = Activity.objects.get().events.get().pgh_context
    assert (context["user"], context["channel"], context["batch"]) == (world.aina.pk, "import", str(batch.pk))


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("Relief Society,WASH,Wells,XX11,31.02.2026,5", "starts_on", "no such day"),
        ("Relief Society,Dancing,Wells,XX11,,5", "sector", "not known"),
        ("Relief Society,WASH,Wells,XX11,,minus five", "reached", "not a number"),
        ("Relief Society,WASH,Wells,XX11,,-5", "reached", "negative"),
        (",WASH,Wells,XX11,,5", "organisation", "must be filled in"),
    ],
)
def test_a_fault_is_named_by_row_and_column_and_good_rows_go_in(world: Cast, row: str, column: str, words: str) -> None:
    head = "organisation,sector,activity,area,starts,people reached\n"
    batch = bring(world, "orgs.activity", f"{head}Relief Society,WASH,Good,XX12,2026-11-01,7\n{row}\n")
    ((number, where, sentence),) = faults(batch)
    assert (number, where) == (3, column)
    assert words in sentence
    importing.apply(batch)
    assert Activity.objects.get().title == "Good"


def test_an_area_of_an_unknown_name_is_kept_as_written_and_said(world: Cast) -> None:
    batch = bring(world, "orgs.activity", "organisation,sector,activity,area\nRelief Society,WASH,Wells,Atlantis\n")
    assert "kept as it is written" in batch.rows.get().notes[0]


def test_a_row_that_may_mean_two_records_waits_for_a_person(world: Cast) -> None:
    twin = Organisation.objects.create(
        name="Relief Society", operation=world.operation, approval="approved", search_key="relief society"
    )
    batch = bring(world, "orgs.organisation", "name,website\nRelief Society,https://relief.example\n")
    row = batch.rows.get()
    assert (row.outcome, len(row.candidates)) == ("ambiguous", 2)
    importing.apply(batch)
    assert not Organisation.objects.exclude(website="").exists()
    batch = bring(world, "orgs.organisation", "name,website\nRelief Society,https://relief.example\n")
    importing.decide(batch, row.number, str(twin.pk))
    importing.check(batch)
    importing.apply(batch)
    assert Organisation.objects.get(website="https://relief.example").pk == twin.pk


def test_nobody_changes_another_organisations_record_by_importing(world: Cast) -> None:
    batch = bring(world, "orgs.organisation", f"code,name\n{world.water.code},Renamed\n", by=world.murad)
    assert "another organisation" in faults(batch)[0][2]


def test_a_mistyped_code_is_refused_and_makes_no_new_record(world: Cast) -> None:
    wrong = world.water.code[:-1] + str((int(world.water.code[-1]) + 1) % 10)
    batch = bring(world, "orgs.organisation", f"code,name\n{wrong},Water Now\n")
    assert batch.counts == {"refused": 1}


def test_a_crash_in_the_middle_doubles_nothing_and_the_next_run_finishes(
    world: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    lines = "".join(f"Relief Society,WASH,Well {number},XX11\n" for number in range(35))
    batch = bring(world, "orgs.activity", f"organisation,sector,activity,area\n{lines}")
    resource: Any = importing.resource_of(batch)
    write, calls = resource.write, []

    def failing(rows: Any, context: Any) -> None:
        calls.append(len(rows))
        write(rows, context)
        if len(calls) == 3:
            raise RuntimeError("the power went")

    monkeypatch.setattr(resource, "write", failing)
    with pytest.raises(RuntimeError):
        importing.apply(batch)
    assert Activity.objects.count() == 20
    monkeypatch.setattr(resource, "write", write)
    importing.apply(ImportBatch.objects.get(pk=batch.pk))
    assert Activity.objects.count() == 35
    batch.refresh_from_db()
    assert (batch.state, batch.counts) == (BatchState.APPLIED, {"create": 35})


def test_an_import_is_taken_back_as_one_but_not_what_changed_since(world: Cast) -> None:
    first = bring(world, "orgs.site", "name,kind,run by\nOld Store,warehouse,Relief Society\n")
    importing.apply(first)
    second = bring(
        world,
        "orgs.site",
        "name,kind,run by,capacity\nOld Store,warehouse,Relief Society,50\n"
        "New Camp,camp,Relief Society,9\nTouched,camp,Relief Society,1\n",
    )
    assert second.counts == {"create": 2, "update": 1}, faults(second)
    importing.apply(second)
    touched = Site.objects.get(name="Touched")
    touched.about = "life went on"
    touched.save()
    result = reverse_batch(by=actor(world.aina), batch=second, standing=standing_of(world.aina, world.operation))
    assert (result.removed, result.restored) == (1, 1)
    assert list(result.left.values()) == ["Somebody changed it since the import."]
    assert Site.objects.get(name="Old Store").capacity is None
    assert not Site.objects.filter(name="New Camp").exists()
    second.refresh_from_db()
    with pytest.raises(FileFault, match="only once"):
        reverse_batch(by=actor(world.aina), batch=second, standing=standing_of(world.aina, world.operation))


def test_taking_back_costs_the_same_queries_for_many_rows_and_spares_the_one_that_others_came_to(world: Cast) -> None:
    costs = []
    for count in (2, 12):
        head = "name,kind,run by,capacity,area\n"
        rows = "".join(f"Store {number},warehouse,Relief Society,5,XX11\n" for number in range(count))
        importing.apply(bring(world, "orgs.site", head + rows))
        rows = rows.replace(",5,XX11", ",6,XX11")
        changing = bring(world, "orgs.site", head + rows + rows.replace("Store", "Camp").replace("warehouse", "camp"))
        assert changing.counts == {"update": count, "create": count}, faults(changing)
        importing.apply(changing)
        with CaptureQueriesContext(connection) as asked:
            result = reverse_batch(
                by=actor(world.aina), batch=changing, standing=standing_of(world.aina, world.operation)
            )
        assert (result.removed, result.restored, result.left) == (count, count, {})
        assert set(Site.objects.values_list("capacity", "area__pcode")) == {(5, "XX11")}
        costs.append(len([sql for sql in asked.captured_queries if 'UPDATE "orgs_site"' not in sql["sql"]]))
        Site.objects.all().delete()
    assert costs[0] == costs[1]

    batch = bring(world, "orgs.site", "name,kind,run by,area\nA,camp,Relief Society,XX11\nB,camp,Relief Society,XX11\n")
    importing.apply(batch)
    used = Site.objects.get(name="A")
    Contact.objects.create(site=used, organisation=used.organisation, person="Maral", note="at the gate")
    Activity.objects.create(
        organisation=used.organisation,
        sector=Sector.objects.all()[0],
        site=used,
        area=used.area,
        operation=world.operation,
        title="Wells",
    )
    result = reverse_batch(by=actor(world.aina), batch=batch, standing=standing_of(world.aina, world.operation))
    assert list(Site.objects.values_list("name", flat=True)) == ["A"], result


def test_organisations_made_on_the_way_are_taken_back_too_unless_somebody_uses_them(world: Cast) -> None:
    batch = bring(world, "orgs.activity", (HXL / "input-valid.csv").read_bytes(), name="3w.csv")
    importing.apply(batch)
    used = Organisation.objects.get(name="OMS")
    member(world.lale, used, Role.VIEWER)
    result = reverse_batch(by=actor(world.aina), batch=batch, standing=standing_of(world.aina, world.operation))
    assert (result.removed, result.left, result.kept) == (6, {}, ["OMS (OMS)"])
    assert not Organisation.objects.filter(name__in=("ACNUR", "UNICEF")).exists()
    assert used.memberships.count() == 1


def test_an_organisation_made_on_the_way_serves_every_operation(world: Cast) -> None:
    batch = bring(world, "orgs.activity", (HXL / "input-valid.csv").read_bytes(), name="3w.csv")
    importing.apply(batch)
    assert Organisation.objects.get(name="OMS").operation is None


@pytest.mark.parametrize(
    ("longitude", "latitude", "words"),
    [
        ("38.5", "58.5", "swapped"),
        ("58.5", "138.5", "swapped"),
        ("6500000", "4500000", "projection"),
        ("58.5", "", "missing"),
    ],
)
def test_coordinates_that_cannot_be_right_are_refused(world: Cast, longitude: str, latitude: str, words: str) -> None:
    batch = bring(world, "orgs.site", f"name,run by,longitude,latitude\nWell,Relief Society,{longitude},{latitude}\n")
    assert any(words in sentence for _number, _column, sentence in faults(batch)), faults(batch)


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("key", ["orgs.site", "orgs.activity", "orgs.organisation"])
def test_what_is_exported_comes_back_unchanged(world: Cast, areas: dict[str, Area], name: str, key: str) -> None:
    Site.objects.create(
        name='=cmd|"calc"', organisation=world.relief, operation=world.operation, location=point(58.25, 38.5),
        area=areas["XX11"], about='Ýol, "köpri"; -Базар', capacity=40, capacity_unit="people",
    )  # fmt: skip
    Activity.objects.create(
        operation=world.operation, organisation=world.water, sector=Sector.objects.get(key="wash"), title="-Wells, deep",
        area=areas["XX12"], reached=12, reached_female=7, description="'quoted'",
    )  # fmt: skip
    resource: Any = exchange.get(key)
    records = resource.export_queryset(Viewer(user=world.aina, operation=world.operation)).order_by("pk")
    content = b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=False))
    batch = bring(world, key, content, name=f"x.{FORMATS[name][0]}")
    assert set(batch.counts) == {"unchanged"}, (faults(batch), list(batch.rows.values_list("changes", flat=True)))


def test_a_formula_in_a_cell_is_made_harmless_in_every_spreadsheet_export(world: Cast) -> None:
    Site.objects.create(name='=HYPERLINK("x")', organisation=world.relief, operation=world.operation)
    resource: Any = exchange.get("orgs.site")
    records = resource.export_queryset(Viewer(user=world.aina, operation=world.operation)).order_by("pk")
    text = b"".join(FORMATS["csv"][2](resource, chosen_columns(resource), records, is_exercise=False)).decode()
    assert "'=HYPERLINK" in text


@pytest.mark.parametrize("name", list(FORMATS))
def test_exercise_data_is_marked_and_refused_by_a_real_operation(
    world: Cast, exercise_operation: Operation, name: str
) -> None:
    Site.objects.create(name="Played", operation=exercise_operation)
    resource: Any = exchange.get("orgs.site")
    records = Site.objects.filter(operation=exercise_operation)
    content = b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=True))
    with pytest.raises(FileFault, match="exercise data"):
        bring(world, "orgs.site", content)


def test_the_pages_lead_from_upload_to_report(world: Cast, client: Client) -> None:
    client.force_login(world.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/exchange/").status_code == 200
    with (HXL / "input-valid.csv").open("rb") as file:
        to_mapping = client.post("/exchange/orgs.activity/import/", {"file": file})
    page = client.get(to_mapping["Location"])
    assert "Los Santos" in page.content.decode() or "Panamá" in page.content.decode()
    form = {f"column_{place}": ours for place, ours in ImportBatch.objects.get().mapping.items()}
    to_batch = client.post(to_mapping["Location"], {**form, "create_missing": "on"})
    assert "4 rows would be written" in client.get(to_batch["Location"]).content.decode()
    client.post(to_batch["Location"] + "apply/")
    assert Activity.objects.count() == 4
    client.post(to_batch["Location"] + "reverse/")
    assert not Activity.objects.exists()


@pytest.mark.parametrize("content", [b"", b"%PDF", b"name\n"])
def test_a_broken_upload_comes_back_with_a_sentence(world: Cast, client: Client, content: bytes) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(world.aina, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/exchange/orgs.site/import/", {"file": SimpleUploadedFile("x.csv", content)})
    assert response.status_code == 422
    assert not ImportBatch.objects.exists()


def test_another_persons_import_is_not_shown(world: Cast, client: Client) -> None:
    batch = bring(world, "orgs.site", "name,run by\nA,Relief Society\n", by=world.murad)
    client.force_login(world.lale, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(batch.get_absolute_url()).status_code == 404


def test_names_are_matched_across_scripts(world: Cast) -> None:
    from orgs.models import OrganisationName

    OrganisationName.objects.create(
        organisation=world.water, language="ru", name="Вода сейчас", key=name_key("Вода сейчас")
    )
    batch = bring(world, "orgs.activity", "organisation,sector,activity,area\nВода сейчас,WASH,Wells,XX11\n")
    importing.apply(batch)
    assert Activity.objects.get().organisation == world.water
    assert json.dumps(batch.counts) == '{"create": 1}'
