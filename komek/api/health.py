"""What machines ask about this installation: does the process live, may it be sent requests, its figures.

No sign-in, and nothing in the answers that would help an attacker: neither versions nor names of hosts or files.
"""

from __future__ import annotations

import os
import secrets
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import prometheus_client
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateWorker
from prometheus_client import multiprocess

from komek.api.problems import Problem, problem_response
from komek.records.queues import LANES

LEAST_FREE_DISK_MB = 100
WORKER_SILENT_SECONDS = 120


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """``/healthz``: the process answers. Asks neither database nor disk, so that their trouble never restarts it."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """``/readyz``: 200 when requests can be served, else 503 with the reasons.

    A silent worker is told as a warning only: pages and the API go on working without it.
    """
    reasons = [*_database_faults(), *_disk_faults()]
    body: dict[str, Any] = {"status": "not ready" if reasons else "ready"}
    if reasons:
        body["reasons"] = reasons
    else:
        body["worker"] = _worker()
    return JsonResponse(body, status=503 if reasons else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """``/metrics`` for Prometheus: from this machine itself, or with the token in ``KOMEK_METRICS_TOKEN``.

    With several processes ``PROMETHEUS_MULTIPROC_DIR`` names a folder (emptied at start) in which their figures meet.
    """
    if not _may_see_metrics(request):
        return problem_response(
            request,
            Problem(403, "not-allowed", "Metrics are given to this machine and to holders of the metrics token."),
        )
    registry = prometheus_client.REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = prometheus_client.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return HttpResponse(prometheus_client.generate_latest(registry), content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _may_see_metrics(request: HttpRequest) -> bool:
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind.lower() == "bearer":
        return secrets.compare_digest(given.strip().encode(), settings.METRICS_TOKEN.encode())
    # A proxy on this machine passes on everybody's requests from the loopback address, and says so in a header.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not forwarded


def _database_faults() -> list[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _is_migrated():
            _is_migrated.cache_clear()
            return ["The database is not migrated to this version."]
    except DatabaseError:
        return ["The database does not answer."]
    return []


@cache
def _is_migrated() -> bool:
    """Asked again until true: a database is not migrated backwards below a running process."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _disk_faults() -> list[str]:
    folder = Path(settings.DATA_DIR)
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free_mb = shutil.disk_usage(existing).free // 2**20
    return [f"Only {free_mb} MB of disk are free."] if free_mb < LEAST_FREE_DISK_MB else []


def _worker() -> dict[str, Any]:
    """How long ago all lanes of background work were heard of; ``None`` when one is missing, in whichever process it ran."""
    beats = ProcrastinateWorker.objects.order_by("-last_heartbeat").values_list("last_heartbeat", flat=True)
    heard = list(beats[: len(LANES)])
    seconds = round((timezone.now() - heard[-1]).total_seconds()) if len(heard) == len(LANES) else None
    return {"heard_seconds_ago": seconds, "is_silent": seconds is None or seconds > WORKER_SILENT_SECONDS}
