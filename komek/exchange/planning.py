"""What will become of each row: the plain values that pass between reading, checking and writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class Outcome:
    """What becomes of a row."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"
    SKIPPED = "skipped"


@dataclass
class Row:
    """One row on its way in. ``texts``: our column → text of the cell; ``values``: our column → value or record(s)."""

    number: int
    texts: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    record: Any = None
    decision: str = ""  # "", "create", "skip", or the primary key a person chose
    outcome: str = ""
    is_unsure: bool = False  # the one record found may not be the one meant; a person decides
    changes: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, column: str, sentence: Any) -> None:
        """This row cannot go in: which column, and what to do."""
        self.faults.append({"column": column, "sentence": str(sentence)})


@dataclass
class Context:
    """Who imports into which operation, and what they ticked.

    create_missing: make records that rows name and nobody knows, where a registry allows it.
    made: records made on the way, by kind and key, so that two rows that name the same one share it.
    rows_of: primary key → the row of this file that is about it. created: primary keys this file made.
    first_rows: what tells one new record from another → the row that makes it.
    """

    by: Any
    standing: Any
    operation: Any
    create_missing: bool = False
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows_of: dict[int, int] = field(default_factory=dict)
    created: set[int] = field(default_factory=set)
    first_rows: dict[Any, int] = field(default_factory=dict)
