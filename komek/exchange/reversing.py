"""Taking an import back as one: what it made is removed, what it changed is set back, unless life went on since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import standing_of
from komek.accounts.models import User
from komek.exchange.columns import Column, first_by_name
from komek.exchange.faults import FileFault
from komek.exchange.importing import resource_of
from komek.exchange.models import BatchState, ImportBatch, ImportRow
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.readers.geo_files import GEO_HEADERS
from komek.exchange.resources import ModelResource
from komek.records.actor import Actor, Channel, acting

_IN_USE = gettext_lazy("Other records refer to it by now.")
_WRITTEN = (BatchState.APPLIED, BatchState.REVERSING)
AT_ONCE = 500
LEFT_KEPT = 200  # so many reasons are kept for the page


@dataclass
class Reversal:
    """What came of it. ``left``: row number → why its record was left as it is. ``kept``: the same of records made on the way."""

    removed: int = 0
    restored: int = 0
    left: dict[int, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)


def reverse_batch(*, by: Actor, batch: ImportBatch, standing: Any) -> Reversal:
    """Take back a written import. Raises FileFault when it was not written, or was taken back before."""
    if batch.state not in _WRITTEN:
        raise FileFault(_("Only an import that was written can be taken back, and only once."))
    resource = resource_of(batch)
    result = Reversal()
    reason = _("taking back the import of %(file)s") % {"file": batch.file_name}
    by = Actor(user=by.user, channel=by.channel, name=by.name, reason=reason, batch=str(batch.pk))
    with transaction.atomic(), acting(by):
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state not in _WRITTEN:
            raise FileFault(_("Only an import that was written can be taken back, and only once."))
        context = Context(by=by, standing=standing, operation=batch.operation)
        for chunk in _chunks(batch, Outcome.UPDATE):
            _set_back(resource, chunk, context, result)
        for chunk in _chunks(batch, Outcome.CREATE):
            _remove(resource, chunk, context, result)
        for label, pk, version in reversed(locked.made):
            _remove_made(apps.get_model(label), pk, version, locked, result)
        if result.removed or result.restored:
            resource.taken_back(context)
        left = [[number, why] for number, why in result.left.items()][:LEFT_KEPT]
        batch.state = BatchState.REVERSED
        batch.reversal = {**asdict(result), "left": left, "left_count": len(result.left), "by": by.name}
        batch.save(update_fields=["state", "reversal"])
    return result


def begin(*, by: Actor, batch: ImportBatch) -> None:
    """Note who takes it back, for the background. Raises FileFault when there is nothing to take back."""
    changed = (
        ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLIED)
        .exclude(file="")
        .update(
            state=BatchState.REVERSING,
            reversal={"user": getattr(by.user, "pk", None), "channel": str(by.channel)},
            beat_at=timezone.now(),
            problem="",
        )
    )
    if not changed:
        raise FileFault(_("Only an import that was written can be taken back, and only once."))
    batch.refresh_from_db()


def take_back(batch: ImportBatch) -> Reversal:
    """Take back an import as whoever began it (see ``begin``)."""
    user = User.objects.filter(pk=batch.reversal.get("user")).first()
    by = Actor(user=user, channel=Channel(batch.reversal.get("channel", Channel.BROWSER)), name=str(user or "Komek"))
    return reverse_batch(by=by, batch=batch, standing=standing_of(user, batch.operation))


def _chunks(batch: ImportBatch, outcome: str) -> Iterator[list[ImportRow]]:
    """Rows of one outcome, the last of the file first."""
    rows = batch.rows.filter(outcome=outcome).order_by("-number").iterator(chunk_size=AT_ONCE)
    while chunk := list(islice(rows, AT_ONCE)):
        yield chunk


def _records(
    resource: ModelResource, chunk: Sequence[ImportRow], result: Reversal
) -> list[tuple[ImportRow, models.Model]]:
    """Each row's record, locked, of those that are there and as the import left them. The others are noted as left."""
    rows = resource.model._default_manager.select_for_update(of=("self",)).order_by("pk")
    found = rows.in_bulk([stored.target for stored in chunk if stored.target])
    usable = []
    for stored in chunk:
        record = found.get(stored.target)
        changed = getattr(record, "updated_at", None)
        if record is None:
            result.left[stored.number] = _("It is gone already.")
        elif stored.written_version and changed and changed.isoformat() != stored.written_version:
            result.left[stored.number] = _("Somebody changed it since the import.")
        else:
            usable.append((stored, record))
    return usable


