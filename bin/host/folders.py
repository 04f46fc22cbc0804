"""Where things lie: the checkout, and the folder that holds all data of one installation."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bin.host.faults import Fault, full_disk

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT_LOGS = 5


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
    for number in range(KEPT_LOGS, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if newer.exists():
            newer.replace(older)
    return log
