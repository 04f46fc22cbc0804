"""What the history of an item tells beside its own fields."""

from komek.records.parts import Part, register_parts
from komek.supplies.models import Item, KitContent, Need, Pack


def register() -> None:
    """Called once, when the app is ready."""
    register_parts(
        Item,
        Part(Pack, "item", named="name", follows_record=True),
        Part(KitContent, "kit", named="item", follows_record=True),
        Part(Need, "item", named="purpose", follows_record=True),
    )
