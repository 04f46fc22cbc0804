"""Health, readiness, metrics, and the API's description of itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from komek.api import health
from tests.conftest import Cast


def test_the_process_says_it_lives_without_asking_the_database() -> None:
    response = Client().get("/healthz")  # without the db fixture any query fails
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_it_is_ready_when_migrated() -> None:
    response = Client().get("/readyz")
    assert response.status_code == 200
    assert response.json()["worker"] == {"heard_seconds_ago": None, "is_silent": True}
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now())")
        assert Client().get("/readyz").json()["worker"]["is_silent"] is True, "one of the three lanes is missing"
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp() - interval '19.6 seconds')"
        )
        assert Client().get("/readyz").json()["worker"] == {"heard_seconds_ago": 20, "is_silent": False}
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = clock_timestamp() - interval '179.6 seconds'")
    assert Client().get("/readyz").json()["worker"] == {"heard_seconds_ago": 180, "is_silent": True}


@pytest.mark.django_db
def test_it_is_not_ready_with_reasons_when_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_DISK_MB", 10**9)
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert "disk" in response.json()["reasons"][0]


@pytest.mark.django_db(transaction=True)
def test_it_is_not_ready_when_a_migration_is_missing() -> None:
    from django.db.migrations.recorder import MigrationRecorder

    health._is_migrated.cache_clear()
    applied = MigrationRecorder.Migration.objects.filter(app="api").latest("name")
    applied.delete()
    try:
        response = Client().get("/readyz")
        assert response.status_code == 503
        assert "migrated" in response.json()["reasons"][0]
    finally:
        applied.save(force_insert=True)
    assert Client().get("/readyz").status_code == 200


def test_it_is_not_ready_and_says_so_when_the_database_is_gone(tmp_path: Path) -> None:
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "response = Client().get('/readyz')\n"
        "print(response.status_code, response.content.decode())\n"
    )
    environment = os.environ | {
        "DATABASE_URL": f"postgis://nobody@/none?host={tmp_path}",
        "DJANGO_SETTINGS_MODULE": "komek.settings",
        "KOMEK_DEBUG": "1",
    }
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    status, _space, body = done.stdout.strip().splitlines()[-1].partition(" ")
    assert status == "503"
    assert json.loads(body)["reasons"] == ["The database does not answer."]
    assert str(tmp_path) not in body


class TestMetrics:
    def test_this_machine_gets_them(self) -> None:
        response = Client().get("/metrics")
        assert response.status_code == 200
        assert b"django_http_requests_total" in response.content

    @pytest.mark.parametrize(
        "headers", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, {"HTTP_FORWARDED": "for=x"}]
    )
    def test_nobody_else_does(self, headers: dict[str, str]) -> None:
        assert Client().get("/metrics", **headers).status_code == 403  # type: ignore[arg-type]

    def test_the_token_opens_them_from_afar(self, settings: Any) -> None:
        settings.METRICS_TOKEN = "the-metrics-token"
        far = {"REMOTE_ADDR": "192.0.2.7"}
        right = Client().get("/metrics", HTTP_AUTHORIZATION="Bearer the-metrics-token", **far)  # type: ignore[arg-type]
        wrong = Client().get("/metrics", HTTP_AUTHORIZATION="Bearer another", **far)  # type: ignore[arg-type]
        assert (right.status_code, wrong.status_code) == (200, 403)

    def test_figures_of_several_processes_are_added_up(self, tmp_path: Path) -> None:
        script = (
            "import django; django.setup()\n"
            "from django.test import Client\n"
            "Client().get('/healthz')\n"
            "print(Client().get('/metrics').content.decode())\n"
        )
        environment = os.environ | {
            "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "komek.settings",
            "KOMEK_DEBUG": "1",
        }
        for _process in range(2):
            done = subprocess.run(
                [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
            )
        total = next(
            line for line in done.stdout.splitlines()
            if line.startswith("django_http_requests_total_by_view_transport_method_total") and 'view="healthz"' in line
        )  # fmt: skip
        assert float(total.rpartition(" ")[2]) == 2


class TestDescription:
    def test_the_schema_is_valid_and_leaves_no_warning(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("spectacular", "--validate", "--fail-on-warn", file=None)
        written = capsys.readouterr().out
        assert "Idempotency-Key" in written or "If-None-Match" in written

    @pytest.mark.urls("tests.api.urls")
    def test_it_tells_of_problems_versions_and_keys(self, cast: Cast, with_token: Callable[..., APIClient]) -> None:
        from drf_spectacular.generators import SchemaGenerator

        schema = SchemaGenerator(urlconf="tests.api.urls").get_schema(request=None, public=True)
        paths = schema["paths"]
        change = paths["/api/test/organisations/{code}/"]["patch"]
        create = paths["/api/test/organisations/"]["post"]
        read = paths["/api/test/organisations/"]["get"]

        def names(operation: dict[str, Any]) -> set[str]:
            return {parameter["name"] for parameter in operation["parameters"]}

        assert {"If-Match", "Komek-Operation"} <= names(change)
        assert "Idempotency-Key" in names(create)
        assert {"limit", "cursor", "count", "sort", "fields", "updated_since", "kind"} <= names(read)
        assert "application/problem+json" in change["responses"]["default"]["content"]
        assert "ETag" in change["responses"]["200"]["headers"]
        assert "application/geo+json" in paths["/api/test/sites/"]["get"]["responses"]["200"]["content"]

    @pytest.mark.django_db
    def test_the_documentation_is_served_by_us_without_inline_scripts(self) -> None:
        page = Client().get("/api/v1/docs/").content.decode()
        assert re.findall(r"<script(?![^>]*src=)", page) == []
        assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page) == []
        assert Client().get("/api/v1/schema/").status_code == 200
