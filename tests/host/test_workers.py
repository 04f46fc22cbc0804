"""Which processes do the background work."""

from __future__ import annotations

import pytest

from bin.host.faults import Fault
from bin.host.serve import workers
from komek.records.queues import LANES


def test_two_processes_share_the_queues_and_one_does_all_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOMEK_WORKERS", raising=False)
    both = list(workers().values())
    assert both == [("texts", "default"), ("long",)]
    assert [queue for queues in both for queue in queues] == list(LANES)
    monkeypatch.setenv("KOMEK_WORKERS", "1")
    assert list(workers().values()) == [tuple(LANES)]
    monkeypatch.setenv("KOMEK_WORKERS", "many")
    with pytest.raises(Fault, match="KOMEK_WORKERS"):
        workers()
