"""Socket ``exercise``: each registry's part of Exercise Kopetdag, the invented earthquake people practise with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@dataclass
class ExerciseContext:
    """What the loader hands from one part to the next.

    operation: the exercise the records belong to.
    scale: how many times the ordinary amount to make.
    random: seeded per part, so that the same scale always gives the same records.
    progress: called with (label, done, total) as a part works.
    made: what earlier parts left for later ones, by name (for example ``"areas"``).
    """

    operation: Any
    scale: int
    random: Random
    progress: Callable[[str, int, int], None]
    made: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class ExercisePart(Protocol):
    """order: parts are loaded by it, small first (places 10, supplies 20, accounts 30, orgs 40, registries 50+)."""

    key: str
    order: int

    def load(self, context: ExerciseContext) -> None:
        """Create this registry's records in one transaction. Called once per fresh exercise."""
        ...


exercise: Socket[ExercisePart] = Socket("exercise", ExercisePart)
