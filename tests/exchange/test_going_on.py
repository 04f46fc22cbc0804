"""Imports that were stopped, rows that wait for a person, and files that say the same thing twice."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from komek.exchange import importing, tasks
from komek.exchange.keeping import forget_old_imports
from komek.exchange.models import BatchState, ImportBatch
from komek.places.models import Area
from orgs.models import Activity, Organisation, Site
from tests.conftest import Cast
from tests.exchange.test_importing import bring, exported, faults

LINE = "organisation,sector,activity,area,people reached\n"


@pytest.mark.parametrize("chunk", [1, 1000])
def test_a_row_that_says_the_same_twice_goes_in_once(world: Cast, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(importing, "CHUNK", chunk)
    names = "name,kind\nHelping Hands,un\nHELPING HANDS,un\n"
    batch = bring(world, "orgs.organisation", names)
    assert batch.counts == {"create": 1, "refused": 1}
    assert "Row 2 is about the same record" in faults(batch)[0][2]
    importing.apply(batch)
    assert Organisation.objects.filter(name__iexact="helping hands").count() == 1


@pytest.mark.parametrize("chunk", [1, 1000])
def test_lines_that_differ_only_in_people_are_both_kept_and_found_again(
    world: Cast, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(importing, "CHUNK", chunk)
    table = LINE + "Relief Society,WASH,Wells,XX11,5\nRelief Society,WASH,Wells,XX11,9\n"
    batch = bring(world, "orgs.activity", table)
    importing.apply(batch)
    assert sorted(Activity.objects.values_list("reached", flat=True)) == [5, 9]
    assert bring(world, "orgs.activity", table).counts == {"unchanged": 2}
    changed = bring(world, "orgs.activity", table.replace(",9", ",10"))
    assert changed.counts == {"unchanged": 1, "ambiguous": 1}


def test_a_site_of_the_same_name_in_another_area_is_asked_about(world: Cast, areas: dict[str, Area]) -> None:
    Site.objects.create(name="School No 1", operation=world.operation, area=areas["XX11"])
    batch = bring(world, "orgs.site", "name,kind,area\nSchool No 1,school,XX22\n")
    assert batch.counts == {"ambiguous": 1}
    importing.decide(batch, 2, "create")
    assert batch.counts == {"create": 1}
    importing.apply(batch)
    assert Site.objects.filter(name="School No 1").count() == 2


def test_a_row_left_undecided_can_be_decided_after_the_others_are_written(world: Cast, client: Client) -> None:
    Organisation.objects.create(name="Relief Society", approval="approved", search_key="relief society")
    batch = bring(world, "orgs.organisation", "name,website\nRelief Society,https://r.example\nQuite New,\n")
    importing.apply(batch)
    assert batch.counts == {"create": 1, "ambiguous": 1}
    client.force_login(world.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert "One row waits for your decision" in client.get(batch.get_absolute_url()).content.decode()
    client.post(f"{batch.get_absolute_url()}rows/2/", {"decision": str(world.relief.pk)})
    client.post(f"{batch.get_absolute_url()}apply/")
    world.relief.refresh_from_db()
    assert world.relief.website == "https://r.example"
    client.post(f"{batch.get_absolute_url()}reverse/")
    world.relief.refresh_from_db()
    assert (world.relief.website, Organisation.objects.filter(name="Quite New").exists()) == ("", False)


def test_what_would_be_made_on_the_way_is_named_before_it_is(world: Cast, client: Client) -> None:
    batch = bring(world, "orgs.activity", LINE + "Never Heard Of,WASH,Wells,XX11,5\n")
    client.force_login(world.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert batch.unknown == ["Never Heard Of"]
    assert "Never Heard Of" in client.get(batch.get_absolute_url()).content.decode()


def test_an_import_whose_machine_died_is_taken_up_again(world: Cast) -> None:
    batch = bring(world, "orgs.activity", LINE + "Relief Society,WASH,Wells,XX11,5\n")
    now = timezone.now()
    running = {"state": BatchState.APPLYING, "beat_at": now - timedelta(minutes=1)}
    ImportBatch.objects.filter(pk=batch.pk).update(**running)
    assert tasks.go_on_with_stopped(now) == 0
    assert tasks.go_on_with_stopped(now + timedelta(minutes=3)) == 1
    tasks.apply_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Activity.objects.count()) == (BatchState.APPLIED, 1)
    tasks.apply_batch(batch.pk)  # a second worker comes late
    assert Activity.objects.count() == 1


def test_a_fault_of_ours_is_said_on_the_page_and_the_import_can_go_on(
    world: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = bring(world, "orgs.activity", LINE + "Relief Society,WASH,Wells,XX11,5\n")
    resource: Any = importing.resource_of(batch)
    write = resource.write

    def failing(*_given: Any) -> None:
        raise RuntimeError("no room on the disk")

    monkeypatch.setattr(resource, "write", failing)
    client.force_login(world.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"{batch.get_absolute_url()}apply/").status_code == 302
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "A fault of ours stopped this import" in page
    monkeypatch.setattr(resource, "write", write)
    client.post(f"{batch.get_absolute_url()}apply/")
    assert Activity.objects.count() == 1


def test_a_table_behind_a_sheet_of_notes_is_found_and_another_sheet_can_be_read(world: Cast, client: Client) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Please read this first"])
    for title in ("North", "South"):
        sheet = book.create_sheet(title)
        sheet.append(["name", "kind"])
        sheet.append([f"{title} Store", "warehouse"])
    buffer = io.BytesIO()
    book.save(buffer)
    client.force_login(world.aina, backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("sheets.xlsx", buffer.getvalue())
    to_mapping = client.post("/exchange/orgs.site/import/", {"file": file})["Location"]
    assert "North Store" in client.get(to_mapping).content.decode()
    client.post(to_mapping.replace("columns", "sheet"), {"sheet": "South"})
    assert "South Store" in client.get(to_mapping).content.decode()


def test_a_tagged_export_names_the_organisation_and_comes_back_by_its_code(world: Cast) -> None:
    twin = Organisation.objects.create(name="Water Now", approval="approved", search_key="water now")
    importing.apply(bring(world, "orgs.activity", LINE + f"{twin.code},WASH,Wells,XX11,5\n"))
    text = exported(world, "orgs.activity", "hxl").decode()
    assert "#org+name" in text and "Water Now" in text
    assert bring(world, "orgs.activity", text).counts == {"unchanged": 1}


def test_a_file_of_half_a_year_ago_is_deleted_and_its_import_stays_known(world: Cast, client: Client) -> None:
    old = bring(world, "orgs.activity", LINE + "Relief Society,WASH,Wells,XX11,5\n")
    importing.apply(old)
    new = bring(world, "orgs.activity", LINE + "Relief Society,WASH,Wells,XX12,5\n")
    ImportBatch.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=181))
    storage, name = old.file.storage, old.file.name
    assert forget_old_imports() == 1
    assert not storage.exists(name)
    assert (old.rows.count(), new.rows.count()) == (0, 1)
    client.force_login(world.aina, backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"{old.get_absolute_url()}reverse/")
    assert Activity.objects.count() == 1
    assert "cannot be taken back any more" in client.get(old.get_absolute_url()).content.decode()
