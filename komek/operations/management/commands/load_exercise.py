"""``load_exercise``: fill the system with Exercise Kopetdag."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from komek.operations.exercises import exercise_exists, load_exercise


class Command(BaseCommand):
    help = "Load Exercise Kopetdag: an invented earthquake on real geography, marked as an exercise everywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=int, default=1, help="how many times the ordinary amount (for benchmarks)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when it was loaded before")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scale"] < 1:
            raise CommandError("--scale must be 1 or more.")
        if exercise_exists():
            if options["if_empty"]:
                return
            raise CommandError("The exercise is loaded already. It is a record like any other and is not loaded twice.")
        operation = load_exercise(scale=options["scale"], progress=self._progress, data_dir=settings.DATA_DIR)
        self.stdout.write(f"Loaded {operation.name}. Sign-in sheet: {settings.DATA_DIR / 'exercise.json'}")

    def _progress(self, label: str, done: int, total: int) -> None:
        if not sys.stdout.isatty():
            if done >= total:
                self.stdout.write(f"  {label}: {total}")
            return
        width = 30
        filled = width * done // max(total, 1)
        end = "\n" if done >= total else ""
        self.stdout.write(f"\r  {label:<24} [{'#' * filled}{'.' * (width - filled)}] {done}/{total}", ending=end)
        self.stdout.flush()
