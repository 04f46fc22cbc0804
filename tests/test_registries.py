"""An installation may switch off each registry but the organisations; everything else goes on working.

Each case starts Django in a process of its own, because which apps there are is settled once, at the start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import Cast

ROOT = Path(__file__).parents[1]
EVERY = tuple(settings.ALL_REGISTRIES)
PAGES = (
    "/", "/organisations/", "/sites/", "/coverage/", "/operations/quake/", "/supplies/", "/search/?q=relief", "/exchange/",
    "/places/", "/views/", "/account/", "/about/", "/api/v1/", "/api/v1/schema/", "/api/v1/organisations/",
)  # fmt: skip
WORK = """
import sys
import django
django.setup()
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from komek.accounts.models import User
from komek.extensions import all_sockets

call_command("check", fail_level="WARNING")
for off in sys.argv[1].split(","):
    if off:
        assert not any(app.name == off for app in apps.get_app_configs()), off
        assert f"{off}.models" not in sys.modules, f"{off} is imported though it is switched off"
for socket in all_sockets().values():
    socket.plugs()
browser = Client()
browser.force_login(User.objects.get(email="aina@example.org"), backend="django.contrib.auth.backends.ModelBackend")
for path in sys.argv[2:]:
    status = browser.get(path).status_code
    assert status == 200, (path, status)
print("everything opens")
"""


def database_url() -> str:
    """Where the tests' own database is, as another process has to be told."""
    found = connection.settings_dict
    owner = quote(found["USER"], safe="") + (f":{quote(found['PASSWORD'], safe='')}" if found["PASSWORD"] else "")
    if found["HOST"].startswith("/"):
        return f"postgis://{owner}@/{found['NAME']}?host={quote(found['HOST'], safe='')}"
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgis://{owner}@{found['HOST']}{port}/{found['NAME']}"


def start(registries: str, *arguments: str, code: str = WORK) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "KOMEK_REGISTRIES": registries, "DATABASE_URL": database_url(), "KOMEK_DEBUG": "1",
        "KOMEK_DB_POOL": "0", "DJANGO_SETTINGS_MODULE": "komek.settings",
    }  # fmt: skip
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)


CASES = [(), *((name,) for name in EVERY), *([EVERY] if len(EVERY) > 1 else [])]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("off", CASES, ids=lambda off: ",".join(off) or "none")
def test_without_a_registry_everything_else_is_sound_and_opens(cast: Cast, off: tuple[str, ...]) -> None:
    on = ",".join(name for name in EVERY if name not in off)
    done = start(on, ",".join(off), *PAGES)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "everything opens" in done.stdout


@pytest.mark.parametrize("asked", ["orgs", "", " orgs ,"])
def test_the_organisations_always_stay(db: None, asked: str) -> None:
    code = "from komek import settings; print(settings.REGISTRIES, 'orgs' in settings.INSTALLED_APPS)"
    done = start(asked, code=code)
    assert done.stdout.strip() == "[] True", done.stderr[-2000:]


def test_a_registry_nobody_knows_stops_the_start_with_its_name(db: None) -> None:
    done = start("camps,kamps", code="from komek import settings")
    assert done.returncode != 0
    assert "KOMEK_REGISTRIES names kamps, which this copy of Komek does not have" in done.stderr


def test_only_registries_that_came_along_are_listed() -> None:
    assert all((ROOT / name).is_dir() or (ROOT / "requests" / name).is_dir() for name in EVERY)
    assert settings.BASE_REGISTRY not in EVERY
    assert set(settings.REGISTRIES) <= set(EVERY)
