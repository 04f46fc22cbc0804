"""How long imported files are kept: they may name people, and after a while nobody takes an import back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from komek.exchange.models import ImportBatch, ImportRow

KEPT_FOR = timedelta(days=180)


def forget_old_imports(now: datetime | None = None) -> int:
    """Delete files and rows of imports older than ``KEPT_FOR``; who brought in what, when, and the counts stay. Returns how many."""
    now = now or timezone.now()
    old = list(ImportBatch.objects.filter(created_at__lt=now - KEPT_FOR).exclude(file=""))
    for batch in old:
        ImportRow.objects.filter(batch=batch).delete()
        # What was left or made is named there, and perhaps a person with it.
        batch.unknown, batch.made, batch.reversal, batch.problem = [], [], {}, ""
        batch.file.delete(save=False)
        batch.save(update_fields=["file", "unknown", "made", "reversal", "problem"])
    return len(old)
