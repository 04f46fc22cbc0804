"""Which models are parts of which records, so that a record's history tells of them too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Guard:
    """What the history of a model's records keeps back.

    hidden: given the reader's standing and the record, the fields it does not tell of. read_as: what a reading is noted as
    (``komek.records.reads``) when the record is protected; empty for others.
    """

    hidden: Callable[[Any, Any], frozenset[str]] = lambda standing, record: frozenset()
    read_as: str = ""


_parts: dict[type[models.Model], tuple[Part, ...]] = {}


def register_parts(model: type[models.Model], *parts: Part) -> None:
    """Let the history of ``model``, and of models that inherit from it, tell of these too. Called once, when an app is ready."""
    _parts[model] = (*_parts.get(model, ()), *parts)


def parts_of(model: type[models.Model]) -> list[Part]:
    """The parts of the model and of those it inherits from."""
    return [part for ancestor in model.__mro__ for part in _parts.get(ancestor, ())]


_guards: dict[type[models.Model], Guard] = {}


def register_guard(model: type[models.Model], guard: Guard) -> None:
    """Guard the history of ``model`` and of models that inherit from it. Called once, when an app is ready."""
    _guards[model] = guard


def guard_of(model: type[models.Model]) -> Guard:
    """The guard of the model or of its nearest ancestor that has one."""
    return next((_guards[ancestor] for ancestor in model.__mro__ if ancestor in _guards), Guard())
