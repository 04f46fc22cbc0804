"""Where things lie: the checkout, and the folder that holds all data of one installation."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from bin.host.faults import Fault, full_disk

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT_LOGS = 5
LONGEST_LOG = 20 * 2**20  # bytes; with those kept, a program's logs take at most six times as much


@dataclass(frozen=True)
class Folders:
    """``data`` is what a backup takes. ``stamps`` remember what was last set up, and belong to the checkout."""

    data: Path
    root: Path = ROOT

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def stamps(self) -> Path:
        return self.root / "var" / "stamps"

    @property
    def tools(self) -> Path:
        return self.root / "var" / "tools"

    @property
    def python(self) -> Path:
        return self.root / ".venv" / "bin" / "python"

    @property
    def setup_log(self) -> Path:
        return self.log / "setup.log"

    def make(self) -> None:
        try:
            for folder in (self.log, self.run, self.stamps):
                folder.mkdir(parents=True, exist_ok=True)
        except PermissionError as error:
            raise Fault(
                f"{error.filename} cannot be made: you may not write there. "
                "Choose a folder of your own with KOMEK_DATA_DIR, or start as the user it belongs to."
            ) from None
        except OSError as error:
            if error.errno in (28, 122):  # ENOSPC, EDQUOT
                raise full_disk(self.data) from None
            raise Fault(f"{self.data} cannot hold Komek's data: {error.strerror}.") from None


def from_environment() -> Folders:
    """The data folder of KOMEK_DATA_DIR, else ``var`` in the checkout."""
    chosen = os.environ.get("KOMEK_DATA_DIR", "").strip()
    return Folders(data=Path(chosen).expanduser().resolve() if chosen else ROOT / "var")


def rotate(log: Path) -> Path:
    """Begin a new log file at each start; the last few are kept as ``name.log.1`` and so on."""
    _move_up(log)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    return log


def cut_back(log: Path, longest: int = LONGEST_LOG) -> bool:
    """Begin anew with a log over ``longest`` bytes that a program is writing to at its end; True if that was so.

    The program goes on writing to the same file, so what is in it is copied and the file emptied. On a full disk there
    is no room for a copy: the oldest logs go then, and with them their space.
    """
    try:
        if log.stat().st_size <= longest:
            return False
    except FileNotFoundError:
        return False
    _move_up(log)
    copy = log.with_name(f"{log.name}.1")
    try:
        shutil.copyfile(log, copy)
    except OSError:
        for number in range(1, KEPT_LOGS + 1):
            log.with_name(f"{log.name}.{number}").unlink(missing_ok=True)
    os.truncate(log, 0)
    return True


def _move_up(log: Path) -> None:
    """Make room for a new ``name.log.1``."""
    for number in range(KEPT_LOGS, 1, -1):
        newer = log.with_name(f"{log.name}.{number - 1}")
        if newer.exists():
            newer.replace(log.with_name(f"{log.name}.{number}"))
