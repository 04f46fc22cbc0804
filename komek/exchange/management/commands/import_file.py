"""``import_file``: bring a file in from the command line. A dry run unless told to commit."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from komek.accounts.models import User
from komek.exchange.faults import FileFault
from komek.exchange.importing import apply, check, receive
from komek.exchange.models import OUTCOMES
from komek.exchange.planning import Outcome
from komek.exchange.resources import ModelResource
from komek.extensions.exchange import exchange
from komek.operations.models import Operation
from komek.records.actor import Actor, Channel


class Command(BaseCommand):
    help = "Import a table. Without --commit nothing is written and the faults are listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("resource", help="what the rows are, such as orgs.activity")
        parser.add_argument("file", type=Path)
        parser.add_argument("--operation", help="short name of the operation")
        parser.add_argument("--user", required=True, help="e-mail of the account that imports")
        parser.add_argument("--commit", action="store_true", help="write what can be written")

    def handle(self, *args: Any, **options: Any) -> None:
        resource = exchange.get(options["resource"])
        if not isinstance(resource, ModelResource) or not resource.takes_files:
            known = ", ".join(plug.key for plug in exchange if getattr(plug, "takes_files", False))
            raise CommandError(f"No such resource. Known: {known}.")
        operation = Operation.objects.filter(slug=options["operation"]).first() if options["operation"] else None
        if options["operation"] and operation is None:
            raise CommandError(f"No operation is called {options['operation']}.")
        user = User.objects.filter(email__iexact=options["user"]).first()
        if user is None:
            raise CommandError(f"No account has the e-mail {options['user']}.")
        by = Actor(user=user, channel=Channel.IMPORT, name=str(user))
        try:
            content = options["file"].read_bytes()
            batch = receive(by=by, operation=operation, resource=resource, content=content, name=options["file"].name)
        except OSError as fault:
            raise CommandError(f"The file cannot be read: {fault.strerror}.") from fault
        except FileFault as fault:
            raise CommandError(str(fault)) from fault
        check(batch)
        if options["commit"]:
            apply(batch)
        batch.refresh_from_db()
        for outcome, label in OUTCOMES:
            if batch.counts.get(outcome):
                self.stdout.write(f"{label}: {batch.counts[outcome]}")
        for row in batch.rows.filter(outcome__in=(Outcome.REFUSED, Outcome.AMBIGUOUS))[:50]:
            for fault in row.faults:
                self.stdout.write(f"  row {row.number}, {fault['column']}: {fault['sentence']}")
        if not options["commit"]:
            self.stdout.write("Nothing was written. Add --commit to write.")
