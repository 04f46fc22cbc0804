"""The part of a start that needs Django, in one process since loading it takes a second.

Run in the project's own environment: ``python -m bin.host.prepare [--empty] [--collect-static]``. In order: is the database
there and does it have PostGIS, are all migrations applied, does the cache have its table, are the static files collected,
are code lists, areas and settlements there, is the exercise loaded.
Exits with 3 after a sentence for a person, the last line on the error stream.
"""

from __future__ import annotations

import os
import re
import sys

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor

REFUSED = 3  # the exit status after a sentence for a person, which stands alone on the error stream


def refuse(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(REFUSED)


def where() -> str:
    """The database in words, without its password."""
    database = settings.DATABASES["default"]
    host = database.get("HOST") or "this machine"
    port = f":{database['PORT']}" if database.get("PORT") else ""
    return f"{database['NAME']} at {host}{port}"


def first_line(error: BaseException) -> str:
    """What the server said, without the address that is repeated before it."""
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return re.sub(r"^connection (failed: )?(connection )?to server .*?(failed: |failed$)", "", line).rstrip(".")


def check_database() -> None:
    """The server answers, and has PostGIS or may have it."""
    import psycopg

    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context", "pool"):
        parameters.pop(ours, None)
    try:
        with psycopg.connect(**{**parameters, "connect_timeout": 8}, autocommit=True) as plain:
            server = plain.info.server_version
            installed = plain.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone()
            available = plain.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone()
            may = plain.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone()
    except psycopg.OperationalError as error:
        refuse(f"The database {where()} cannot be used: {first_line(error)}. Check DATABASE_URL.")
        return
    if not installed and not available:
        refuse(
            f"The database server at {where()} has no PostGIS. Install it there (postgresql-{server // 10000}-postgis-3)."
        )
    if not installed and not (may and may[0]):
        refuse(
            f"The database {where()} lacks PostGIS and this user may not add it. Ask its administrator for: "
            "CREATE EXTENSION postgis; CREATE EXTENSION fuzzystrmatch;"
        )


def migrate() -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return
    print("Bringing the database up to date …", flush=True)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except (OperationalError, ProgrammingError) as error:
        refuse(f"The database {where()} could not be brought up to date: {first_line(error)}.")


def main(arguments: list[str]) -> None:
    try:
        django.setup()
    except ImproperlyConfigured as error:
        refuse(str(error))
    check_database()
    migrate()
    if settings.CACHES["default"]["LOCATION"] not in connection.introspection.table_names():
        call_command("createcachetable", verbosity=0)
    if "--collect-static" in arguments:
        print("Collecting the static files …", flush=True)
        call_command("collectstatic", verbosity=0, interactive=False)
    if "load_reference_data" in get_commands():
        call_command("load_reference_data")  # adds what is new in this version, changes nothing else
    if "--empty" not in arguments and "load_exercise" in get_commands():
        call_command("load_exercise", if_empty=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
    main(sys.argv[1:])
