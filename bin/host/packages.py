"""Debian packages: only what is missing, the newest PostGIS the distribution has, and as few words as possible."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bin.host.faults import FIRST_START_BYTES, Fault, free_bytes, require_space
from bin.host.folders import Folders
from bin.host.steps import run_step, say

POSTGRES_HOME = Path("/usr/lib/postgresql")
POSTGIS_PACKAGE = re.compile(r"^postgresql-(\d+)-postgis-3\s", re.MULTILINE)
PDF_LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
FONTS = Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf")


def installed_postgis() -> list[int]:
    """Major versions of PostgreSQL installed here together with PostGIS, newest first."""
    versions = [int(folder.name) for folder in POSTGRES_HOME.glob("*") if folder.name.isdigit()]
    return sorted(
        (
            version
            for version in versions
            if (POSTGRES_HOME / str(version) / "bin" / "postgres").exists()
            and Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists()
        ),
        reverse=True,
    )


def installed_postgres() -> list[int]:
    """Major versions of the PostgreSQL server installed here, with or without PostGIS."""
    return [
        int(folder.name)
        for folder in POSTGRES_HOME.glob("*")
        if folder.name.isdigit() and (folder / "bin" / "postgres").exists()
    ]


def newest_postgis(search: str, installed: Sequence[int]) -> str | None:
    """The PostGIS package to take from what ``apt-cache search`` printed: for a server that is here already, else the newest."""
    offered = {int(version) for version in POSTGIS_PACKAGE.findall(search)}
    candidates = offered & set(installed) or offered
    return f"postgresql-{max(candidates)}-postgis-3" if candidates else None


def missing(*, with_cluster: bool, with_browser: bool) -> list[str]:
    """What has to be installed; ``postgis`` stands for the package that is chosen once the lists are fresh."""
    names = []
    if with_cluster and not installed_postgis() and not _postgis_on_path():
        names.append("postgis")
    if ctypes.util.find_library("gdal") is None and "postgis" not in names:
        names.append("gdal-bin")
    if shutil.which("msgfmt") is None:
        names.append("gettext")
    if importlib.util.find_spec("ensurepip") is None and shutil.which("uv") is None:
        names.append("python3-venv")
    if shutil.which("npm") is None:
        names += ["npm"] if shutil.which("node") else ["nodejs", "npm"]
    # Pages as PDF; the fonts that come with them as a dependency hold the letters of every language Komek speaks.
    for library, package in PDF_LIBRARIES.items():
        if ctypes.util.find_library(library) is None:
            names.append(package)
    if not Path("/usr/share/zoneinfo/Asia/Ashgabat").exists():
        names.append("tzdata")
    if not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        names.append("ca-certificates")
    if with_browser and shutil.which("chromium") is None:
        names.append("chromium")
    if with_browser and not FONTS.exists():
        names.append("fonts-noto-core")
    if with_browser and shutil.which("pdftotext") is None:
        names.append("poppler-utils")
    return names


def _postgis_on_path() -> bool:
    """A PostgreSQL outside Debian's folders, which says itself where its extensions are."""
    config = shutil.which("pg_config")
    if config is None or shutil.which("initdb") is None:
        return False
    share = subprocess.run([config, "--sharedir"], capture_output=True, text=True, check=False).stdout.strip()
    return (Path(share) / "extension" / "postgis.control").exists()


def install_missing(folders: Folders, *, with_cluster: bool = True, with_browser: bool = False) -> None:
    """Install what is missing, as root or through sudo."""
    names = missing(with_cluster=with_cluster, with_browser=with_browser)
    if not names:
        return
    if shutil.which("apt-get") is None:
        raise Fault(f"Komek needs {_listed(names)}. Install them and start again; here is no apt-get to do it with.")
    require_space(folders.data, needed=FIRST_START_BYTES, free=free_bytes(folders.data))
    as_root = _as_root(names)
    apt_env = {**os.environ, "LC_ALL": "C.UTF-8"}
    say(f"Installing {_listed(names)} …")
    run_step(
        "read the package lists", [*as_root, "apt-get", "-q", "update"],
        log=folders.setup_log, env=apt_env, cwd=Path("/"),
    )  # fmt: skip
    if "postgis" in names:
        search = subprocess.run(
            ["apt-cache", "search", "--names-only", "^postgresql-[0-9]+-postgis-3$"],
            capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip
        package = newest_postgis(search, installed_postgres())
        if package is None:
            raise Fault(
                "The package lists hold no PostGIS. Komek needs Debian 12 or newer and a way to its package servers: "
                "check the connection, then start again."
            )
        names[names.index("postgis") : names.index("postgis") + 1] = [package.removesuffix("-postgis-3"), package]
        _forgo_default_cluster(as_root)
    run_step(
        f"install {_listed(names)}",
        [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "install", "-y", "--no-install-recommends", *names],
        log=folders.setup_log, env=apt_env, cwd=Path("/"),
    )  # fmt: skip
    left = missing(with_cluster=with_cluster, with_browser=with_browser)
    if left:
        raise Fault(f"After installing, {_listed(left)} cannot be found; {folders.setup_log} has the details.")


def _as_root(names: list[str]) -> list[str]:
    """How to become root for apt; a sentence if there is no way."""
    if os.geteuid() == 0:
        return []
    refusal = Fault(
        f"Komek needs packages that are not installed, and you may not install them. Ask the administrator for: "
        f"{' '.join('postgresql postgis' if name == 'postgis' else name for name in names)}"
    )
    if shutil.which("sudo") is None:
        raise refusal
    may = subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if may.returncode == 0:
        return ["sudo", "-n"]
    if not sys.stdin.isatty():
        raise refusal
    if subprocess.run(["sudo", "-v"], check=False).returncode != 0:
        raise refusal
    return ["sudo", "-n"]


def _forgo_default_cluster(as_root: list[str]) -> None:
    """Keep Debian's package from starting a server of its own, which nobody here would use.

    Only before the first PostgreSQL of a machine: where one is installed already, its settings are somebody's.
    """
    if Path("/etc/postgresql-common").exists():
        return
    folder = "/etc/postgresql-common/createcluster.d"
    script = f"mkdir -p {folder} && echo 'create_main_cluster = false' > {folder}/komek.conf"
    subprocess.run([*as_root, "sh", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, check=False)


def _listed(names: Sequence[str]) -> str:
    shown = ["PostgreSQL with PostGIS" if name == "postgis" else name for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
