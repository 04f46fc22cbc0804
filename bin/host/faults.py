"""What can go wrong on a machine, each told in one sentence that says what to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

FIRST_START_BYTES = (
    500 * 2**20
)  # an empty cluster takes 71 MB, the exercise as much again, and a week's work needs room
LATER_START_BYTES = 64 * 2**20  # four segments of PostgreSQL's log; with less it may stop in the middle of a write

NETWORK = re.compile(
    r"temporary failure resolving|could not resolve|name or service not known|temporary failure in name resolution"
    r"|network is unreachable|could not connect|connection refused|connection timed out|failed to establish a new connection"
    r"|dns error|failed to fetch|error sending request|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|tcp connect error",
    re.IGNORECASE,
)
DISK = re.compile(r"no space left on device|ENOSPC|disk quota exceeded", re.IGNORECASE)


class Fault(Exception):
    """Something a person has to put right; its text is the sentence shown."""


class Stopped(Exception):
    """Somebody asked for the end, by Ctrl-C or a signal."""


def full_disk(folder: Path) -> Fault:
    return Fault(
        f"The disk that holds {folder} is full. Free some space, or choose another folder with KOMEK_DATA_DIR."
    )


def free_bytes(folder: Path) -> int:
    """Free space where ``folder`` is or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def require_space(folder: Path, *, needed: int, free: int) -> None:
    """Refuse to begin what would run out of disk half-way."""
    if free < needed:
        raise Fault(
            f"The disk that holds {folder} has {free // 2**20} MB left and Komek needs {needed // 2**20} MB to start. "
            "Free some space, or choose another folder with KOMEK_DATA_DIR."
        )


def explain(step: str, output: str, log: Path) -> Fault:
    """The sentence for a command that failed, from what it printed. ``step`` completes "Could not …"."""
    if DISK.search(output):
        return full_disk(log.parent)
    if NETWORK.search(output):
        return Fault(
            f"Could not {step}: no way to the package servers. The first set-up needs the internet; "
            "check the connection (and the proxy) and start again."
        )
    lines = [line for line in output.splitlines() if line.strip()]
    reason = f" Its last words: {lines[-1].strip()}" if lines else ""
    return Fault(f"Could not {step}; {log} has the details.{reason}")
