"""Which server answers best? Compares granian and gunicorn over the same pages, in interleaved rounds.

    bin/run --empty                     # once, in another terminal: makes the database; leave it running
    uv run --group bench bench/servers.py --rounds 3 --seconds 4 /healthz /

Needs ``wrk`` (Debian package). Each round starts every server afresh, one after the other, so that what else the machine does falls on
all alike; the table shows the median of the rounds, and the slowest hundredth of the last.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT = 8765
APPLICATION = "komek.wsgi:application"
GRANIAN = ["-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error", "--port", str(PORT)]
GUNICORN = ["-m", "gunicorn", "--log-level", "error", "--bind", f"127.0.0.1:{PORT}"]
SERVERS = {
    "granian 2×1": [*GRANIAN, "--workers", "2", "--blocking-threads", "1", APPLICATION],
    "granian 2×2": [*GRANIAN, "--workers", "2", "--blocking-threads", "2", APPLICATION],
    "granian 4×1": [*GRANIAN, "--workers", "4", "--blocking-threads", "1", APPLICATION],
    "gunicorn gthread 2×2": [*GUNICORN, "--worker-class", "gthread", "--workers", "2", "--threads", "2", APPLICATION],
    "gunicorn sync ×3": [*GUNICORN, "--worker-class", "sync", "--workers", "3", APPLICATION],
}


def environment() -> dict[str, str]:
    data = Path(os.environ.get("KOMEK_DATA_DIR", str(ROOT / "var")))
    return {**os.environ, "KOMEK_DATA_DIR": str(data), "KOMEK_CLUSTER_SOCKET": str(data / "pg")}


def wait_until_answered(path: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{path} is not answered.")


def measure(path: str, seconds: int, connections: int) -> tuple[float, str, int]:
    """Requests per second, the slowest hundredth, and how many went wrong."""
    command = [
        "wrk",
        "-t",
        "1",
        "-c",
        str(connections),
        "-d",
        f"{seconds}s",
        "--latency",
        f"http://127.0.0.1:{PORT}{path}",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slowest = re.search(r"99%\s+(\S+)", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return (
        float(rate.group(1)) if rate else 0.0,
        slowest.group(1) if slowest else "?",
        int(wrong.group(1)) if wrong else 0,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["/"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", default="", help="servers whose name holds this")
    chosen = parser.parse_args()
    servers = {name: command for name, command in SERVERS.items() if chosen.only in name}
    rates: dict[tuple[str, str], list[float]] = {}
    slowest: dict[tuple[str, str], str] = {}
    for _ in range(chosen.rounds):
        for name, command in servers.items():
            server = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment())
            try:
                wait_until_answered(chosen.paths[0])
                for path in chosen.paths:
                    measure(path, 1, chosen.connections)  # warm
                    rate, slow, wrong = measure(path, chosen.seconds, chosen.connections)
                    if wrong:
                        print(f"{name} {path}: {wrong} answers went wrong", file=sys.stderr)
                    rates.setdefault((name, path), []).append(rate)
                    slowest[name, path] = slow
            finally:
                server.terminate()
                server.wait(20)
    print(f"| server | {' | '.join(f'{path}, requests/s | 99 % within' for path in chosen.paths)} |")
    print(f"|---|{'---:|---:|' * len(chosen.paths)}")
    for name in servers:
        cells = (f"{statistics.median(rates[name, path]):.0f} | {slowest[name, path]}" for path in chosen.paths)
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
