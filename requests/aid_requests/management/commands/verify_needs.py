"""``bin/manage verify_needs``: whether what is kept of each line is what lines and promises say. Ends with 1 when something is not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aid_requests.kept_figures import verify, write_anew


class Command(BaseCommand):
    help = (
        "Verify what is still needed of each line of a request: asked, received and promised against the kept figures."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="write the kept figures anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self.stdout.write(f"{write_anew()} figures written anew.")
        faults = verify()
        for fault in faults:
            self.stdout.write(f"line {fault.line}: wanted and promised {fault.derived}, kept {fault.kept}")
        if faults:
            raise CommandError("The lines and promises are right; --rebuild writes the kept figures anew.")
        self.stdout.write("What is still needed verifies.")
