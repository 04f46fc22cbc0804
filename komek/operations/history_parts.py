"""What the history of an operation tells beside its own fields."""

from komek.operations.models import Operation, PhaseChange
from komek.records.parts import Part, register_parts


def register() -> None:
    """Called once, when the app is ready."""
    register_parts(Operation, Part(PhaseChange, "operation", named="phase", follows_record=True))
