"""The pages about editions: send files, see what is wrong, read them otherwise, load, compare, bring into use."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from komek.places import edition_pages, tasks
from komek.places.models import Area, BoundaryUpload, Comparison, Generation, GenerationState, UploadState
from orgs.models import Membership, Site
from tests.conftest import Cast, actor
from tests.places.boundary_samples import box, changed, country, districts, geojson, geopackage, own_code, regions

pytestmark = pytest.mark.django_db
EDITIONS = "/places/editions/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def aina(client: Client, cast: Cast) -> Client:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sent(client: Client, *files: tuple[str, Path], **fields: Any) -> Any:
    opened = [SimpleUploadedFile(name, path.read_bytes()) for name, path in files]
    return client.post(
        f"{EDITIONS}files/", {"files": opened, "country": "xx", "name": "COD 2025", "source": "OCHA", **fields}
    )


@pytest.fixture
def file(tmp_path: Path) -> tuple[str, Path]:
    split = [
        *(row for row in districts() if own_code(row) != "XX11"),
        {**districts()[0], "ADM2_PCODE": "XX13", "ADM2_EN": "North Town", "shape": box(58, 38.6, 1, 1.4)},
        {**districts()[0], "ADM2_PCODE": "XX14", "ADM2_EN": "South Town", "shape": box(58, 38, 1, 0.6)},
    ]
    return geopackage(tmp_path / "xx.gpkg", {"adm0": country(), "adm1": regions(), "adm2": split})


def test_an_edition_goes_from_files_through_the_dry_run_and_the_comparison_into_use(
    aina: Client, file: Any, areas: dict[str, Area], cast: Cast, media: Path
) -> None:
    site = Site(operation=cast.operation, organisation=cast.relief, name="Camp Lost", area=areas["XX11"])
    site.stamp(actor(cast.murad))
    site.save()

    answer = sent(aina, file)
    upload = BoundaryUpload.objects.get()
    assert answer["Location"] == upload.get_absolute_url()
    assert (upload.country, upload.state, upload.counts) == ("XX", UploadState.CHECKED, {"0": 1, "1": 2, "2": 5})
    assert Generation.objects.count() == 1
    page = aina.get(upload.get_absolute_url()).content.decode()
    assert "All 8 areas can be loaded" in page
    assert len(aina.get(f"{upload.get_absolute_url()}map.geojson").json()["features"]) == 2

    aina.post(f"{upload.get_absolute_url()}load/")
    edition = Generation.objects.get(name="COD 2025")
    assert edition.state == GenerationState.LOADED
    assert not list(media.rglob("*.*")) or not any(path.is_file() for path in (media / "boundaries").iterdir())
    assert aina.get(upload.get_absolute_url())["Location"] == edition.get_absolute_url()
    assert aina.get(f"{edition.get_absolute_url()}map.geojson").json()["features"]

    compare = f"{edition.get_absolute_url()}compare/"
    activate = f"{edition.get_absolute_url()}activate/"
    assert aina.get(activate)["Location"] == compare
    assert "Not compared yet" in aina.get(compare).content.decode()
    aina.post(compare)
    page = aina.get(f"{compare}?kind=gone").content.decode()
    assert "North Town" in page
    assert "South Town" in page
    assert "East Hills" not in page

    page = aina.get(activate).content.decode()
    assert re.search(r"sites</td><td[^>]*>0</td><td[^>]*>1</td><td[^>]*>0</td>", page)
    assert aina.post(activate).status_code == 422
    assert Generation.objects.get(pk=edition.pk).state == GenerationState.LOADED
    answer = aina.post(activate, {"confirm": "on"}, follow=True)
    assert Generation.objects.get(pk=edition.pk).state == GenerationState.ACTIVE
    page = answer.content.decode()
    assert "still point at areas" in page
    assert "Camp Lost" in page
    assert "North Town" in page

    page = aina.get(f"/places/areas/{areas['XX11'].pk}/").content.decode()
    assert "which are not in use" in page
    assert "North Town" in page


def test_faults_are_listed_by_feature_and_the_rest_is_loaded_only_on_purpose(
    aina: Client, tmp_path: Path, areas: dict[str, Area]
) -> None:
    bow = shapely.Polygon([(60, 38), (62, 40), (62, 38), (60, 40), (60, 38)])
    sent(aina, geojson(tmp_path / "adm1.geojson", changed(regions(), "XX2", shape=bow)))
    upload = BoundaryUpload.objects.get()
    page = aina.get(f"{upload.get_absolute_url()}?only=faults").content.decode()
    assert "crosses itself" in page
    assert "row 2" in page
    assert "outline of the country" not in page
    answer = aina.post(f"{upload.get_absolute_url()}load/", follow=True)
    assert "Some areas have faults" in answer.content.decode()
    assert not Generation.objects.filter(name="COD 2025").exists()
    aina.post(f"{upload.get_absolute_url()}load/", {"leave_out_faulty": "on"})
    assert sorted(Generation.objects.get(name="COD 2025").areas.values_list("pcode", flat=True)) == ["XX", "XX1"]


def test_pressing_load_twice_loads_once(aina: Client, file: Any) -> None:
    sent(aina, file)
    upload = BoundaryUpload.objects.get()
    aina.post(f"{upload.get_absolute_url()}load/")
    answer = aina.post(f"{upload.get_absolute_url()}load/", follow=True)
    assert "loaded already" in answer.content.decode()
    assert Generation.objects.count() == 1


def test_files_that_cannot_be_read_leave_a_sentence(aina: Client, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.4")
    sent(aina, ("a.pdf", path))
    upload = BoundaryUpload.objects.get()
    page = aina.get(upload.get_absolute_url()).content.decode()
    assert "neither GeoJSON nor GeoPackage" in page
    assert "can be loaded" not in page


def test_a_wrong_form_keeps_what_was_typed(aina: Client) -> None:
    answer = aina.post(f"{EDITIONS}files/", {"country": "Turkmenistan", "name": "COD 2025"})
    assert answer.status_code == 422
    assert 'value="COD 2025"' in answer.content.decode()
    assert not BoundaryUpload.objects.exists()


def test_too_large_files_are_refused_before_they_are_read(aina: Client, file: Any, settings: Any) -> None:
    settings.BOUNDARIES_MAX_MB = 0
    answer = sent(aina, file)
    assert answer.status_code == 422
    assert "MB" in answer.content.decode()
    assert not BoundaryUpload.objects.exists()


def test_a_person_says_which_column_is_which(aina: Client, tmp_path: Path, areas: dict[str, Area]) -> None:
    rows = [
        {"kod": row["ADM1_PCODE"], "nad": "XX", "ady": row["ADM1_EN"], "shape": shapely.transform(row["shape"], lambda c: c[:, ::-1])}
        for row in regions()
    ]  # fmt: skip
    sent(aina, geojson(tmp_path / "a.geojson", rows))
    upload = BoundaryUpload.objects.get()
    assert upload.usable == 0
    reading = f"{upload.get_absolute_url()}layers/"
    page = aina.get(reading).content.decode()
    assert "kod" in page
    assert "West · East" in page
    wrong = aina.post(reading, {"level_0": "1", "column_0_0": "pcode", "column_0_1": "pcode", "column_0_2": "name:tk"})
    assert wrong.status_code == 422
    assert "two columns" in wrong.content.decode()
    missing = aina.post(reading, {"level_0": "1"})
    assert "holds the P-code" in missing.content.decode()
    aina.post(
        reading,
        {"level_0": "1", "column_0_0": "pcode", "column_0_1": "parent", "column_0_2": "name:tk", "swapped_0": "on"},
    )
    upload.refresh_from_db()
    assert (upload.faults, upload.usable) == (0, 3)
    aina.post(f"{upload.get_absolute_url()}load/")
    west = Area.objects.get(generation__name="COD 2025", pcode="XX1")
    assert (west.names, west.parent and west.parent.pcode) == ({"tk": "West"}, "XX")


def test_large_files_are_checked_and_loaded_in_the_background(
    aina: Client, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("komek.places.boundary_uploads.INLINE_BELOW_BYTES", 0)
    sent(aina, file)
    upload = BoundaryUpload.objects.get()
    assert upload.state == UploadState.CHECKING
    job = ProcrastinateJob.objects.get(task_name="places.check_boundaries")
    page = aina.get(upload.get_absolute_url()).content.decode()
    assert 'id="progress"' in page
    tasks.check_boundaries(**job.args)
    assert aina.get(upload.get_absolute_url(), headers={"HX-Target": "progress"})["HX-Refresh"] == "true"
    aina.post(f"{upload.get_absolute_url()}load/")
    job = ProcrastinateJob.objects.get(task_name="places.load_boundaries")
    tasks.load_boundaries(**job.args)
    tasks.load_boundaries(**job.args)
    upload.refresh_from_db()
    assert upload.state == UploadState.LOADED
    assert Generation.objects.count() == 1


def test_who_loses_the_role_while_the_work_waits_loads_nothing(
    aina: Client, file: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("komek.places.boundary_uploads.INLINE_BELOW_BYTES", 0)
    sent(aina, file)
    upload = BoundaryUpload.objects.get()
    tasks.check_boundaries(upload_id=upload.pk)
    aina.post(f"{upload.get_absolute_url()}load/")
    Membership.objects.filter(user=cast.aina).delete()
    tasks.load_boundaries(upload_id=upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.generation) == (UploadState.CHECKED, None)
    assert "may not" in upload.problem


def test_files_that_are_gone_from_the_disk_are_asked_for_again(aina: Client, file: Any) -> None:
    sent(aina, file)
    upload = BoundaryUpload.objects.get()
    kept = upload.files.get()
    kept.file.storage.delete(kept.file.name)
    aina.post(f"{upload.get_absolute_url()}load/")
    upload.refresh_from_db()
    assert "no longer there" in upload.problem
    assert not Generation.objects.exists()


def test_large_editions_are_compared_in_the_background(
    aina: Client, file: Any, areas: dict[str, Area], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edition_pages, "COMPARED_AT_ONCE", 3)
    sent(aina, file)
    aina.post(f"{BoundaryUpload.objects.get().get_absolute_url()}load/")
    compare = f"{Generation.objects.get(name='COD 2025').get_absolute_url()}compare/"
    assert "being compared" in aina.post(compare, follow=True).content.decode()
    tasks.compare(**ProcrastinateJob.objects.get(task_name="places.compare").args)
    assert Comparison.objects.get().counts.keys() == {"gone", "added", "reshaped"}
    assert "North Town" in aina.get(compare).content.decode()


@pytest.mark.parametrize("who", ["murad", "oraz", "lale"])
def test_who_does_not_coordinate_sees_editions_and_changes_nothing(
    who: str, cast: Cast, aina: Client, file: Any, areas: dict[str, Area]
) -> None:
    sent(aina, file)
    upload = BoundaryUpload.objects.get()
    other = sign_in(getattr(cast, who))
    generation = areas["XX"].generation
    assert other.get(EDITIONS).status_code == 200
    assert other.get(generation.get_absolute_url()).status_code == 200
    assert "Send boundary files" not in other.get(EDITIONS).content.decode()
    loaded = Generation.objects.create(country="XX", name="other")
    assert sent(other, file).status_code == 403
    for path in ("", "map.geojson", "layers/"):
        assert other.get(f"{upload.get_absolute_url()}{path}").status_code == 403
    for path in (
        f"{upload.get_absolute_url()}load/",
        f"{loaded.get_absolute_url()}compare/",
        f"{loaded.get_absolute_url()}activate/",
    ):
        assert other.post(path, {"confirm": "on"}).status_code == 403


@pytest.mark.parametrize("path", ["", "files/", "files/1/", "1/", "1/compare/", "1/activate/"])
def test_the_public_is_asked_to_sign_in(client: Client, path: str) -> None:
    answer = client.get(f"{EDITIONS}{path}")
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_the_list_of_editions_keeps_its_number_of_queries(aina: Client, file: Any) -> None:
    aina.get(EDITIONS)
    with CaptureQueriesContext(connection) as few:
        aina.get(EDITIONS)
    for number in range(6):
        Generation.objects.create(country="YY", name=str(number))
        BoundaryUpload.objects.create(country="YY", name=str(number))
    with CaptureQueriesContext(connection) as many:
        aina.get(EDITIONS)
    assert len(many) == len(few)


def test_the_command_is_a_dry_run_unless_told_to_commit(
    file: Any, cast: Cast, areas: dict[str, Area], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["load_boundaries", str(file[1]), "--country", "xx", "--name", "COD 2025"]
    call_command(*options)
    said = capsys.readouterr().out
    assert "level 2: 5" in said
    assert "Nothing was written" in said
    assert Generation.objects.count() == 1
    with pytest.raises(CommandError, match="--user"):
        call_command(*options, "--commit")
    with pytest.raises(CommandError, match="may not"):
        call_command(*options, "--commit", "--user", "oraz@example.org", "--operation", "quake")
    call_command(*options, "--commit", "--user", "aina@example.org", "--operation", "quake")
    assert Generation.objects.get(name="COD 2025").state == GenerationState.LOADED


def test_the_command_takes_a_mapping_and_lists_faults(
    tmp_path: Path, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    _name, path = geojson(tmp_path / "a.geojson", [{"kod": "XX1", "shape": None}])
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"a.geojson": {"level": 0, "pcode": "kod"}}))
    call_command("load_boundaries", str(path), "--country", "XX", "--name", "a", "--mapping", str(mapping))
    assert "fault: a.geojson, row 1 XX1 : It has no boundary" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no file"):
        call_command("load_boundaries", "nothing.zip", "--country", "XX", "--name", "a")
