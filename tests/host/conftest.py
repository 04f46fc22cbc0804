"""Clusters and servers in folders of their own, gone after each test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bin.host import cluster as clusters
from bin.host import processes
from bin.host.cluster import Cluster
from bin.host.folders import ROOT

pytestmark = pytest.mark.host


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """These tests bring their own servers."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user can reach, unlike pytest's own, with a short name since sockets lie in it."""
    made = Path(tempfile.mkdtemp(prefix="kh-"))
    made.chmod(0o755)
    yield made
    processes.end_all(lambda: working_below(made), patience_s=5)
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def make_cluster() -> Iterator[Callable[[Path], Cluster]]:
    """A cluster without fsync; stopped afterwards."""
    made: list[Cluster] = []

    def make(data_dir: Path) -> Cluster:
        data_dir.mkdir(parents=True, exist_ok=True)
        cluster = clusters.at(data_dir, data_dir / "postgres.log", is_durable=False)
        made.append(cluster)
        return cluster

    yield make
    for cluster in made:
        cluster.stop()


def ask(cluster: Cluster, sql: str, database: str = "postgres") -> str:
    """What the cluster answers through its socket."""
    command = [
        str(cluster.program("psql")),
        "-h",
        str(cluster.socket_dir),
        "-U",
        "postgres",
        "-d",
        database,
        "-Atc",
        sql,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def working_below(folder: Path) -> list[int]:
    """Live processes that work in ``folder`` or carry it in their environment."""
    found = []
    for pid in processes.pids():
        try:
            cwd = (processes.PROC / str(pid) / "cwd").readlink()
            environ = (processes.PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue
        belongs = cwd.is_relative_to(folder) or f"KOMEK_DATA_DIR={folder}".encode() in environ
        if belongs and pid != os.getpid() and processes.is_alive(pid):
            found.append(pid)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """``bin/run`` in a folder of its own, on a port of its own."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.port = int(env.get("PORT") or free_port())
        self.output = folder / f"said-{self.port}.txt"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("KOMEK_") and k not in ("DATABASE_URL", "PORT")}
        self.env = {**kept, "KOMEK_DATA_DIR": str(folder), "PORT": str(self.port), **env}
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> Run:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [ROOT / "bin" / "run", "--empty"],
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        return self

    def until_ready(self) -> Run:
        assert self.process
        deadline = time.monotonic() + 240  # a limit against hanging, not a measurement: other programs may be busy
        while "Stop      Ctrl-C" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        return self

    def end(self, sign: signal.Signals) -> int:
        assert self.process
        self.process.send_signal(sign)
        return self.process.wait(60)

    def refused(self) -> str:
        """Let it fail by itself; its sentence."""
        assert self.process
        assert self.process.wait(90) not in (0, None), self.said()
        assert "Traceback" not in self.said()
        return self.said().strip().splitlines()[-1]

    def said(self) -> str:
        return self.output.read_text()


@pytest.fixture
def komek(folder: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def begin(**env: str) -> Run:
        run = Run(folder, **env).begin()
        runs.append(run)
        return run

    yield begin
    for run in runs:
        if run.process and run.process.poll() is None:
            run.end(signal.SIGTERM)
