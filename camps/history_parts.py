"""Reading the history of registered people is reading about them: it is written down like any other reading."""

from camps.models import Household, ListScan, Movement, Person
from camps.reading import PART
from komek.records.parts import Guard, register_guard


def register() -> None:
    """Called once, when the app is ready."""
    for model in (Household, Person, Movement, ListScan):
        register_guard(model, Guard(read_as=PART))
