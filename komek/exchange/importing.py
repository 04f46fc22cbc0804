"""Bringing a file in: receive → match columns → check (dry run) → write in chunks → perhaps take back.

Each chunk is checked again and written in one transaction that also marks its rows, so a crash loses nothing and doubles nothing:
the next run goes on with the rows not marked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import standing_of
from komek.exchange.faults import FileFault
from komek.exchange.mapping import missing_columns, propose, valid_mapping
from komek.exchange.models import BatchState, ImportBatch, ImportRow
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.readers import open_table
from komek.exchange.readers.opening import refuse_at_sight
from komek.exchange.readers.table import Table
from komek.exchange.resources import ModelResource
from komek.extensions.exchange import exchange
from komek.records.actor import Actor, Channel, acting

CHUNK = 1000
INLINE_BELOW = 2000
UNKNOWN_NAMED = 500
READ_AT_ONCE = 2000
READ_INLINE_BELOW = 2**20


def resource_of(batch: ImportBatch) -> ModelResource:
    """The plug a batch belongs to. Raises FileFault when its registry is switched off."""
    plug = exchange.get(batch.resource)
    if not isinstance(plug, ModelResource):
        raise FileFault(_("This kind of table is switched off on this installation."))
    return plug


def receive(
    *, by: Actor, operation: Any, resource: ModelResource, content: bytes, name: str, sheet: str = ""
) -> ImportBatch:
    """Read a file, keep it, and propose which column is which. Raises FileFault; then nothing is kept."""
    table = open_table(content, name=name, sheet=sheet)
    _refuse_exercise(table, operation)
    with transaction.atomic():
        batch = ImportBatch(
            resource=resource.key,
            operation=operation,
            owner=by.user,
            file_name=name[:255],
            sha256=sha256(content).hexdigest(),
        )
        batch.file.save(f"{timezone.now():%Y%m%d-%H%M%S}-{batch.sha256[:12]}", ContentFile(content), save=False)
        _keep_table(batch, table, resource)
    return batch


def keep_upload(
    *, by: Actor, operation: Any, resource: ModelResource, file: File, name: str, asked: dict[str, Any] | None = None
) -> ImportBatch:
    """Keep a large file as it comes, by pieces, to be read by ``read_kept`` in the background. ``asked``: see ``ImportBatch``.

    Raises FileFault for what shows at sight; then nothing is kept.
    """
    refuse_at_sight(file.file, file.size)
    digest = sha256()
    for piece in file.chunks():
        digest.update(piece)
    batch = ImportBatch(
        resource=resource.key,
        operation=operation,
        owner=by.user,
        file_name=name[:255],
        sha256=digest.hexdigest(),
        state=BatchState.READING,
        asked=asked,
    )
    batch.file.save(f"{timezone.now():%Y%m%d-%H%M%S}-{batch.sha256[:12]}", file)
    return batch


def read_kept(batch: ImportBatch) -> None:
    """Read a file kept before, and propose which column is which. Begun again after a crash, it reads all of it again."""
    _begin(batch, BatchState.READING)
    batch.rows.all().delete()
    asked = batch.asked or {}
    with batch.file.open("rb") as file:
        table = open_table(file.read(), name=batch.file_name, sheet=asked.get("sheet", ""))
    _refuse_exercise(table, batch.operation)
    batch.total = len(table.rows)
    batch.save(update_fields=["total"])
    for begin in range(0, batch.total, READ_AT_ONCE):
        part = table.rows[begin : begin + READ_AT_ONCE]
        ImportRow.objects.bulk_create(ImportRow(batch=batch, number=number, cells=cells) for number, cells in part)
        _advance(batch, len(part))
    table.rows = []
    total = batch.total
    batch.state = BatchState.UPLOADED if batch.asked is None else BatchState.CHECKING
    with (
        transaction.atomic()
    ):  # what a program sent goes on by itself, also if the machine dies between here and the checking
        _keep_table(batch, table, resource_of(batch))
        ImportBatch.objects.filter(pk=batch.pk).update(total=total)
        batch.total = total
        if batch.asked is not None:
            match_headers(batch, asked.get("columns", {}), create_missing=asked.get("create_missing", False))


def read_sheet(batch: ImportBatch, name: str) -> None:
    """Read another sheet of a workbook not yet checked. Raises FileFault; then the one read before stays."""
    if batch.state != BatchState.UPLOADED or name not in batch.sheets:
        raise FileFault(_("This sheet cannot be read any more. Bring the file in again."))
    with batch.file.open("rb") as file:
        table = open_table(file.read(), name=batch.file_name, sheet=name)
    _refuse_exercise(table, batch.operation)
    with transaction.atomic():
        batch.rows.all().delete()
        _keep_table(batch, table, resource_of(batch))


def _refuse_exercise(table: Table, operation: Any) -> None:
    if table.is_exercise and not getattr(operation, "is_exercise", False):
        raise FileFault(
            _("This file holds exercise data. It cannot go into a real operation; switch to the exercise first.")
        )


def _keep_table(batch: ImportBatch, table: Table, resource: ModelResource) -> None:
    """Keep the rows, and propose which column is which: as this person matched the same headers before, else by tags and names."""
    mapping = propose(table.headers, table.tags, resource.columns)
    remembered = (
        ImportBatch.objects.filter(
            owner=batch.owner, resource=resource.key, headers=table.headers, state=BatchState.APPLIED
        )
        .order_by("-created_at")
        .first()
    )
    batch.format, batch.sheet, batch.sheets = table.format, table.sheet, table.sheets
    batch.headers, batch.tags, batch.notes, batch.total = table.headers, table.tags, table.notes, len(table.rows)
    batch.mapping = remembered.mapping if remembered else {str(place): ours for place, ours in mapping.items()}
    batch.save()
    ImportRow.objects.bulk_create(
        (ImportRow(batch=batch, number=number, cells=cells) for number, cells in table), batch_size=2000
    )


def match_columns(batch: ImportBatch, asked: dict[int, str], *, create_missing: bool) -> None:
    """Keep a person's choice of columns. Raises FileFault when a required one is missing."""
    resource = resource_of(batch)
    mapping = valid_mapping(asked, len(batch.headers), resource.columns)
    missing = missing_columns(mapping, resource.columns)
    if missing:
        names = ", ".join(str(column.title) for column in missing)
        raise FileFault(_("No column of the file fills: %(names)s. Choose one for each.") % {"names": names})
    batch.mapping = {str(place): name for place, name in mapping.items()}
    batch.create_missing = create_missing
    batch.save(update_fields=["mapping", "create_missing"])


