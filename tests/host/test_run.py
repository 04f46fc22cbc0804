"""``bin/run`` from an empty folder to answered pages, and every way it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from bin.host.folders import ROOT
from tests.host.conftest import Run, working_below

pytestmark = pytest.mark.host


def page(run: Run, path: str = "/") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}{path}", timeout=20) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def manage(run: Run, *words: str) -> str:
    done = subprocess.run([ROOT / "bin" / "manage", *words], env=run.env, capture_output=True, text=True, check=True)
    return done.stdout


def wait_until(is_so: Callable[[], bool], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_from_an_empty_folder_to_pages_through_every_way_it_ends(komek: Callable[..., Run], folder: Path) -> None:
    # Killed, it leaves nothing that stops the next start.
    first = komek().until_ready()
    first.end(signal.SIGKILL)
    run = komek(PORT=str(first.port)).until_ready()
    assert "<html" in page(run)
    assert f"http://localhost:{run.port}" in run.said()
    assert "createsuperuser" in run.said()

    # A second one in the same folder is told so.
    assert f"already running here: http://localhost:{run.port}" in komek().refused()

    # A command beside it uses the same database and leaves it running.
    assert manage(run, "shell", "-v0", "-c", "print(6 * 7)").strip() == "42"
    page(run)

    # Figures add up over the processes that answer.
    for _ in range(20):
        page(run)
    counted = re.search(r'django_http_requests_total_by_method_total\{method="GET"\} ([\d.]+)', page(run, "/metrics"))
    assert counted
    assert float(counted.group(1)) >= 20

    # The web server falls over and is started again.
    for pid in working_below(folder):
        if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "starting it again" in run.said())

    def answers() -> bool:
        try:
            return bool(page(run))
        except OSError:
            return False

    wait_until(answers)
    assert run.end(signal.SIGINT) == 0
    assert working_below(folder) == []

    # What supervises it may ask as well.
    again = komek().until_ready()
    assert again.end(signal.SIGTERM) == 0
    assert working_below(folder) == []
