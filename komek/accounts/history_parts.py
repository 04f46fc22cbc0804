"""What somebody may read in the history of a record's parts: no more than they may see now, and might have seen then."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import QuerySet

from komek.accounts.authority import Action, Standing, in_operation, may, policy_of
from komek.records.changes import Source
from komek.records.parts import Part, parts_of


def sources(record: models.Model, standing: Standing) -> list[Source]:
    """The events of the record's parts that the standing may read."""
    return [Source(_events(part, record, standing), _title(part.model), part.named) for part in parts_of(type(record))]


def _title(model: type[models.Model]) -> str:
    words = str(model._meta.verbose_name)
    return words[:1].upper() + words[1:]


def _events(part: Part, record: models.Model, standing: Standing) -> QuerySet[Any]:
    """An event carries what decided about its visibility when it was written, so the policy can be asked about it as about a row.

    What has been hidden since stays hidden from its beginning; what was removed is told only to those who may change the record.
    """
    events = part.model.events.rel.related_model.objects.filter(**{part.path: record.pk})  # type: ignore[attr-defined]
    if part.follows_record or standing.runs_installation:
        return events  # type: ignore[no-any-return]
    rows = part.model._default_manager.filter(**{part.path: record.pk})
    seen = _narrowed(part, rows, standing)
    events = _narrowed(part, events, standing)
    if may(standing, Action.CHANGE, record):
        return events.exclude(pgh_obj_id__in=rows.exclude(pk__in=seen.values("pk")).values("pk"))
    return events.filter(pgh_obj_id__in=seen.values("pk"))


def _narrowed(part: Part, rows: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
    policy = policy_of(part.model)
    if policy is None:
        return rows.none()
    if any(field.name == "operation" for field in part.model._meta.concrete_fields):
        rows = in_operation(rows, standing.operation)
    return policy.narrow(rows, standing)