def match_headers(batch: ImportBatch, columns: dict[str, str], *, create_missing: bool) -> None:
    """Keep a program's choice: header in the file → name of ours, where the proposal is wrong. Raises FileFault."""
    asked = {int(place): name for place, name in batch.mapping.items()}
    for header, name in columns.items():
        if header not in batch.headers:
            raise FileFault(_("The file has no column “%(name)s”.") % {"name": header[:60]})
        asked[batch.headers.index(header)] = name
    match_columns(batch, asked, create_missing=create_missing)


def check(batch: ImportBatch) -> None:
    """The dry run: plan every row and say what would become of it. Writes nothing but the plan."""
    _begin(batch, BatchState.CHECKING)
    resource, context = resource_of(batch), _context(batch)
    for kept in _chunks(batch):
        # A savepoint that is always rolled back: what checking makes on the way never stays.
        with transaction.atomic():
            rows = _planned(resource, batch, kept, context)
            transaction.set_rollback(True)
        for row, stored in zip(rows, kept, strict=True):
            _store_plan(stored, row)
        _save_plans(kept)
        _advance(batch, len(kept))
    batch.counts, batch.state = _counted(batch), BatchState.CHECKED
    batch.unknown = sorted({str(record) for records in context.made.values() for record in records.values()
                            if isinstance(record, models.Model)})[:UNKNOWN_NAMED]  # fmt: skip
    batch.save(update_fields=["counts", "state", "unknown"])


