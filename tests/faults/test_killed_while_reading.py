"""Whoever stores and reads texts is killed at random, and so are its sessions in the database: every acknowledged text is carried out
exactly once, and each number's texts in their order.

``KOMEK_FAULT_ROUNDS=200`` makes it the long test; by itself it is a short one.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections

from komek.messaging.inbound.handling import work_off
from komek.messaging.inbound.receiving import Incoming, receive
from komek.messaging.models import Inbound, InboundLine, InboundState, Outbox

ROUNDS = int(os.environ.get("KOMEK_FAULT_ROUNDS", "6"))
A_ROUND_S = (0.1, 0.5)
TEXTS_A_ROUND = 10
NUMBERS = [f"+993651{n:05d}" for n in range(5)]
LONGEST_S = 60 + ROUNDS
CHILD = "komek-killed-child"


def child(work: Callable[[], Any]) -> int:
    """A process of its own with connections of its own, which goes on working until it is killed."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    os.environ["PGAPPNAME"] = CHILD
    while True:
        try:
            work()
        except (OperationalError, InterfaceError):
            connection.close()
        except BaseException:  # noqa: BLE001  nothing of the child's may reach pytest
            os._exit(1)
        time.sleep(0.005)


def bringer(acknowledged: Path, first: int) -> Callable[[], None]:
    """Brings one text after the other, each until it is acknowledged, as a provider does. Writes down which were."""
    state = {"next": first}

    def bring() -> None:
        number = state["next"]
        if number >= first + TEXTS_A_ROUND:
            time.sleep(0.05)
            return
        sender = NUMBERS[number % len(NUMBERS)]
        message = Incoming(provider_id=f"text-{number}", sender=sender, body=f"MUTE {number % 160 + 1}")
        receive(gateway="test", message=message)
        with acknowledged.open("a") as file:
            file.write(f"{number}\n")
        state["next"] = number + 1

    return bring


def end_sessions() -> None:
    """What a database does that is restarted: every session of the children ends at once. A server of other tests keeps its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
            [CHILD],
        )


@pytest.mark.django_db(transaction=True)
def test_every_acknowledged_text_is_carried_out_once_whoever_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("komek.messaging.inbound.senders.BUCKET", 10_000)
    monkeypatch.setattr("komek.messaging.inbound.senders.REFILL", 0.001)
    acknowledged, chance, living = tmp_path / "acknowledged", random.Random(7), []
    acknowledged.touch()
    try:
        for place in range(ROUNDS):
            living = [child(work_off), child(work_off), child(bringer(acknowledged, place * TEXTS_A_ROUND))]
            time.sleep(chance.uniform(*A_ROUND_S))
            if chance.random() < 0.4:
                end_sessions()
                time.sleep(0.05)
            chance.shuffle(living)
            while living:
                pid = living.pop()
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    finally:
        for pid in living:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    connections.close_all()
    until = time.monotonic() + LONGEST_S
    while Inbound.objects.filter(state=InboundState.NEW).exists() and time.monotonic() < until:
        work_off()
    told = {int(line) for line in acknowledged.read_text().split()}
    stored = dict(Inbound.objects.values_list("provider_id", "pk"))
    assert told <= {int(name.removeprefix("text-")) for name in stored}, "what was acknowledged is here"
    assert told
    assert InboundLine.objects.count() == len(stored), "each was read once"
    assert Outbox.objects.filter(answers__isnull=False).count() == len(stored), "each was answered once"
    assert not Inbound.objects.exclude(state=InboundState.DONE).exists()
    order = defaultdict(list)
    for sender, key in Inbound.objects.order_by("done_at", "pk").values_list("sender", "pk"):
        order[sender].append(key)
    assert all(keys == sorted(keys) for keys in order.values())
