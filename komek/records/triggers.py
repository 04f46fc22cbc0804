"""One function that every history trigger calls, written anew after each migration.

django-pgtrigger's own reads a setting inside a block that catches errors. Unset, which is the rule, each row raises one inside, and
PostgreSQL then goes through all deferred checks of the transaction so far (``AfterTriggerEndSubXact`` in its ``trigger.c``): the time
of a transaction that writes many rows grows with their square. Ours asks whether the setting is there and raises nothing.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

# The same name, argument and answer as django-pgtrigger 4 makes it with each trigger; ``pgtrigger.ignore`` works as before.
_FUNCTION = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean AS $$
    SELECT coalesce(trigger_name = ANY(nullif(current_setting('pgtrigger.ignore', true), '')::text[]), false)
$$ LANGUAGE sql STABLE
"""


def replace_ignore_function(*, using: str, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regproc('public._pgtrigger_should_ignore') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute(_FUNCTION)
