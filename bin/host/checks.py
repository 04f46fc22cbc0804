"""The list behind ``bin/test``: each check is announced, all are done even when one fails, and the last line counts."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bin.host import environment, processes
from bin.host.faults import Stopped
from bin.host.folders import Folders
from bin.host.steps import Stamp, say

# The line with which pytest ends, as "== 12 passed, 1 skipped in 3.4s ==".
PYTEST_CLOSING = re.compile(r"^=*\s*((?:\d+ \w+(?:, )?)+ in [\d.]+s(?: \([\d:]+\))?|no tests ran in [\d.]+s)\s*=*$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_environment(folders: Folders, database_url: str, socket_dir: Path) -> dict[str, str]:
    """Settings of its own, whatever the caller's shell says; only the machine's variables pass."""
    env = environment.for_django(folders, socket_dir)
    for name in list(env):
        if name.startswith(("KOMEK_", "TWILIO_")) or name in ("PORT", "EMAIL_URL"):
            del env[name]
    return {
        **env,
        "KOMEK_DATA_DIR": str(folders.data),
        "KOMEK_DEBUG": "1",
        "KOMEK_DB_POOL": "0",
        "KOMEK_LOG_FORMAT": "plain",
        "DATABASE_URL": database_url,
    }


class Checks:
    """Runs commands one after the other and remembers which failed."""

    def __init__(self, folders: Folders, env: Mapping[str, str]) -> None:
        self.folders = folders
        self.env = dict(env)
        self.failed: list[str] = []
        self.done = 0
        self.closing = "no tests ran"
        self.current: subprocess.Popen[str] | None = None

    def program(self, name: str) -> str:
        return str(self.folders.python.parent / name)

    def all(self, pytest_arguments: Sequence[str]) -> int:
        """Do every check; 0 if all went well."""
        began = time.monotonic()
        python, manage = str(self.folders.python), str(self.folders.root / "manage.py")
        self.check("Style (ruff)", [self.program("ruff"), "check", "--quiet"])
        self.check("Layout (ruff format)", [self.program("ruff"), "format", "--check", "--quiet"])
        self.check("Floors (import contracts)", [self.program("lint-imports"), "--no-cache"], is_quiet=True)
        self.check("Types (mypy)", [self.program("mypy"), "--no-error-summary"])
        self.check(
            "Migrations match the models", [python, manage, "makemigrations", "--check", "--dry-run"], is_quiet=True
        )
        self.check("Django's own checks", [python, manage, "check", "--fail-level", "WARNING"], is_quiet=True)
        self.check_catalogues()
        self.check_tests(pytest_arguments)
        verdict = f"{self.done} checks, all passed" if not self.failed else f"failed: {', '.join(self.failed)}"
        say(f"\nbin/test: {verdict}; tests: {self.closing}; {time.monotonic() - began:.0f} s in all.")
        return 1 if self.failed else 0

    def check(self, title: str, command: Sequence[str], *, is_quiet: bool = False) -> None:
        """One check. Its output is shown as it comes, or when ``is_quiet`` only if it fails."""
        say(f"{title} …")
        output: list[str] = []
        status = self._stream(command, output, show=not is_quiet)
        if status != 0 and is_quiet:
            say("".join(output).rstrip())
        self._count(title, status == 0)

    def check_catalogues(self) -> None:
        """Every message catalogue is well-formed and its translations take the same values as the original."""
        say("Message catalogues …")
        good = True
        for po in environment.catalogues(self.folders.root):
            output: list[str] = []
            if (
                self._stream(
                    ["msgfmt", "--check-format", "--check-header", "-o", os.devnull, str(po)], output, show=False
                )
                != 0
            ):
                good = False
                say("".join(output).rstrip())
        self._count("Message catalogues", good)

    def check_tests(self, arguments: Sequence[str]) -> None:
        """pytest, in parallel; the databases of the last run are used again unless a migration changed."""
        say("Tests …")
        stamp = Stamp(self.folders.data, "migrations", environment.migrations_fingerprint(self.folders.root))
        command = [str(self.folders.python), "-m", "pytest"]
        if not any(word.startswith(("-n", "--numprocesses")) for word in arguments):
            command += ["-n", str(min(8, max(2, os.cpu_count() or 2)))]
        if not stamp.is_current():
            command.append("--create-db")
            stamp.file.unlink(missing_ok=True)
        if sys.stdout.isatty():
            command.append("--color=yes")
        output: list[str] = []
        status = self._stream([*command, *arguments], output, show=True)
        for line in output:
            if found := PYTEST_CLOSING.match(COLOUR.sub("", line.strip())):
                self.closing = found.group(1)
        if status == 0 and not arguments:
            stamp.set()
        self._count("tests", status == 0)

    def _count(self, title: str, good: bool) -> None:
        self.done += 1
        if not good:
            self.failed.append(title)
            say(f"  ✗ {title}")

    def _stream(self, command: Sequence[str], output: list[str], *, show: bool) -> int:
        with subprocess.Popen(
            command, env=self.env, cwd=self.folders.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True, preexec_fn=processes.die_with_parent,
        ) as self.current:  # fmt: skip
            assert self.current.stdout is not None
            try:
                for line in self.current.stdout:
                    output.append(line)
                    if show:
                        say(line.rstrip("\n"))
                return self.current.wait()
            except Stopped:
                self._interrupt(self.current)
                raise

    @staticmethod
    def _interrupt(process: subprocess.Popen[str]) -> None:
        """Ask the check to end as Ctrl-C would, then end its whole session."""
        for sign, wait_s in ((signal.SIGINT, 8), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(wait_s)
                if sign is signal.SIGKILL:
                    return
