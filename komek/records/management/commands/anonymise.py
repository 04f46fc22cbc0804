"""``anonymise``: forget what its time has come for. ``--dry-run`` only counts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from komek.records.actor import SYSTEM
from komek.records.retention import anonymise, due_counts, rules


class Command(BaseCommand):
    help = "Take personal data out of records whose period has passed, and out of their history. Runs by itself every night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, change nothing")
        parser.add_argument(
            "--rule", action="append", default=[], metavar="KEY", help="only this rule; may be repeated"
        )

    def handle(self, *args: Any, dry_run: bool, rule: list[str], **options: Any) -> None:
        known = {one.key: one for one in rules()}
        unknown = sorted(set(rule) - set(known))
        if unknown:
            raise CommandError(f"No such rule: {', '.join(unknown)}. Known are {', '.join(sorted(known))}.")
        counts = due_counts() if dry_run else anonymise(by=SYSTEM, keys=rule).counts
        for key, one in sorted(known.items()):
            if key in counts and (not rule or key in rule):
                verb = "would be" if dry_run else "were"
                what = "deleted" if one.fields is None else "anonymised"
                self.stdout.write(f"{key}: {counts[key]} {verb} {what} (kept {one.period().days} days). {one.why}")
