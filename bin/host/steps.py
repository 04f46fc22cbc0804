"""One step of the set-up: said aloud, run with its output kept, and not repeated while its inputs are the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bin.host.faults import explain, full_disk

_quietly = False


def say(text: str = "") -> None:
    """A line to whoever started the command; the terminal being gone is no reason to fail."""
    stream = sys.stderr if _quietly else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def leave_output_alone() -> None:
    """From now on speak on the error stream, since the output belongs to the command that is run."""
    global _quietly
    _quietly = True


def run_step(step: str, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str], cwd: Path) -> str:
    """Run a command with its output appended to ``log``. ``step`` completes "Could not …" if it fails.

    Raises ``Fault`` with a sentence taken from the output.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False,
        )  # fmt: skip
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(words)}\n{done.stdout}\n")
    except OSError as error:
        if error.errno == 28:  # ENOSPC
            raise full_disk(log.parent) from None
        raise explain(step, str(error), log) from None
    if done.returncode != 0:
        raise explain(step, done.stdout, log)
    return done.stdout


def digest(parts: Iterable[str | bytes | Path]) -> str:
    """A fingerprint of texts and of the contents of files; a missing file counts as such."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            total.update(f"{part}:".encode())
            part = part.read_bytes() if part.is_file() else b"absent"
        total.update(part.encode() if isinstance(part, str) else part)
        total.update(b"\0")
    return total.hexdigest()


def listing(folders: Iterable[Path]) -> list[str]:
    """Names, sizes and times of all files below: enough to notice a change in many files without reading them."""
    found = []
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in names:
                status = os.stat(os.path.join(path, name))  # noqa: PTH116, PTH118 - thousands of files at each start
                found.append(f"{path}/{name} {status.st_size} {status.st_mtime_ns}")
    return sorted(found)


class Stamp:
    """Remembers the fingerprint for which a step was last done."""

    def __init__(self, folder: Path, name: str, fingerprint: str) -> None:
        self.file = folder / name
        self.fingerprint = fingerprint

    def is_current(self) -> bool:
        return self.file.is_file() and self.file.read_text() == self.fingerprint

    def set(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.fingerprint)
