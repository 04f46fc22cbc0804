"""What a person reads when the machine is not as it should be."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bin.host import addresses, commands, environment, faults, packages
from bin.host.cluster import Cluster, programs
from bin.host.faults import Fault
from bin.host.folders import Folders
from bin.host.steps import Stamp, run_step
from tests.host.conftest import Run

pytestmark = pytest.mark.host


def test_a_port_in_use_names_the_program_that_holds_it(komek: Callable[..., Run]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        sentence = komek(PORT=str(port)).refused()
    assert sentence.startswith(f"Port {port} is in use by process {os.getpid()} (")
    assert f"PORT={port + 1}" in sentence


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Fault, match="number from 1 to 65535"):
        addresses.web_address()


@pytest.mark.parametrize("url", ["mysql://a/b", "postgis://host", "komek", "postgis://u@h:port/db"])
def test_a_database_url_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Fault, match="looks like postgis://"):
        addresses.other_database()


def test_a_server_that_does_not_answer_is_named_without_its_password(komek: Callable[..., Run]) -> None:
    sentence = komek(DATABASE_URL="postgis://someone:secret@127.0.0.1:1/komek").refused()
    assert sentence.startswith("The database komek at 127.0.0.1:1 cannot be used: ")
    assert "DATABASE_URL" in sentence
    assert "secret" not in sentence


def test_a_server_without_postgis_is_refused(
    komek: Callable[..., Run], folder: Path, make_cluster: Callable[[Path], Cluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server whose folder of extensions lacks PostGIS: programs find their files relative to where they lie."""
    real = programs(folder / "none")
    version = real.parent.name
    bare = folder / "bare"
    shutil.copytree(real, bare / "lib" / "postgresql" / version / "bin")
    (bare / "lib" / "postgresql" / version / "lib").symlink_to(real.parent / "lib")
    shutil.copytree(
        f"/usr/share/postgresql/{version}",
        bare / "share" / "postgresql" / version,
        ignore=shutil.ignore_patterns("*postgis*", "contrib"),
    )
    monkeypatch.setattr("bin.host.cluster.programs", lambda data: bare / "lib" / "postgresql" / version / "bin")
    cluster = make_cluster(folder / "server")
    cluster.join()
    cluster.create_database("komek")
    assert "has no PostGIS" in komek(DATABASE_URL=cluster.url("komek")).refused()


def test_without_a_way_to_install_the_packages_are_listed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(packages, "missing", lambda **what: ["postgis", "gettext"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    with pytest.raises(Fault, match="Ask the administrator for: postgresql postgis gettext"):
        packages.install_missing(Folders(data=folder))


def test_the_newest_postgis_is_taken_unless_a_server_is_there_already() -> None:
    search = "".join(
        f"postgresql-{name} - Geographic objects\n" for name in ("15-postgis-3", "17-postgis-3", "18-postgis-3-scripts")
    )
    assert packages.newest_postgis(search, []) == "postgresql-17-postgis-3"
    assert packages.newest_postgis(search, [15]) == "postgresql-15-postgis-3"
    assert packages.newest_postgis(search, [13]) == "postgresql-17-postgis-3"
    assert packages.newest_postgis("", []) is None


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("W: Temporary failure resolving 'deb.debian.org'", "needs the internet"),
        ("error: Failed to fetch: `https://…`", "needs the internet"),
        ("npm error code ENOTFOUND", "needs the internet"),
        ("write failed: No space left on device", "is full"),
        ("something else\nwent wrong\n", "Its last words: went wrong"),
    ],
)
def test_what_a_step_printed_becomes_one_sentence(output: str, expected: str, folder: Path) -> None:
    with pytest.raises(Fault, match=expected):
        run_step("do it", ["sh", "-c", 'printf %s "$1"; exit 1', "sh", output], log=folder / "log", env={}, cwd=folder)


def test_a_disk_with_too_little_room_is_refused_with_both_figures() -> None:
    faults.require_space(Path("/data"), needed=500, free=500)
    with pytest.raises(Fault, match="/data has 3 MB left and Komek needs 500 MB"):
        faults.require_space(Path("/data"), needed=500 * 2**20, free=3 * 2**20)


def test_the_secret_key_is_made_once_and_private(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOMEK_SECRET_KEY", raising=False)
    folders = Folders(data=folder)
    environment.make_secret_key(folders)
    key = (folder / "secret_key").read_text()
    environment.make_secret_key(folders)
    assert (folder / "secret_key").read_text() == key
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert len(key) > 50


def test_a_stamp_is_current_only_for_its_own_fingerprint(folder: Path) -> None:
    assert not Stamp(folder, "step", "a").is_current()
    Stamp(folder, "step", "a").set()
    assert Stamp(folder, "step", "a").is_current()
    assert not Stamp(folder, "step", "b").is_current()


def test_the_libraries_of_pdf_files_are_installed_where_they_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None if name == "pangoft2-1.0" else name)
    assert "libpangoft2-1.0-0" in packages.missing(with_cluster=False, with_browser=False)
    monkeypatch.setattr("ctypes.util.find_library", lambda name: name)
    assert not {"libpango-1.0-0", "libpangoft2-1.0-0"} & set(packages.missing(with_cluster=False, with_browser=False))


def test_files_of_another_user_are_named_and_what_to_do() -> None:
    sentence = str(commands._sentence_for(PermissionError(13, "Permission denied", "/srv/komek/var/stamps/lock")))
    assert sentence.startswith("/srv/komek/var/stamps/lock may not be written by this user.")
    assert commands._sentence_for(FileNotFoundError(2, "No such file", "/x")) is None


def test_the_first_administrator_is_made_in_the_system_that_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOMEK_DATA_DIR", "/tmp/my data")
    monkeypatch.setenv("DATABASE_URL", "postgis://u:secret@db/komek")
    assert commands._same_place() == "KOMEK_DATA_DIR='/tmp/my data' DATABASE_URL=… "
    monkeypatch.delenv("KOMEK_DATA_DIR")
    monkeypatch.delenv("DATABASE_URL")
    assert commands._same_place() == ""
