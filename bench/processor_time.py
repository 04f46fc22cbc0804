"""Processor time of the database's process: what a request or an import costs when other programs run beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def backend_pid(connection: Any) -> int:
    """The process that serves this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def database_seconds(pid: int) -> float:
    """Processor time that a database process on this machine has used; 0 where it runs elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
