"""History is written by the database itself (triggers, django-pghistory), so bulk imports and raw SQL are in it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


def tracked(exclude: tuple[str, ...] = ()) -> Callable[[Model], Model]:
    """Decorate a model: every insert, update and delete of it goes to an append-only event table.

    exclude: columns that would only add noise, such as derived search keys. Put below any other decorator.
    """

    def decorate(model: Model) -> Model:
        # A model that inherits from another table keeps the history of its own columns; the parent keeps its own.
        is_part = bool(model._meta.parents) and not model._meta.proxy
        own = [field.name for field in model._meta.local_concrete_fields if field.name not in exclude]
        result: Any = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            fields=own if is_part else None,
            exclude=None if is_part else (list(exclude) or None),
            model_name=f"{model.__name__}Event" if is_part else None,
            append_only=True,
            # The context as JSON on the event itself: one insert, no join, nothing shared between events.
            context_field=pghistory.ContextJSONField(),
        )(model)
        return result

    return decorate
