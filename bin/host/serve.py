"""What ``bin/run`` keeps running: the web server and the workers, watched, started again when they fall over, ended together."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bin.host import processes
from bin.host.addresses import Address
from bin.host.cluster import Cluster
from bin.host.faults import Fault, full_disk
from bin.host.folders import Folders, cut_back, rotate
from bin.host.steps import say

READY_WITHIN_S = 60
FALLS_ALLOWED = 5  # within a minute; more means that starting again does not help
LOOK_AT_DATABASE_EVERY_S = 5.0
LOOK_AT_LOGS_EVERY_S = 60.0


@contextmanager
def only_run(folders: Folders, address: Address) -> Iterator[None]:
    """One ``bin/run`` per data folder. The kernel drops the lock when we die, however that happens."""
    with (folders.run / "run.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Fault(
                f"Komek is already running here: {file.read().strip() or 'just starting'}. "
                "Stop that one, or choose another folder with KOMEK_DATA_DIR and another PORT."
            ) from None
        file.truncate(0)
        file.write(f"{address.url}, process {os.getpid()}")
        file.flush()
        yield


def end_leftovers(folders: Folders) -> None:
    """End what an earlier run left behind when it was killed: processes that carry its mark."""
    record = folders.run / "current.json"
    if not record.exists():
        return
    with contextlib.suppress(ValueError, KeyError):
        run_id = json.loads(record.read_text())["id"]
        count = processes.end_all(lambda: processes.marked(run_id))
        if count:
            say(f"Ended {count} {'process' if count == 1 else 'processes'} left over from a run that was killed.")
    record.unlink()


def web_command(python: Path, address: Address) -> list[str]:
    """The production server; why this one and these numbers: docs/decisions/0002-web-server.md."""
    workers = os.environ.get("KOMEK_WEB_WORKERS", "").strip() or str(min(4, max(2, os.cpu_count() or 2)))
    return [
        str(python), "-m", "granian", "--interface", "wsgi", "--host", address.host, "--port", str(address.port),
        "--workers", workers, "--blocking-threads", "2", "--no-ws", "--log-level", "warning",
        "--respawn-failed-workers", "--workers-kill-timeout", "8", "komek.wsgi:application",
    ]  # fmt: skip


def workers() -> dict[str, tuple[str, ...]]:
    """Processes for background work by their name, with the queues of each (komek/records/queues.py). Raises Fault."""
    count = os.environ.get("KOMEK_WORKERS", "").strip() or "2"
    if count not in ("1", "2"):
        raise Fault(f"KOMEK_WORKERS is {count}. Set it to 2, or to 1 where memory is short.")
    if count == "1":
        return {"worker": ("texts", "default", "long")}
    return {"worker": ("texts", "default"), "long-worker": ("long",)}


def worker_command(python: Path, root: Path, queues: Sequence[str]) -> list[str]:
    """Background work: texts and minute tasks, and apart from them imports and what else takes long."""
    return [str(python), str(root / "manage.py"), "work", *queues]


@dataclass
class Service:
    """One program that has to run; ``log`` begins anew with us and when it is long, and is continued at another start."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    process: subprocess.Popen[bytes] | None = None
    falls: deque[float] = field(default_factory=lambda: deque(maxlen=FALLS_ALLOWED))

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the rest in order.
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, env=dict(self.env), cwd=self.cwd, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=processes.die_with_parent,
            )  # fmt: skip

    def fallen(self) -> int | None:
        """The exit status if it ended by itself."""
        return self.process.poll() if self.process else None

    def last_words(self) -> str:
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return f" Its last words: {lines[-1][:300]}" if lines else ""


