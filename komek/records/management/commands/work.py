"""Does background work."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app

from komek.records.queues import LANES, work


class Command(BaseCommand):
    """``bin/manage work texts default``: these queues; without any, all. Ends with SIGINT or SIGTERM."""

    help = "Does background work: texts, minute tasks, imports. Names of queues narrow it down."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queues", nargs="*", metavar="queue", help=", ".join(LANES))

    def handle(self, *args: Any, **options: Any) -> None:
        queues = list(dict.fromkeys(options["queues"])) or list(LANES)
        if unknown := [queue for queue in queues if queue not in LANES]:
            self.stderr.write(f"There is no queue {unknown[0]}. The queues: {', '.join(LANES)}.")
            raise SystemExit(2)
        asyncio.run(_with_own_connections(queues))


async def _with_own_connections(queues: list[str]) -> None:
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        async with app.open_async():
            await work(app, queues)
