"""Which models are parts of which records, so that a record's history tells of them too."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class Part:
    """A tracked model that belongs to records of another.

    path: its foreign key to the record. named: its field that says which one it is, such as a contact's person.
    follows_record: whoever sees the record sees this too; else the part's own policy is asked about every event.
    """

    model: type[models.Model]
    path: str
    named: str = ""
    follows_record: bool = False


_parts: dict[type[models.Model], tuple[Part, ...]] = {}


def register_parts(model: type[models.Model], *parts: Part) -> None:
    """Let the history of ``model``, and of models that inherit from it, tell of these too. Called once, when an app is ready."""
    _parts[model] = (*_parts.get(model, ()), *parts)


def parts_of(model: type[models.Model]) -> list[Part]:
    """The parts of the model and of those it inherits from."""
    return [part for ancestor in model.__mro__ for part in _parts.get(ancestor, ())]
