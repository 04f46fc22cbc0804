"""A private PostgreSQL cluster with PostGIS: made, started, found running, put right after a crash, stopped.

It listens on a Unix socket in a folder that only its user may enter, so it needs no password and no port.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bin.host import launcher, packages, processes
from bin.host.faults import (
    DISK,
    FIRST_START_BYTES,
    LATER_START_BYTES,
    Fault,
    free_bytes,
    full_disk,
    require_space,
)
from bin.host.folders import rotate
from bin.host.launcher import Launcher

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # bytes, without the closing zero: sun_path of unix(7)
SETTINGS = {
    "listen_addresses": "''",
    "jit": "off",
    "random_page_cost": "1.1",
    "shared_buffers": "'256MB'",
    "max_connections": "100",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] '",
    "cluster_name": "'komek'",
}
# A cluster for tests is thrown away after a crash, so it need not survive one.
FORGETFUL_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "'4GB'"}


@dataclass
class Cluster:
    """The cluster of one data folder. ``home`` holds ``data`` and, unless its path is too long, the socket."""

    home: Path
    socket_dir: Path
    log: Path
    as_user: Launcher
    is_durable: bool = True
    _shares: int = field(default=-1, repr=False)

    @property
    def data(self) -> Path:
        return self.home / "data"

    def program(self, name: str) -> Path:
        return programs(self.data) / name

    def url(self, database: str) -> str:
        return f"postgis://postgres@/{database}?host={self.socket_dir}"

    # --- Use: many commands may share a cluster; whoever leaves last stops it.

    def join(self) -> bool:
        """Count ourselves among the users of the cluster and see that it runs. True if it had to be started."""
        with self._door():
            if self._shares < 0:
                self._shares = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._shares, fcntl.LOCK_SH)
            return self.start()

    def leave(self) -> bool:
        """The last one out stops the cluster. True if it is down now, False if another command still uses it."""
        if self._shares < 0:
            return True
        with self._door():
            try:
                fcntl.flock(self._shares, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                shares, self._shares = self._shares, -1
            try:
                self.stop()
            finally:
                os.close(shares)
            return True

    @contextmanager
    def _door(self) -> Iterator[None]:
        """Starting and stopping, one at a time."""
        self.as_user.own(self.home)
        with (self.home / "door.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # --- Life

    def start(self) -> bool:
        """Make the cluster if there is none, and start it unless it runs. True if it had to be started."""
        is_new = not (self.data / "PG_VERSION").exists()
        if not is_new and self.is_running():
            return False
        require_space(self.home, needed=FIRST_START_BYTES if is_new else LATER_START_BYTES, free=free_bytes(self.home))
        if is_new:
            self._create()
        self._close_to_others()
        self._write_settings()
        self._clear_stale_lock()
        self.as_user.own(self.socket_dir)
        with rotate(self.log).open("a", encoding="utf-8") as output:  # at its end, so that it can be cut back
            command: list[str | Path] = [self.program("pg_ctl"), "-D", self.data, "-w", "-t", "120", "-s", "start"]
            done = self.as_user.run(command, output=output.fileno())
        if done.returncode != 0 or not self.is_running():
            raise self._explain(self.log.read_text(errors="replace"))
        return True

    def stop(self) -> None:
        """End it cleanly: sessions are closed, everything is on disk."""
        if not self.is_running():
            return
        command: list[str | Path] = [
            self.program("pg_ctl"),
            "-D",
            self.data,
            "-m",
            "fast",
            "-w",
            "-t",
            "60",
            "-s",
            "stop",
        ]
        done = self.as_user.run(command)
        if done.returncode != 0 and self.is_running():
            raise Fault(f"The database in {self.home} did not stop: {done.stdout.strip() or 'no reason given'}.")

    def restart(self) -> None:
        """Start it after it was killed, while we go on counting as its user."""
        with self._door():
            self.start()

    def is_running(self) -> bool:
        pid = self._recorded_pid()
        return pid is not None and processes.is_alive(pid) and processes.name(pid) in ("postgres", "postmaster")

    def create_database(self, name: str) -> None:
        """Make the database unless it exists."""
        psql = [
            str(self.program("psql")),
            "-h",
            str(self.socket_dir),
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        found = self.as_user.run([*psql, "-Atc", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"])
        if found.returncode == 0 and found.stdout.strip() == "1":
            return
        made = self.as_user.run([*psql, "-c", f'CREATE DATABASE "{name}"'])
        if made.returncode != 0:
            raise self._explain(made.stdout)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _create(self) -> None:
        """Make the cluster. It is built beside its place and moved there, so that a half-made one is never taken for a whole one."""
        building = self.home / "data.new"
        if building.exists():
            shutil.rmtree(building)
        command: list[str | Path] = [
            self.program("initdb"),
            "-D",
            building,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        if not self.is_durable:
            command.append("--no-sync")
        done = self.as_user.run(command)
        if done.returncode != 0:
            shutil.rmtree(building, ignore_errors=True)
            raise self._explain(done.stdout)
        if self.data.exists():
            self.data.rmdir()
        building.rename(self.data)

    def _close_to_others(self) -> None:
        """PostgreSQL refuses data that others may read, as after somebody's ``chmod -R`` over the whole checkout."""
        if self.data.stat().st_mode & 0o027:
            self.data.chmod(0o700)

    def _write_settings(self) -> None:
        """Our settings go into a file of their own, written anew at each start, so that an update brings new ones."""
        settings = {**SETTINGS, "unix_socket_directories": f"'{self.socket_dir}'"}
        if not self.is_durable:
            settings |= FORGETFUL_SETTINGS
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        include, main = "include_if_exists = 'komek.conf'", self.data / "postgresql.conf"
        if include not in main.read_text(encoding="utf-8"):
            with main.open("a", encoding="utf-8") as file:
                file.write(f"\n{include}\n")
        (self.data / "komek.conf").write_text(text, encoding="utf-8")
        (self.data / "komek.conf").chmod(0o644)

    def _clear_stale_lock(self) -> None:
        """Remove the lock file of a server that was killed.

        PostgreSQL does so itself unless the recorded pid is taken: by the dead server, still unreaped, or by another program since.
        Only when no live process works in the data folder.
        """
        pid = self._recorded_pid()
        if pid is None or self.is_running():
            return
        deadline = time.monotonic() + 10
        while processes.working_in(self.data):  # a killed server's children notice within a moment
            if time.monotonic() > deadline:
                raise Fault(
                    f"Processes of a database that was killed still work in {self.data}; end them and start again."
                )
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_dir / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _explain(self, output: str) -> Fault:
        if DISK.search(output):
            return full_disk(self.home)
        lines = [line for line in output.splitlines() if line.strip()]
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line.lower()] or lines
        return Fault(
            f"The database in {self.home} did not start; {self.log} has the details. {telling[-1].strip() if telling else ''}"
        )


