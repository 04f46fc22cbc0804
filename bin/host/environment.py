"""The project's own environment: Python packages, front-end packages, message catalogues, the secret key, the variables."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bin.host.folders import Folders
from bin.host.steps import Stamp, digest, listing, run_step, say

UV_VERSION = "0.13.9"
NOT_OURS = {".venv", "node_modules", "var", ".git"}
# Variables of another Python environment that would lead ours astray.
FOREIGN = (
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
    "DJANGO_SETTINGS_MODULE",
    "UV_PROJECT_ENVIRONMENT",
    "PYTHONSTARTUP",
)


def clean_environment() -> dict[str, str]:
    """The caller's variables without those of other Python environments."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}


@contextmanager
def one_at_a_time(folders: Folders) -> Iterator[None]:
    """Two commands started together in one checkout set it up one after the other."""
    with (folders.stamps / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_up(folders: Folders) -> None:
    """Python packages, front-end packages and message catalogues, each only when its inputs changed."""
    with one_at_a_time(folders):
        install_python_packages(folders)
        install_front_end(folders)
        compile_messages(folders)


def install_python_packages(folders: Folders) -> None:
    stamp = Stamp(
        folders.stamps, "python", digest([folders.root / "uv.lock", folders.root / "pyproject.toml", str(folders.root)])
    )
    if stamp.is_current() and folders.python.exists():
        return
    uv = find_uv(folders)
    say("Installing the Python packages that uv.lock names …")
    command: list[str | Path] = [uv, "sync", "--frozen", "--no-progress", "--compile-bytecode"]
    if not folders.python.exists():
        command += ["--python", sys.executable]
    env = {**clean_environment(), "UV_PYTHON_DOWNLOADS": "never"}
    run_step("install the Python packages", command, log=folders.setup_log, env=env, cwd=folders.root)
    stamp.set()


def find_uv(folders: Folders) -> str:
    """``uv`` from the PATH, else our own below ``var/tools``, made on first use."""
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    own = folders.tools / "bin" / "uv"
    stamp = Stamp(folders.stamps, "uv", UV_VERSION)
    if not (own.exists() and stamp.is_current()):
        say("Fetching uv, which installs the Python packages …")
        env = clean_environment()
        log = folders.setup_log
        run_step(
            "make a Python environment", [sys.executable, "-m", "venv", "--clear", folders.tools],
            log=log, env=env, cwd=folders.root,
        )  # fmt: skip
        pip = [
            str(folders.tools / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "-q",
            "--retries",
            "2",
            f"uv=={UV_VERSION}",
        ]
        run_step("fetch uv", pip, log=log, env=env, cwd=folders.root)
        stamp.set()
    return str(own)


def install_front_end(folders: Folders) -> None:
    stamp = Stamp(folders.stamps, "npm", digest([folders.root / "package-lock.json", folders.root / "package.json"]))
    if stamp.is_current() and (folders.root / "node_modules").is_dir():
        return
    say("Installing the front-end packages that package-lock.json names …")
    run_step(
        "install the front-end packages", ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        log=folders.setup_log, env=clean_environment(), cwd=folders.root,
    )  # fmt: skip
    stamp.set()


def catalogues(root: Path) -> list[Path]:
    """All message catalogues of ours."""
    found = []
    for path, names, files in os.walk(root):
        names[:] = [name for name in names if name not in NOT_OURS]
        found += [Path(path, file) for file in files if file.endswith(".po")]
    return sorted(found)


def compile_messages(folders: Folders) -> None:
    """Compile the catalogues that changed; two at a time, since msgfmt needs little and there are many."""
    sources = catalogues(folders.root)
    stale = [
        po
        for po in sources
        if not po.with_suffix(".mo").exists() or po.with_suffix(".mo").stat().st_mtime < po.stat().st_mtime
    ]
    if not stale:
        return
    say("Compiling the translations …")

    def compile_one(po: Path) -> None:
        run_step(
            f"compile {po.relative_to(folders.root)}", ["msgfmt", "--check-format", "-o", po.with_suffix(".mo"), po],
            log=folders.setup_log, env=clean_environment(), cwd=folders.root,
        )  # fmt: skip

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(compile_one, stale))


def static_fingerprint(folders: Folders) -> str:
    """Changes when a file that is served does: ours by time and size, other people's by their lock files."""
    ours = [folder for folder in folders.root.glob("*/static") if folder.parent.name not in NOT_OURS]
    ours += [*folders.root.glob("komek/*/static"), *folders.root.glob("requests/*/static")]
    locks = [folders.root / name for name in ("uv.lock", "package-lock.json", "komek/settings.py")]
    return digest([*listing(ours), *locks])


def migrations_fingerprint(root: Path) -> str:
    """Changes when a migration of ours or the version of a package with migrations does."""
    files = []
    for path, names, found in os.walk(root):
        names[:] = [name for name in names if name not in NOT_OURS]
        if Path(path).name == "migrations":
            files += [Path(path, file) for file in found if file.endswith(".py")]
    return digest([*sorted(files), root / "uv.lock"])


def make_secret_key(folders: Folders) -> None:
    """The key that signs sessions, made once and readable by its owner alone."""
    file = folders.data / "secret_key"
    if os.environ.get("KOMEK_SECRET_KEY") or (file.exists() and file.stat().st_size):
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_urlsafe(50) + "\n")


def for_django(folders: Folders, socket_dir: Path | None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables under which Django runs here. ``socket_dir`` is None when DATABASE_URL names another server."""
    env = clean_environment()
    env["KOMEK_DATA_DIR"] = str(folders.data)
    env["PATH"] = f"{folders.python.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env.setdefault("LANG", "C.UTF-8")
    if socket_dir is not None:
        env["KOMEK_CLUSTER_SOCKET"] = str(socket_dir)
    return {**env, **(extra or {})}
