"""A record's history in words: what changed, from what to what, who did it, through which channel, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from komek.records.actor import Channel

HIDDEN = frozenset({"id", "updated_at", "search_key", "key", "password", "last_login"})
LONGEST = 300


@dataclass(frozen=True)
class FieldChange:
    """One field: its label, and its value before and after, in words. ``before`` is empty for a new record."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One write to the record or to a part of it. ``kind``: "insert", "update" or "delete".

    batch: the import it came with, if any. part: which part was written, such as "Contact: Aina"; empty for the record itself.
    """

    at: datetime
    kind: str
    who: str
    channel: str
    reason: str
    batch: str
    part: str = ""
    fields: list[FieldChange] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """Events to tell. ``part``: what they are about when not the record itself; ``named``: the field that says which one."""

    events: models.QuerySet[Any]
    part: str = ""
    named: str = ""
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HistoryPage:
    """Changes, newest first. ``older``: the moment before which there are more, or ``None``."""

    changes: list[Change]
    older: datetime | None


def changes_of(record: models.Model, limit: int = 200) -> list[Change]:
    """The newest changes of the record itself, newest first, at least ``limit`` if there are as many."""
    return history_of(record, limit=limit).changes


def history_of(
    record: models.Model,
    *,
    limit: int = 200,
    before: datetime | None = None,
    parts: Sequence[Source] = (),
    hidden: frozenset[str] = frozenset(),
) -> HistoryPage:
    """Changes of the record and its ``parts`` before a moment. A constant number of queries: events, accounts, records named.

    hidden: fields of the record itself that are not told of.

    What was written in one transaction is of one moment and stays together, so a page may be longer than ``limit``.
    What a many-to-many field held is in it where the field's links are tracked (a tracked proxy of its ``through`` model).
    """
    own = [
        Source(_event_model(model).objects.filter(pgh_obj_id=record.pk), hidden=hidden)
        for model in tracked_lineage(type(record))
    ]
    stretches = [_stretch(source, limit, before) for source in (*own, *parts)]
    edge = max((one.edge for one in stretches if one.edge is not None), default=None)
    links = {links_of: _link_events(links_of, record) for links_of in record._meta.many_to_many}
    told = [event for one in stretches for event in (*one.earlier, *one.events)]
    told += [event for found in links.values() for event in found]
    names, people = _names(told), _people(told)
    found: list[Change] = []
    for one in stretches:
        found += _told(one, edge, names, people)
    for links_of, its_events in links.items():
        _add_links(found, links_of, its_events, names, people)
    within = [
        change for change in found if (edge is None or change.at >= edge) and (before is None or change.at < before)
    ]
    return HistoryPage(sorted(within, key=lambda change: change.at)[::-1], edge)


@dataclass(frozen=True)
class _Stretch:
    """Newest events of a source, oldest first. ``edge``: the moment of the first one when there are older ones; ``earlier``: the
    state each of its records had before that."""

    source: Source
    events: list[Any]
    edge: datetime | None = None
    earlier: list[Any] = field(default_factory=list)


def _stretch(source: Source, limit: int, before: datetime | None) -> _Stretch:
    rows = source.events if before is None else source.events.filter(pgh_created_at__lt=before)
    newest = list(rows.order_by("-pgh_created_at", "-pgh_id")[: limit + 1])
    if len(newest) <= limit:
        return _Stretch(source, newest[::-1])
    edge = newest[limit - 1].pgh_created_at
    events = [
        *newest[:limit],
        *rows.filter(pgh_created_at=edge, pgh_id__lt=newest[limit - 1].pgh_id).order_by("-pgh_id"),
    ]
    older = rows.filter(pgh_created_at__lt=edge, pgh_obj_id__in={event.pgh_obj_id for event in events})
    earlier = older.order_by("pgh_obj_id", "-pgh_created_at", "-pgh_id").distinct("pgh_obj_id")
    return _Stretch(
        source, events[::-1], edge if rows.filter(pgh_created_at__lt=edge).exists() else None, list(earlier)
    )


def _told(
    stretch: _Stretch, edge: datetime | None, names: dict[tuple[type, Any], str], people: dict[int, str]
) -> Iterator[Change]:
    last = {event.pgh_obj_id: event for event in stretch.earlier}
    for event in stretch.events:
        before = last.get(event.pgh_obj_id)
        fields = list(_differences(event, before, names, stretch.source.hidden))
        last[event.pgh_obj_id] = event
        if (edge is not None and event.pgh_created_at < edge) or (event.pgh_label == "update" and not fields):
            continue
        part = stretch.source.part
        if part and stretch.source.named:
            named = event._meta.get_field(stretch.source.named)
            which = _words(named, getattr(event, named.attname), names)
            part = f"{part}: {which}" if which else part
        yield _change(event, people, event.pgh_label, fields if event.pgh_label != "delete" else [], part)


def _change(event: Any, people: dict[int, str], kind: str, fields: list[FieldChange], part: str = "") -> Change:
    context = event.pgh_context or {}
    return Change(
        at=event.pgh_created_at,
        kind=kind,
        who=people.get(context.get("user", 0)) or context.get("name", "") or _("not known"),
        channel=str(Channel(context["channel"]).label) if context.get("channel") in Channel.values else "",
        reason=context.get("reason", ""),
        batch=context.get("batch", ""),
        part=part,
        fields=fields,
    )


def is_tracked(model: type[models.Model]) -> bool:
    """Whether the database keeps this model's history."""
    return bool(tracked_lineage(model))