def apply(batch: ImportBatch) -> None:
    """Write what was checked. Safe to call again after a crash: rows already written are not touched."""
    _begin(batch, BatchState.APPLYING)
    resource, context = resource_of(batch), _context(batch)
    by = _actor(batch)
    for kept in _chunks(batch):
        with transaction.atomic(), acting(by):
            locked = ImportRow.objects.select_for_update().filter(pk__in=[row.pk for row in kept], applied_at=None)
            still = {row.pk for row in locked}
            kept = [row for row in kept if row.pk in still]
            rows = _planned(resource, batch, kept, context)
            resource.write(rows, context)
            _note_made(batch, context)
            now = timezone.now()
            for row, stored in zip(rows, kept, strict=True):
                _store_plan(stored, row)
                if row.outcome == Outcome.AMBIGUOUS:
                    continue  # held: a person may decide even when the others are written
                if row.outcome == Outcome.CREATE:
                    context.created.add(row.record.pk)
                    context.rows_of[row.record.pk] = row.number
                stored.applied_at = now
                stored.target = getattr(row.record, "pk", None) if row.outcome != Outcome.REFUSED else None
                stored.written_version = _version(row.record) if row.outcome in (Outcome.CREATE, Outcome.UPDATE) else ""
            _save_plans(kept)
        _advance(batch, len(kept))
    batch.counts, batch.state, batch.finished_at = _counted(batch), BatchState.APPLIED, timezone.now()
    batch.save(update_fields=["counts", "state", "finished_at"])
    if batch.rows.filter(outcome__in=(Outcome.CREATE, Outcome.UPDATE)).exists():
        resource.written(context)


def decide(batch: ImportBatch, number: int, decision: str) -> None:
    """What a person says of a row that may mean several records: a primary key, ``create`` or ``skip``. Plans that row anew.

    Raises FileFault when the row does not wait for a decision, or the answer is none of those shown.
    """
    row = batch.rows.filter(number=number, outcome=Outcome.AMBIGUOUS, applied_at=None).first()
    if row is None or batch.state not in (BatchState.CHECKED, BatchState.APPLIED):
        raise FileFault(_("This row waits for no decision any more. Look at the import again."))
    allowed = {"create", "skip", *(str(candidate["pk"]) for candidate in row.candidates)}
    if decision not in allowed:
        raise FileFault(_("Choose one of the records shown, or “new”, or “leave out”."))
    row.decision = decision
    row.save(update_fields=["decision"])
    resource, context = resource_of(batch), _context(batch)
    others = batch.rows.filter(outcome__in=(Outcome.UPDATE, Outcome.UNCHANGED)).exclude(target=None)
    context.rows_of.update(others.values_list("target", "number"))
    with transaction.atomic():
        (planned,) = _planned(resource, batch, [row], context)
        transaction.set_rollback(True)
    _store_plan(row, planned)
    _save_plans([row])
    batch.counts = _counted(batch)
    batch.save(update_fields=["counts"])


def rows_to_write(batch: ImportBatch) -> int:
    """How many rows were checked, are good, and are not written yet."""
    if batch.state == BatchState.CHECKED:
        return int(batch.counts.get(Outcome.CREATE, 0) + batch.counts.get(Outcome.UPDATE, 0))
    return batch.rows.filter(outcome__in=(Outcome.CREATE, Outcome.UPDATE), applied_at=None).count()


def may_be_written(batch: ImportBatch) -> bool:
    """Whether there is something to write: checked, stopped half-way, or rows decided after the others were written."""
    if batch.state in (BatchState.CHECKED, BatchState.FAILED):
        return bool(batch.counts)
    return batch.state == BatchState.APPLIED and rows_to_write(batch) > 0


def _counted(batch: ImportBatch) -> dict[str, int]:
    tally = batch.rows.order_by().values_list("outcome").annotate(n=models.Count("pk"))
    return {outcome: n for outcome, n in tally if outcome}


