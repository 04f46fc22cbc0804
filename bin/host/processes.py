"""What the kernel says about processes: alive or not, who holds a port, what an earlier run left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bin.host.faults import Fault

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1  # linux/prctl.h
LISTEN = "0A"  # TCP_LISTEN, include/net/tcp_states.h
LIBC = ctypes.CDLL(None)
RUN_ID = "KOMEK_RUN_ID"  # stands in the environment of everything that bin/run starts


def pids() -> Iterator[int]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            yield int(entry.name)


def state(pid: int) -> str | None:
    """The letter of proc(5): R, S, D, Z …; None when there is no such process."""
    try:
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return None


def is_alive(pid: int) -> bool:
    """A zombie is not alive: it only waits to be reaped."""
    return state(pid) not in (None, "Z", "X")


def name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return ""


def working_in(folder: Path) -> list[int]:
    """Live processes whose working directory is ``folder``, as that of every PostgreSQL process is its data."""
    found = []
    for pid in pids():
        with contextlib.suppress(OSError):
            if is_alive(pid) and (PROC / str(pid) / "cwd").readlink() == folder:
                found.append(pid)
    return found


def marked(run_id: str) -> list[int]:
    """Live processes that carry this run's mark in their environment, ourselves left out."""
    mark = f"{RUN_ID}={run_id}".encode()
    found = []
    for pid in pids():
        with contextlib.suppress(OSError):
            if pid != os.getpid() and is_alive(pid) and mark in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.append(pid)
    return found


def end_all(find: Callable[[], list[int]], *, patience_s: float = 10.0) -> int:
    """Ask every process that ``find`` names to end, and kill what does not. Returns how many there were."""
    first = find()
    for sign, wait_s in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 5.0)):
        for pid in find():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sign)
        deadline = time.monotonic() + wait_s
        while find() and time.monotonic() < deadline:
            time.sleep(0.05)
    return len(first)


def die_with_parent() -> None:
    """Called in a new child: end when the parent does, even when that is killed outright."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def require_free_port(host: str, port: int) -> None:
    """Refuse a port that somebody holds. The server itself would not: it shares ports between its processes."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Fault(
                f"Port {port} is for root alone. Choose one above 1023, for example PORT=8000 bin/run."
            ) from None
        except OSError as error:
            if error.errno != 98:  # EADDRINUSE
                raise Fault(f"Komek cannot listen on {host}: {error.strerror}. Check KOMEK_HOST.") from None
            holder = port_holder(port)
            by = f" by process {holder} ({name(holder)})" if holder else ""
            raise Fault(
                f"Port {port} is in use{by}. Stop that program, or choose another port, for example PORT={port + 1} bin/run."
            ) from None


def port_holder(port: int) -> int | None:
    """The process that listens on a TCP port, as far as we may see it."""
    sockets = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{columns[9]}]")
    for pid in pids() if sockets else ():
        with contextlib.suppress(OSError):
            for descriptor in (PROC / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(descriptor.readlink()) in sockets:
                        return pid
    return None
