"""Database extensions, and one sequence per kind of public code."""

from pathlib import Path

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

ROOT = Path(__file__).resolve().parents[3]
ROOMS = {
    "accounts": "komek/accounts/migrations",
    "places": "komek/places/migrations",
    "operations": "komek/operations/migrations",
    "orgs": "orgs/migrations",
    "supplies": "komek/supplies/migrations",
}
LETTERS = "CWRTPIKGOAHBMV"


class Migration(migrations.Migration):
    dependencies = []
    # Trigram indexes and geometry columns need the extensions first.
    run_before = [
        (app, "0001_initial") for app, folder in ROOMS.items() if (ROOT / folder / "0001_initial.py").exists()
    ]

    operations = [
        CreateExtension("postgis"),
        TrigramExtension(),
        UnaccentExtension(),
        CreateExtension("fuzzystrmatch"),
        BtreeGistExtension(),
        migrations.RunSQL(
            [f"CREATE SEQUENCE IF NOT EXISTS komek_code_{letter.lower()} START 101" for letter in LETTERS],
            [f"DROP SEQUENCE IF EXISTS komek_code_{letter.lower()}" for letter in LETTERS],
        ),
    ]
