"""Logs stay short while their programs run."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from bin.host.folders import KEPT_LOGS, cut_back, rotate


def test_a_long_log_is_begun_anew_while_its_program_goes_on_writing(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as program:
        program.write(b"short\n")
        assert not cut_back(log, longest=10)
        for number in range(KEPT_LOGS + 2):
            program.write(b"line of run %d\n" % number)
            assert cut_back(log, longest=10)
            assert log.read_bytes() == b"", "not a hole as long as the old log"
        program.write(b"after\n")
    assert log.read_bytes() == b"after\n"
    kept = sorted(tmp_path.glob("web.log.*"))
    assert len(kept) == KEPT_LOGS
    assert kept[0].read_bytes() == b"line of run %d\n" % (KEPT_LOGS + 1)
    assert rotate(log) == log
    assert not log.exists()
    assert (tmp_path / "web.log.1").read_bytes() == b"after\n"
    assert not cut_back(log, longest=10), "there is none yet"


def test_on_a_full_disk_old_logs_give_their_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, old = tmp_path / "web.log", tmp_path / "web.log.1"
    log.write_bytes(b"x" * 100)
    old.write_bytes(b"y" * 100)

    def full(*paths: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert cut_back(log, longest=10)
    assert [file.name for file in tmp_path.iterdir()] == ["web.log"]
    assert log.read_bytes() == b""
