"""``import_pfif``: bring a PFIF file of another registry in, go on with one that stopped, or take one back."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from komek.accounts.models import User
from komek.operations.models import Operation
from komek.records.actor import Actor, Channel
from missing_persons.models import PfifRun
from missing_persons.pfif.outcomes import outcomes
from missing_persons.pfif.reading import read
from missing_persons.pfif.records import Fault
from missing_persons.pfif.reversing import reverse_run
from missing_persons.pfif.runs import begin_run, carry_out, own_domain
from missing_persons.pfif.sentences import sentence
from missing_persons.pfif.trusting import Source, sorted_out
from missing_persons.refusals import Refused

FAULTS_SHOWN = 50


class Command(BaseCommand):
    help = "Import records of another registry (PFIF 1.1 to 1.4, also as Atom). A file of any size is read as a stream."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the PFIF file; not needed with --reverse")
        parser.add_argument("--user", required=True, help="e-mail of the account that imports")
        parser.add_argument("--operation", help="short name of the operation")
        parser.add_argument(
            "--domain", help="domain of the registry the file comes from, as its records' numbers begin"
        )
        parser.add_argument("--passes-on", action="store_true", help="the file may hold records of other registries")
        parser.add_argument(
            "--publish", action="store_true", help="show the records to the public, but deaths and children"
        )
        parser.add_argument("--check", action="store_true", help="say what is wrong with the file, write nothing")
        parser.add_argument(
            "--resume", type=int, metavar="NUMBER", help="go on with an import that stopped, from the same file"
        )
        parser.add_argument("--reverse", type=int, metavar="NUMBER", help="take an import back")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["user"]).first()
        if user is None:
            raise CommandError(f"No account has the e-mail {options['user']}.")
        by = Actor(user=user, channel=Channel.IMPORT)
        try:
            if options["check"]:
                self._check(options)
                return
            run = self._run(by, options)
        except Refused as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        except PermissionDenied as denied:
            raise CommandError(str(denied)) from denied
        except OSError as fault:
            raise CommandError(f"The file cannot be read: {fault.strerror}.") from fault
        self.stdout.write(f"\nImport {run.pk}:")
        for label, count in outcomes(run):
            self.stdout.write(f"  {label}: {count}")
        for fault in run.faults.all()[:FAULTS_SHOWN]:
            said = sentence(Fault(fault.line, fault.kind, fault.values))
            self.stdout.write(f"  line {fault.line}, {fault.record_id or '?'}: {said}")

    def _run(self, by: Actor, options: dict[str, Any]) -> PfifRun:
        if options["reverse"]:
            return reverse_run(self._known(options["reverse"]), by=by)
        file: Path | None = options["file"]
        if file is None:
            raise CommandError("Name the file.")
        with file.open("rb") as stream:
            if options["resume"]:
                run = self._known(options["resume"])
            else:
                operation = Operation.objects.filter(slug=options["operation"] or "").first()
                if operation is None:
                    raise CommandError(f"No operation is called {options['operation']}. Name one with --operation.")
                run = begin_run(
                    by=by, operation=operation, domain=options["domain"] or "", file_name=file.name,
                    passes_on=options["passes_on"], publishes=options["publish"],
                )  # fmt: skip
                self.stdout.write(f"Import {run.pk} begins. If it stops: --resume {run.pk}")
            return carry_out(run, by=by, stream=stream, progress=self._say)

    def _check(self, options: dict[str, Any]) -> None:
        if options["file"] is None or not options["domain"]:
            raise CommandError("Name the file and the domain.")
        source = Source(options["domain"].lower(), own_domain(), passes_on=options["passes_on"])
        counts: Counter[str] = Counter()
        with options["file"].open("rb") as stream:
            for item in sorted_out(read(stream), source, timezone.now):
                kind = ("lost" if item.is_lost else "mended") if isinstance(item, Fault) else type(item).__name__
                counts[kind] += 1
                if isinstance(item, Fault) and counts["lost"] + counts["mended"] <= FAULTS_SHOWN:
                    self.stdout.write(f"  line {item.line}, {item.record_id or '?'}: {sentence(item)}")
        self.stdout.write(
            f"{counts['PfifPerson']} persons and {counts['PfifNote']} notes can be taken, {counts['Ours']} are our own,"
            f" {counts['lost']} are left out, {counts['mended']} lose a value. Nothing was written."
        )

    def _say(self, done: int) -> None:
        self.stdout.write(f"\r{done} records", ending="")
        self.stdout.flush()

    def _known(self, number: int) -> PfifRun:
        run = PfifRun.objects.select_related("operation").filter(pk=number).first()
        if run is None:
            raise CommandError(f"There is no import {number}.")
        return run
