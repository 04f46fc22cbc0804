"""The private cluster: made from nothing, found running, put right after a crash, shared and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bin.host import cluster as clusters
from bin.host import faults, launcher, processes
from bin.host.cluster import Cluster
from bin.host.faults import Fault
from tests.host.conftest import ask, working_below

pytestmark = pytest.mark.host
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
MakeCluster = Callable[[Path], Cluster]


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def test_a_cluster_is_made_from_nothing_and_has_postgis(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder)
    assert cluster.join()
    cluster.create_database("komek")
    cluster.create_database("komek")  # a second time changes nothing
    assert ask(cluster, "CREATE EXTENSION postgis; SELECT postgis_lib_version() >= '3'", "komek").endswith("t")
    assert ask(cluster, "SHOW listen_addresses") == ""
    assert cluster.leave()
    assert not cluster.is_running()
    assert working_below(folder) == []


def test_it_keeps_its_data_over_a_restart(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder)
    cluster.join()
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS number")
    cluster.leave()
    cluster.data.chmod(0o755)  # as a chmod -R over the checkout leaves it, which PostgreSQL refuses
    again = make_cluster(folder)
    assert again.join()
    assert ask(again, "SELECT number FROM kept") == "7"


def test_only_its_user_may_enter_the_folder_of_the_socket(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder)
    cluster.join()
    assert cluster.socket_dir.stat().st_mode & 0o077 == 0


@as_root
def test_root_hands_it_to_an_unprivileged_user(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder)
    cluster.join()
    assert Path(f"/proc/{postmaster(cluster)}").stat().st_uid not in (0,)


@as_root
def test_below_a_folder_that_only_root_may_enter_it_runs_all_the_same(folder: Path, make_cluster: MakeCluster) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    cluster = make_cluster(private / "var")
    cluster.join()
    assert ask(cluster, "SELECT 1") == "1"
    assert cluster.leave()


def test_a_long_path_gets_a_socket_elsewhere(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder / ("a-long-name-" * 10))
    cluster.join()
    assert not cluster.socket_dir.is_relative_to(folder)
    assert ask(cluster, "SELECT 1") == "1"
    cluster.leave()
    cluster.socket_dir.rmdir()


def test_a_folder_that_others_use_is_not_taken_for_the_socket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOMEK_CLUSTER_SOCKET", "/tmp")
    with pytest.raises(Fault, match="used for something else"):
        clusters.at(folder, folder / "log")


def test_it_starts_again_after_being_killed(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder)
    cluster.join()
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS number")
    ask(cluster, "CHECKPOINT")
    os.kill(postmaster(cluster), signal.SIGKILL)
    while cluster.is_running():
        time.sleep(0.02)
    assert (cluster.data / "postmaster.pid").exists()
    assert cluster.start()
    assert ask(cluster, "SELECT number FROM kept") == "7"


def test_a_lock_file_that_names_another_live_program_does_not_stop_it(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder)
    cluster.join()
    lock = cluster.data / "postmaster.pid"
    pid, _, rest = lock.read_text().partition("\n")
    os.kill(int(pid), signal.SIGKILL)
    with subprocess.Popen(["sleep", "60"], user=lock.stat().st_uid) as other:
        lock.write_text(f"{other.pid}\n{rest}")
        assert not cluster.is_running()
        assert cluster.start()
        other.kill()
    assert ask(cluster, "SELECT 1") == "1"


def test_a_zombie_does_not_count_as_running() -> None:
    with subprocess.Popen(["true"]) as child:
        while processes.state(child.pid) != "Z":
            time.sleep(0.01)
        assert not processes.is_alive(child.pid)


def test_whoever_leaves_last_stops_it(folder: Path, make_cluster: MakeCluster) -> None:
    first, second = make_cluster(folder), make_cluster(folder)
    assert first.join()
    assert not second.join()
    assert not first.leave()
    assert second.is_running()
    assert second.leave()
    assert not second.is_running()


def test_a_half_made_cluster_is_made_anew(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder)
    (cluster.home / "data.new").mkdir(parents=True)
    (cluster.home / "data.new" / "PG_VERSION").write_text("15")
    assert cluster.join()


def test_too_little_disk_is_said_before_anything_is_made(
    folder: Path, make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "free_bytes", lambda where: 120 * 2**20)
    cluster = make_cluster(folder)
    with pytest.raises(Fault, match="has 120 MB left and Komek needs 500 MB"):
        cluster.start()
    assert not cluster.data.exists()


def test_data_of_another_version_is_refused_by_name(folder: Path) -> None:
    (folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(Fault, match="PostgreSQL 9, which is not installed"):
        clusters.programs(folder)


def test_the_same_folder_always_gets_the_same_short_name() -> None:
    assert launcher.short_name(Path("/a")) == launcher.short_name(Path("/a")) != launcher.short_name(Path("/b"))


def test_free_space_is_asked_of_the_nearest_folder_that_exists(folder: Path) -> None:
    assert faults.free_bytes(folder / "not" / "yet") > 0