def _remove(resource: ModelResource, chunk: Sequence[ImportRow], context: Context, result: Reversal) -> None:
    """Remove the chunk's records together; one by one where something refers to any of them or came to it since."""
    usable = []
    for stored, record in _records(resource, chunk, result):
        undone = resource.undo(record, context)
        if undone is None:
            usable.append((stored, record))
        elif undone:
            result.removed += 1
        else:
            result.left[stored.number] = str(_IN_USE)
    written = [stored.applied_at for stored, _record in usable if stored.applied_at]
    if _delete([record for _stored, record in usable], min(written, default=None)):
        result.removed += len(usable)
        return
    for stored, record in usable:
        if _delete([record], stored.applied_at):
            result.removed += 1
        else:
            result.left[stored.number] = str(_IN_USE)


def _remove_made(model: type[models.Model], pk: int, version: str, batch: ImportBatch, result: Reversal) -> None:
    record = model._default_manager.select_for_update().filter(pk=pk).first()
    if record is None:
        return
    changed = getattr(record, "updated_at", None)
    if (changed and changed.isoformat() != version) or not _delete([record], batch.finished_at):
        result.kept.append(str(record))
    else:
        result.removed += 1


def _delete(records: Sequence[models.Model], written_at: datetime | None) -> bool:
    """Delete them, unless something refers to one or came to it since: members and contacts would go with it."""
    if not records:
        return True
    going = Collector(using=DEFAULT_DB_ALIAS)
    try:
        going.collect(records)
        own, kinds = {record.pk for record in records}, type(records[0]).__mro__
        others = (other for other in _all_of(going) if not (type(other) in kinds and other.pk in own))
        if written_at and any(_is_newer(other, written_at) for other in others):
            return False
        with transaction.atomic():
            going.delete()
    except (ProtectedError, RestrictedError, IntegrityError):
        return False
    return True


def _all_of(going: Collector) -> Iterable[models.Model]:
    yield from (instance for instances in going.data.values() for instance in instances)
    yield from (instance for rows in going.fast_deletes for instance in rows)
    # Those that would stay, and lose what they refer to.
    yield from (instance for found in going.field_updates.values() for rows in found for instance in rows)


def _is_newer(other: models.Model, written_at: datetime) -> bool:
    stamps = (getattr(other, name, None) for name in ("entered_at", "created_at", "updated_at"))
    entered = next((stamp for stamp in stamps if stamp is not None), None)
    return entered is not None and entered > written_at


def _set_back(resource: ModelResource, chunk: Sequence[ImportRow], context: Context, result: Reversal) -> None:
    """Give records back what the import changed in them. What cells name is looked up for the whole chunk."""
    columns = first_by_name(resource.columns)
    usable = _records(resource, chunk, result)
    rows = [
        Row(stored.number, {name: before for name, (before, _after) in stored.changes.items()})
        for stored, _rec in usable
    ]
    for row in rows:
        resource.parse_row(row, {name: columns[name] for name in row.texts})
    resource.resolve_rows(rows, columns, context)
    for row, (_stored, record) in zip(rows, usable, strict=True):
        if row.faults:
            result.left[row.number] = row.faults[0]["sentence"]
        else:
            _restore(resource, record, row, columns)
            result.restored += 1


def _restore(resource: ModelResource, record: Any, row: Row, columns: dict[str, Column]) -> None:
    for name, value in row.values.items():
        if columns.get(name) and columns[name].many:
            getattr(record, name).set(value)
        else:
            setattr(record, name, value)
    resource.assemble(record, row)
    for name in [name for name, text in row.texts.items() if not text]:
        if name in GEO_HEADERS:
            setattr(record, resource.location_field, None)
        elif columns[name].many:
            getattr(record, name).clear()
        else:
            resource.empty(record, name)
    record.save()