def programs(data: Path) -> Path:
    """The folder with the programs of the PostgreSQL that made ``data``, or for a new one the newest that has PostGIS."""
    made_by = (data / "PG_VERSION").read_text().strip() if (data / "PG_VERSION").exists() else None
    versions = packages.installed_postgis()
    if made_by is not None and made_by.isdigit() and int(made_by) in versions:
        return packages.POSTGRES_HOME / made_by / "bin"
    on_path = shutil.which("initdb")
    if made_by is None and versions:
        return packages.POSTGRES_HOME / str(versions[0]) / "bin"
    if on_path is None or (made_by is not None and _version_on_path(on_path) != made_by):
        raise Fault(
            f"The data in {data} was made by PostgreSQL {made_by}, which is not installed with PostGIS. "
            f"Install postgresql-{made_by}-postgis-3, or restore a backup into a new folder."
            if made_by
            else "PostgreSQL with PostGIS is not installed."
        )
    return Path(on_path).resolve().parent


def _version_on_path(initdb: str) -> str:
    said = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return said[-1].partition(".")[0] if said else ""


def at(data_dir: Path, log: Path, *, is_durable: bool = True) -> Cluster:
    """The cluster of a data folder, with a user that can run it and a socket path that is short enough."""
    as_user, home = launcher.choose(data_dir / "pg")
    chosen = os.environ.get("KOMEK_CLUSTER_SOCKET", "").strip() if is_durable else ""
    socket_dir = Path(chosen) if chosen else home
    if len(os.fsencode(socket_dir / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        socket_dir = Path(tempfile.gettempdir()) / f"komek-{launcher.short_name(home)}"
    if socket_dir != home:
        _refuse_shared(socket_dir, as_user)
    as_user.own(home)
    return Cluster(home=home, socket_dir=socket_dir, log=log, as_user=as_user, is_durable=is_durable)


def _refuse_shared(folder: Path, as_user: Launcher) -> None:
    """The folder becomes private to the database, so it must not be one that others use, or laid out by somebody else to listen in."""
    if not folder.exists() and not folder.is_symlink():
        return
    status = folder.lstat()
    is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid in {os.geteuid(), as_user.uid}
    if (
        not is_ours
        or status.st_mode & stat.S_ISVTX
        or {entry.name for entry in folder.iterdir()} - {SOCKET_NAME, f"{SOCKET_NAME}.lock"}
    ):
        raise Fault(
            f"{folder} is used for something else. Name a folder that is empty, or does not exist yet, with KOMEK_CLUSTER_SOCKET."
        )
