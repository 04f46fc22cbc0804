"""``find_duplicates``: look for organisations registered twice, among all of them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from orgs.duplicates import refresh_all


class Command(BaseCommand):
    help = "Look for organisations that may be registered twice. Run after a large import; it also runs every night."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{refresh_all()} pairs wait for a coordinator.")
