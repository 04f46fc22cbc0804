"""``ask_to_confirm``: e-mail the managers of entries that nobody has confirmed for a while."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from orgs.staleness import ask_to_confirm, to_be_asked


class Command(BaseCommand):
    help = "Ask the managers of organisations whose entries are getting old to confirm them, at most once in 14 days."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many would be asked.")

    def handle(self, *args: Any, **options: Any) -> None:
        due = to_be_asked().select_related("operation")
        if options["dry_run"]:
            self.stdout.write(f"{due.count()} organisations would be asked.")
            return
        done = ask_to_confirm(organisations=due.iterator(chunk_size=500))
        self.stdout.write(
            f"{done.asked} organisations asked, {done.nobody} have no manager with an e-mail address, "
            f"{done.failed} could not be reached."
        )
