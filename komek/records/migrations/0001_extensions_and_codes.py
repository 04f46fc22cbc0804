"""Database extensions, and one sequence per kind of public code."""

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

LETTERS = "CWRTPIKGOA"


class Migration(migrations.Migration):
    dependencies = []
    # Trigram indexes and geometry columns need the extensions first.
    run_before = [
        ("accounts", "0001_initial"),
        ("places", "0001_initial"),
        ("operations", "0001_initial"),
        ("orgs", "0001_initial"),
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