def tracked_lineage(model: type[models.Model]) -> list[type[models.Model]]:
    """The model and those it inherits from that have event tables."""
    lineage = [model, *model._meta.get_parent_list()]
    return [one for one in lineage if getattr(one, "pgh_event_model", None) or hasattr(one, "events")]


def _event_model(model: type[models.Model]) -> Any:
    return model.events.rel.related_model  # type: ignore[attr-defined]


def _link_events(many: Any, record: models.Model) -> list[Any]:
    """When records were put into a many-to-many field and taken out, oldest first; empty when nothing keeps that."""
    through = many.remote_field.through
    kept = [
        one.pgh_event_model  # type: ignore[attr-defined]
        for one in apps.get_models()
        if one._meta.concrete_model is through._meta.concrete_model and hasattr(one, "pgh_event_model")
    ]
    if not kept:
        return []
    return list(kept[0].objects.filter(**{many.m2m_field_name(): record.pk}).order_by("pgh_id"))


def _add_links(
    found: list[Change], many: Any, events: list[Any], names: dict[tuple[type, Any], str], people: dict[int, str]
) -> None:
    """Each write's change of a many-to-many field, told with the write's other changes: all it held, before and after."""
    label = str(many.verbose_name)
    label = label[:1].upper() + label[1:]
    held: dict[Any, str] = {}
    for (at, _context), group in groupby(events, key=lambda event: (event.pgh_created_at, event.pgh_context)):
        before, event = sorted(held.values()), None
        for event in group:
            target = getattr(event, f"{many.m2m_reverse_field_name()}_id")
            held.pop(target, None)
            if event.pgh_label == "insert":
                held[target] = names.get((many.related_model, target), f"#{target}")
        after = sorted(held.values())
        if before == after:
            continue
        change = FieldChange(label, ", ".join(before)[:LONGEST], ", ".join(after)[:LONGEST])
        own = next((one for one in found if one.at == at and not one.part and one.kind != "delete"), None)
        if own is None:
            found.append(_change(event, people, "update", [change]))
        else:
            own.fields.append(change)


def _fields(event: Any) -> Iterator[models.Field[Any, Any]]:
    for event_field in event._meta.concrete_fields:
        if not event_field.name.startswith("pgh_") and event_field.name not in HIDDEN:
            yield event_field


def _differences(
    event: Any, before: Any, names: dict[tuple[type, Any], str], hidden: frozenset[str]
) -> Iterator[FieldChange]:
    for event_field in _fields(event):
        if event_field.name in hidden:
            continue
        value = getattr(event, event_field.attname)
        old = getattr(before, event_field.attname) if before is not None else None
        if value == old or (before is None and value in (None, "", {}, [])):
            continue
        label = str(event_field.verbose_name)
        yield FieldChange(
            label[:1].upper() + label[1:],
            _words(event_field, old, names) if before is not None else "",
            _words(event_field, value, names),
        )


def _words(event_field: Any, value: Any, names: dict[tuple[type, Any], str]) -> str:
    if value is None or value == "":
        return ""
    if event_field.is_relation:
        return names.get((event_field.related_model, value), f"#{value}")
    if event_field.choices:
        return str(dict(event_field.flatchoices).get(value, value))
    if value is True or value is False:
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 24 and not 24.000000, as pages show it
    if isinstance(value, dict):
        return ", ".join(f"{key}: {part}" for key, part in value.items())[:LONGEST]
    if hasattr(value, "geom_type"):
        return f"{value.y:.5f}, {value.x:.5f}" if value.geom_type == "Point" else _("a shape")
    return str(value)[:LONGEST]


def _names(events: list[Any]) -> dict[tuple[type, Any], str]:
    """Words for every record that events point at: one query per model pointed at."""
    wanted: dict[type[models.Model], set[Any]] = {}
    for event in events:
        for event_field in _fields(event):
            value = getattr(event, event_field.attname)
            if event_field.is_relation and value is not None and event_field.related_model is not None:
                wanted.setdefault(event_field.related_model, set()).add(value)  # type: ignore[arg-type]
    return {
        (model, row.pk): str(row)
        for model, keys in wanted.items()
        for row in model._default_manager.filter(pk__in=keys)
    }


def _people(events: list[Any]) -> dict[int, str]:
    keys = {event.pgh_context["user"] for event in events if event.pgh_context and event.pgh_context.get("user")}
    return {user.pk: str(user) for user in get_user_model().objects.filter(pk__in=keys)} if keys else {}
