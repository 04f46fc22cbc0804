"""Exercise Kopetdag: an invented magnitude 7.1 earthquake on real geography, to practise with and to measure on.

The people, organisations and figures are invented; the settlements and regions are real. The same scale always gives the same
records, except for the passwords, which are made anew so that no installation has a known one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from komek.extensions.exercise import ExerciseContext, exercise
from komek.operations.models import HazardType, Operation, Phase
from komek.operations.opening import begin_first_phase
from komek.records.actor import Actor, Channel, acting
from komek.records.copying import copy_in

SLUG = "exercise-kopetdag"
BATCH = 2000  # even, so that no entry of a ledger is written apart from its other side
EPICENTRE = Point(57.5, 38.2, srid=4326)
BEGAN_DAYS_AGO = 21
NAMES = {
    "en": "Exercise Kopetdag",
    "tk": "Köpetdag okuw türgenleşigi",
    "uz": "Kopetdog‘ o‘quv mashg‘uloti",
    "uz-cyrl": "Копетдоғ ўқув машғулоти",
    "az": "Kopetdağ təlimi",
    "ru": "Учения «Копетдаг»",
}
SUMMARY = (
    "EXERCISE. An invented earthquake of magnitude 7.1 struck the Kopetdag foothills at night. Buildings fell in "
    "several districts, roads and water mains are broken, and tens of thousands of people sleep outside."
)


def exercise_exists() -> bool:
    """Whether the exercise was loaded before, even if it has ended since."""
    return Operation.objects.filter(slug=SLUG).exists()


def load_exercise(
    *, scale: int, progress: Callable[[str, int, int], None], data_dir: Path, seed: int = 71
) -> Operation:
    """Make the operation and every registry's part of it, all or nothing; write the sign-in sheet to ``data_dir``.

    scale: how many times the ordinary amount. Returns the operation.
    """
    by = Actor(user=None, channel=Channel.COMMAND, name="Komek", reason="loading the exercise")
    with transaction.atomic(), acting(by):
        operation = _make_operation(by)
        made: dict[str, Any] = {"accounts": []}
        for part in sorted(exercise, key=lambda part: part.order):
            part.load(
                ExerciseContext(
                    operation=operation,
                    scale=scale,
                    random=Random(f"{seed}:{part.key}"),  # noqa: S311 - invented data, not secrets
                    progress=progress,
                    made=made,
                )
            )
        affected = made.get("areas", {}).get("affected", [])
        operation.affected_areas.set(affected)
    _write_sign_in_sheet(data_dir / "exercise.json", operation, made["accounts"])
    return operation


def fresh_password() -> str:
    """Three groups of letters and digits that can be read from paper: easy to type, 75 bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(3))


def write_records(context: ExerciseContext, label: str, records: Iterable[Model], total: int | None = None) -> None:
    """Write new records of one model in batches, showing progress; their primary keys are filled in.

    records: made one after the other where they are many; then ``total`` says how many. Not for models in two tables.
    """
    if total is None:
        records = list(records)
        total = len(records)
    source, done = iter(records), 0
    while batch := list(islice(source, BATCH)):
        copy_in(batch)
        done += len(batch)
        context.progress(label, done, total)


def _make_operation(by: Actor) -> Operation:
    began = timezone.now().replace(hour=22, minute=41, second=0, microsecond=0) - timedelta(days=BEGAN_DAYS_AGO)
    affected = EPICENTRE.buffer(1.2)
    operation = Operation.objects.create(
        slug=SLUG,
        name=NAMES["en"],
        names=NAMES,
        phase=Phase.RELIEF,
        is_exercise=True,
        summary=SUMMARY,
        started_at=began,
        affected_geometry=MultiPolygon(affected, srid=4326),
    )
    operation.hazard_types.set(HazardType.objects.filter(key__in=("earthquake", "landslide")))
    begin_first_phase(operation, by=by)
    return operation


def _write_sign_in_sheet(file: Path, operation: Operation, accounts: list[dict[str, str]]) -> None:
    """The invented people's passwords, readable by the installation's owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps({"operation": operation.name, "accounts": accounts}, ensure_ascii=False, indent=2))
