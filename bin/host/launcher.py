"""As whom PostgreSQL runs. It refuses to run as root, so for root another way has to be found.

In this order: an ordinary user runs it as itself; data that exists is run by its owner; root takes the user ``postgres`` (Debian's
package makes it) or ``nobody``; where that user cannot reach the folder, as below root's home, a user namespace without uid 0;
where namespaces are forbidden, the data moves to ``/var/lib``.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bin.host.faults import Fault

NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Launcher:
    """``uid`` and ``gid`` are set when root hands the command to another user; ``prefix`` goes before the command."""

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    def run(
        self, command: Sequence[str | Path], *, output: IO[str] | int = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        words = [*self.prefix, *(str(word) for word in command)]
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PGTZ": "UTC"}
        if self.uid is None:
            return subprocess.run(
                words, cwd="/", env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, text=True,
                errors="replace", check=False,
            )  # fmt: skip
        return subprocess.run(
            words, cwd="/", env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False, user=self.uid, group=self.gid, extra_groups=[],
        )  # fmt: skip

    def reaches(self, folder: Path) -> bool:
        """Whether that user can get to ``folder``, which need not be its own."""
        return self.run(["/usr/bin/test", "-x", folder]).returncode == 0

    def own(self, folder: Path) -> None:
        """Make ``folder``, private to the user; that privacy is what makes the socket safe without a password."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def namespaces_work() -> bool:
    return bool(shutil.which("unshare")) and Launcher(prefix=NAMESPACE).run(["true"]).returncode == 0


def unprivileged() -> Launcher | None:
    """Root's stand-in."""
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Launcher(uid=user.pw_uid, gid=user.pw_gid)
    return None


def choose(home: Path) -> tuple[Launcher, Path]:
    """Who runs the cluster of ``home``, and where it then lies (``home``, or below /var/lib if nothing else is possible).

    Raises ``Fault`` when the data belongs to somebody else.
    """
    data = home / "data"
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            raise Fault(
                f"The database in {home} belongs to the user {_name(data.stat().st_uid)}. Start Komek as that user or as root."
            )
        return Launcher(), home
    if (data / "PG_VERSION").exists() and data.stat().st_uid != 0:
        status = data.stat()
        owner = Launcher(uid=status.st_uid, gid=status.st_gid)
        if owner.reaches(data):
            return owner, home
    stand_in = unprivileged()
    if stand_in is not None and not (data / "PG_VERSION").exists():
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755)
        if stand_in.reaches(home):
            return stand_in, home
    if (not data.exists() or data.stat().st_uid == 0) and namespaces_work():
        return Launcher(prefix=NAMESPACE), home
    if stand_in is None:
        raise Fault(
            "PostgreSQL does not run as root, and this system has no other user for it. Start Komek as an ordinary user."
        )
    return stand_in, Path("/var/lib/komek") / short_name(home)


def short_name(folder: Path) -> str:
    """The same few letters for the same folder every time."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
