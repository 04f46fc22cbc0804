"""Whether the figures that the database keeps of each line are what the lines and promises say; and writing them anew."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

_DERIVED = """
SELECT line.id AS line_id, line.request_id, line.item_id,
    CASE WHEN line.is_open THEN line.quantity - line.received ELSE 0 END AS wanted, coalesce(held.promised, 0) AS promised
FROM requests_requestline line LEFT JOIN (
    SELECT line_id, sum(GREATEST(quantity - received - short, 0)) AS promised FROM requests_commitment
    WHERE state IN ('open', 'on_the_way') GROUP BY line_id
) held ON held.line_id = line.id
"""
"""The derivation itself, for all lines at once: the same as ``aid_requests.needed``, in one statement."""

WRITE_ANEW = f"""
INSERT INTO requests_linefigures AS kept (line_id, request_id, item_id, wanted, promised)
SELECT line_id, request_id, item_id, wanted, promised FROM ({_DERIVED}) derived ORDER BY line_id
ON CONFLICT (line_id) DO UPDATE SET request_id = excluded.request_id, item_id = excluded.item_id,
    wanted = excluded.wanted, promised = excluded.promised
WHERE (kept.request_id, kept.item_id, kept.wanted, kept.promised)
    IS DISTINCT FROM (excluded.request_id, excluded.item_id, excluded.wanted, excluded.promised)
"""  # noqa: S608 - nothing given

_FAULTS = f"""
SELECT coalesce(derived.line_id, kept.line_id), derived.promised, kept.promised, derived.wanted, kept.wanted
FROM ({_DERIVED}) derived FULL JOIN requests_linefigures kept ON kept.line_id = derived.line_id
WHERE (derived.request_id, derived.item_id, derived.wanted, derived.promised)
    IS DISTINCT FROM (kept.request_id, kept.item_id, kept.wanted, kept.promised)
ORDER BY 1 LIMIT %s
"""  # noqa: S608 - nothing given

MOST_TOLD = 100


@dataclass(frozen=True)
class Disagreement:
    """One line, in its unit: (wanted, promised) by the derivation and as kept; ``None``: there is no such line, or nothing kept."""

    line: int
    derived: tuple[Decimal, Decimal] | None
    kept: tuple[Decimal, Decimal] | None


def verify() -> list[Disagreement]:
    """Lines whose kept figures are not what follows from the lines and promises: the first hundred, none when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(_FAULTS, [MOST_TOLD])
        return [
            Disagreement(
                line, None if promised is None else (wanted, promised), None if kept is None else (kept_wanted, kept)
            )
            for line, promised, kept, wanted, kept_wanted in cursor.fetchall()
        ]


@transaction.atomic
def write_anew() -> int:
    """Make the kept figures what the derivation says, while nobody changes a line or promise. Returns how many were wrong."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE requests_requestline, requests_commitment IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "DELETE FROM requests_linefigures kept"
            " WHERE NOT EXISTS (SELECT FROM requests_requestline line WHERE line.id = kept.line_id)"
        )
        gone = cursor.rowcount
        cursor.execute(WRITE_ANEW)
        return gone + cursor.rowcount