def _planned(resource: ModelResource, batch: ImportBatch, kept: list[ImportRow], context: Context) -> list[Row]:
    mapping = {int(place): name for place, name in batch.mapping.items()}
    rows = []
    for stored in kept:
        texts = {name: stored.cells[place] for place, name in mapping.items() if place < len(stored.cells)}
        rows.append(Row(stored.number, texts, decision=stored.decision))
    resource.plan(rows, context)
    return rows


def _store_plan(stored: ImportRow, row: Row) -> None:
    stored.outcome = row.outcome
    stored.faults, stored.notes, stored.candidates = row.faults, row.notes, row.candidates
    stored.changes = row.changes
    stored.target = getattr(row.record, "pk", None)


def _save_plans(kept: list[ImportRow]) -> None:
    """What became of each row, in one statement: several times faster than an UPDATE with a CASE per column."""
    plans = [
        {
            "id": row.pk,
            "outcome": row.outcome,
            "faults": row.faults,
            "notes": row.notes,
            "candidates": row.candidates,
            "changes": row.changes,
            "target": row.target,
            "applied_at": row.applied_at.isoformat() if row.applied_at else None,
            "written_version": row.written_version,
        }
        for row in kept
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE exchange_importrow AS kept SET outcome = plan.outcome, faults = plan.faults, notes = plan.notes,
                candidates = plan.candidates, changes = plan.changes, target = plan.target, applied_at = plan.applied_at,
                written_version = plan.written_version
            FROM jsonb_to_recordset(%s::jsonb) AS plan(id bigint, outcome text, faults jsonb, notes jsonb, candidates jsonb,
                changes jsonb, target bigint, applied_at timestamptz, written_version text)
            WHERE kept.id = plan.id
            """,
            [json.dumps(plans, ensure_ascii=False)],
        )


def _chunks(batch: ImportBatch) -> Iterator[list[ImportRow]]:
    """The rows not written yet. Those written keep what became of them, for taking them back."""
    rows = batch.rows.filter(applied_at=None)
    last = 0
    while chunk := list(rows.filter(number__gt=last).order_by("number")[:CHUNK]):
        last = chunk[-1].number
        yield chunk


def _context(batch: ImportBatch) -> Context:
    """Who imports, and what rows written before have done."""
    written = batch.rows.exclude(applied_at=None).exclude(target=None).values_list("target", "number", "outcome")
    return Context(
        by=_actor(batch),
        standing=standing_of(batch.owner, batch.operation),
        operation=batch.operation,
        create_missing=batch.create_missing,
        rows_of={target: number for target, number, _outcome in written},
        created={target for target, _number, outcome in written if outcome == Outcome.CREATE},
    )


def _actor(batch: ImportBatch) -> Actor:
    return Actor(
        user=batch.owner,
        channel=Channel.IMPORT,
        name=str(batch.owner or "Komek"),
        reason=batch.file_name[:200],
        batch=str(batch.pk),
    )


def _note_made(batch: ImportBatch, context: Context) -> None:
    """Keep what was made on the way beside the rows, so that taking the import back takes it back too."""
    known = {(label, pk) for label, pk, _version_then in batch.made}
    for records in context.made.values():
        for record in records.values():
            if isinstance(record, models.Model) and record.pk and (record._meta.label, record.pk) not in known:
                batch.made.append([record._meta.label, record.pk, _version(record)])
    batch.save(update_fields=["made"])


def _begin(batch: ImportBatch, state: BatchState) -> None:
    done = batch.rows.exclude(applied_at=None).count() if state == BatchState.APPLYING else 0
    batch.state, batch.done, batch.problem, batch.beat_at = state, done, "", timezone.now()
    batch.save(update_fields=["state", "done", "problem", "beat_at"])


def _advance(batch: ImportBatch, rows: int) -> None:
    batch.done += rows
    ImportBatch.objects.filter(pk=batch.pk).update(done=batch.done, beat_at=timezone.now())


def _version(record: Any) -> str:
    changed = getattr(record, "updated_at", None)
    return changed.isoformat() if changed else ""
