"""``bin/manage verify_ledger``: whether every balance is what the ledger says. Ends with 1 when something is not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.verifying import rebuild, verify
from komek.records.actor import SYSTEM


class Command(BaseCommand):
    help = "Verify the stock ledger: balances, entries that add up, nothing below zero at any moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="write the balances anew from the ledger first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self.stdout.write(f"{rebuild(by=SYSTEM)} balances written anew.")
        faults = verify()
        for fault in faults:
            self.stdout.write(f"{fault.what}: {fault.place}: {fault.expected} by the ledger, {fault.found} found")
        if faults:
            raise CommandError(f"{len(faults)} disagreements. The ledger is right; --rebuild writes the balances anew.")
        self.stdout.write("The ledger verifies.")
