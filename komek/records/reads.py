"""Writing down who looked at protected data: health, protection, identification, next of kin.

A room that shows or exports such data calls ``log_read`` first and shows afterwards; what could not be written down is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from komek.records.actor import Actor
from komek.records.models import ProtectedRead

AT_ONCE = 1000


def log_read(*, by: Actor, record: models.Model, why: str, part: str = "", operation: Any = None) -> ProtectedRead:
    """One record was read. Raises ValidationError without a reason.

    part: what of it, in a word, such as "health"; empty for the whole.
    operation: that the reader works in, for a record without its own.
    """
    return log_reads(by=by, records=[record], why=why, part=part, operation=operation)[0]


def log_reads(
    *, by: Actor, records: Iterable[models.Model], why: str, part: str = "", operation: Any = None
) -> list[ProtectedRead]:
    """Many records were read at once: a list, an export. One line each, in few statements."""
    if not why.strip():
        raise ValidationError(_("Say why you need to see this. It is written down."))
    lines = [_line(by, record, why.strip(), part, operation) for record in records]
    return ProtectedRead.objects.bulk_create(lines, batch_size=AT_ONCE)


def reads_of(record: models.Model) -> models.QuerySet[ProtectedRead]:
    """Who looked at this record, newest first."""
    record_type = ContentType.objects.get_for_model(record)
    return ProtectedRead.objects.filter(record_type=record_type, record_id=record.pk).order_by("-at", "-pk")


def _line(by: Actor, record: Any, why: str, part: str, operation: Any) -> ProtectedRead:
    has_account = getattr(by.user, "pk", None) is not None
    return ProtectedRead(
        reader_id=by.user.pk if has_account else None,
        reader_name="" if has_account else by.name[:150],
        channel=by.channel,
        record_type=ContentType.objects.get_for_model(record),
        record_id=record.pk,
        record_code=getattr(record, "code", ""),
        part=part[:60],
        why=why[:300],
        operation_id=getattr(record, "operation_id", None) or getattr(operation, "pk", None),
        organisation_id=getattr(record, "organisation_id", None),
    )
