"""``load_boundaries``: load an edition of boundaries from files. A dry run unless told to commit; never in use at once."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from komek.accounts.models import User
from komek.places.boundary_columns import LayerMapping
from komek.places.boundary_files import BoundaryFault
from komek.places.boundary_loading import DryRun, Edition, dry_run, write_edition
from komek.records.actor import Actor, Channel

SHOWN = 50


class Command(BaseCommand):
    help = "Load boundaries (COD-AB and the like). Without --commit nothing is written and what is wrong is listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="GeoJSON, GeoPackage or zipped Shapefiles")
        parser.add_argument("--country", required=True, help="two letters, such as TM")
        parser.add_argument("--name", required=True, help="name of the edition, such as “COD-AB 2025”")
        parser.add_argument("--source", default="", help="source and licence")
        parser.add_argument("--valid-from", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument(
            "--mapping",
            type=Path,
            help="JSON file: layer name → {level, pcode, parent, names, aliases, codes, epsg, is_swapped}",
        )
        parser.add_argument(
            "--leave-out-faulty", action="store_true", help="load the sound areas when others have faults"
        )
        parser.add_argument("--user", help="e-mail of the account that loads; needed with --commit")
        parser.add_argument("--operation", help="short name of the operation the account coordinates")
        parser.add_argument("--commit", action="store_true", help="load the edition, not in use yet")

    def handle(self, *args: Any, **options: Any) -> None:
        edition = Edition(options["country"].upper(), options["name"], options["source"], options["valid_from"])
        for path in options["files"]:
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        try:
            planned = dry_run(
                [(path.name, path) for path in options["files"]],
                edition=edition,
                mappings=_mappings(options["mapping"]),
            )
            self._report(planned)
            if options["commit"]:
                self._load(planned, options)
            else:
                self.stdout.write("Nothing was written. Add --commit to load the edition.")
        except (BoundaryFault, PermissionDenied) as fault:
            raise CommandError(str(fault)) from fault

    def _report(self, planned: DryRun) -> None:
        for layer in planned.layers:
            mapping = planned.mappings[layer.name]
            names = ", ".join(f"{language or '?'}: {column}" for language, column in mapping.names.items())
            self.stdout.write(
                f"{layer.name}: {len(layer.rows)} areas, level {mapping.level}, P-code {mapping.pcode}, names {names}"
            )
        for note in planned.notes:
            self.stdout.write(note)
        for level, number in planned.report.counts.items():
            self.stdout.write(f"level {level}: {number}")
        report = planned.report
        for kind, findings in (("fault", report.faults), ("warning", report.warnings)):
            for finding in findings[:SHOWN]:
                place = f"{finding.layer}, row {finding.number}" if finding.number else finding.layer
                self.stdout.write(f"{kind}: {place} {finding.pcode} {finding.name}: {finding.sentence}")
            if len(findings) > SHOWN:
                self.stdout.write(f"… and {len(findings) - SHOWN} more")

    def _load(self, planned: DryRun, options: dict[str, Any]) -> None:
        user = User.objects.filter(email__iexact=options["user"] or "").first()
        if user is None:
            raise CommandError("Say with --user who loads the edition, by the e-mail of an account.")
        operations = apps.get_model("operations", "Operation").objects
        operation = operations.filter(slug=options["operation"]).first() if options["operation"] else None
        if options["operation"] and operation is None:
            raise CommandError(f"No operation is called {options['operation']}.")
        generation = write_edition(
            by=Actor(user=user, channel=Channel.COMMAND, name=str(user)),
            operation=operation,
            planned=planned,
            leave_out_faulty=options["leave_out_faulty"],
            progress=lambda done, total: self.stdout.write(f"{done} of {total} areas"),
        )
        self.stdout.write(
            f"Loaded “{generation}”. It is not in use yet: compare it and bring it into use in the browser."
        )


def _mappings(path: Path | None) -> dict[str, LayerMapping]:
    if path is None:
        return {}
    try:
        stored = json.loads(path.read_text())
        return {layer: LayerMapping.from_json(mapping) for layer, mapping in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise CommandError(f"The mapping cannot be read: {fault}") from fault
