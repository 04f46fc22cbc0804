"""``load_reference_data``: hazard types, sectors, areas, settlements, catalogue. Safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand

from komek.records.reference import load_all


class Command(BaseCommand):
    help = "Load or update the code lists, areas and catalogue that come with Komek."

    def handle(self, *args: Any, **options: Any) -> None:
        load_all(lambda line: self.stdout.write(f"  {line}"))
