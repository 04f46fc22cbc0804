"""The latest reports of hospitals as one document."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from camps.have.writing import write
from camps.hospitals import latest_reports
from camps.models import Camp


def document_of(camps: QuerySet[Camp], operation: Any) -> bytes | None:
    """An EDXL-HAVE document of each hospital's latest report; ``None`` when none has one."""
    found = {camp.pk: camp for camp in camps.select_related("organisation").order_by("code")}
    reports = latest_reports(list(found))
    if not reports:
        return None
    for key, report in reports.items():
        report.camp = found[key]
    ordered = [reports[key] for key in found if key in reports]
    is_exercise = bool(getattr(operation, "is_exercise", False))
    return write(ordered, sender=str(operation or "Komek"), is_exercise=is_exercise)
