"""``manage.py forget_idempotency_keys``: run it daily, as ``tasks`` does where a worker runs."""

from typing import Any

from django.core.management.base import BaseCommand

from komek.api.idempotency import forget_kept_answers


class Command(BaseCommand):
    help = "Delete the answers kept for repeated API requests that are older than 48 hours."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{forget_kept_answers()} kept answers deleted.")