class Supervisor:
    """Starts the services, waits, and ends them. ``run`` returns only by an exception: ``Stopped`` or ``Fault``."""

    def __init__(self, folders: Folders, env: Mapping[str, str], address: Address, cluster: Cluster | None) -> None:
        self.folders = folders
        self.address = address
        self.cluster = cluster
        self.run_id = f"{folders.run}:{uuid.uuid4().hex}"
        metrics = folders.run / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        marked = {**env, processes.RUN_ID: self.run_id, "PORT": str(address.port)}
        root, python = folders.root, folders.python
        self.services = [
            Service(
                "web server", web_command(python, address), {**marked, "PROMETHEUS_MULTIPROC_DIR": str(metrics)},
                rotate(folders.log / "web.log"), root,
            ),
            *(
                Service(name, worker_command(python, root, queues), marked, rotate(folders.log / f"{name}.log"), root)
                for name, queues in workers().items()
            ),
        ]  # fmt: skip

    def start(self) -> None:
        """Start the web server and wait until pages are answered; then the workers, which nobody waits for."""
        (self.folders.run / "current.json").write_text(json.dumps({"id": self.run_id, "pid": os.getpid()}))
        web, *workers = self.services
        web.start()
        deadline = time.monotonic() + READY_WITHIN_S
        while (status := self._answer()) is None:
            if web.fallen() is not None:
                raise Fault(f"The web server did not start; {web.log} has the details.{web.last_words()}")
            if time.monotonic() > deadline:
                raise Fault(f"The web server did not answer within {READY_WITHIN_S} seconds; {web.log} may say why.")
            time.sleep(0.05)
        for worker in workers:
            worker.start()
        if status >= 500:
            say(f"Note: the system answers, but reports an error ({status}); {web.log} may say why.")

    def _answer(self) -> int | None:
        """The status of the health page, or None while nobody listens."""
        public = urlsplit(self.address.url).hostname or "localhost"
        connection = http.client.HTTPConnection(*self.address.probe, timeout=10)
        try:
            connection.request("GET", "/healthz", headers={"Host": public})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def watch(self) -> None:
        """Start again what falls over, the database included, and keep the logs short, until somebody stops us."""
        looked = read = time.monotonic()
        while True:
            time.sleep(0.5)
            for service in self.services:
                if (status := service.fallen()) is not None:
                    self._lift(service, status)
            if time.monotonic() - read > LOOK_AT_LOGS_EVERY_S:
                read = time.monotonic()
                for log in self._logs():
                    with contextlib.suppress(OSError):  # a log is no reason to stop
                        cut_back(log)
            if self.cluster and time.monotonic() - looked > LOOK_AT_DATABASE_EVERY_S:
                looked = time.monotonic()
                if not self.cluster.is_running():
                    say("The database stopped; starting it again.")
                    self.cluster.restart()

    def _logs(self) -> list[Path]:
        return [*(service.log for service in self.services), *([self.cluster.log] if self.cluster else [])]

    def _lift(self, service: Service, status: int) -> None:
        now = time.monotonic()
        if len(service.falls) == FALLS_ALLOWED and now - service.falls[0] < 60:
            raise Fault(f"The {service.name} keeps stopping; {service.log} has the details.{service.last_words()}")
        service.falls.append(now)
        say(f"The {service.name} stopped by itself (status {status}); starting it again. {service.log} may say why.")
        time.sleep(min(2.0, 0.2 * 2 ** len(service.falls)))
        try:
            service.start()
        except OSError as error:
            raise (
                full_disk(self.folders.data) if error.errno == 28 else Fault(f"The {service.name}: {error.strerror}.")
            ) from None

    def stop(self) -> None:
        """End the services together, politely, then without asking; nothing of this run is left."""
        for service in self.services:
            if service.process and service.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    service.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 12
        for service in self.services:
            if service.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    service.process.wait(max(0.1, deadline - time.monotonic()))
        processes.end_all(lambda: processes.marked(self.run_id), patience_s=3)
        for service in self.services:
            if service.process:
                service.process.wait()
        (self.folders.run / "current.json").unlink(missing_ok=True)
