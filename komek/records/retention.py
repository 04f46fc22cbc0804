"""How long personal data is kept, per model, and what becomes of it then.

A room registers its rules when its app is ready; ``anonymise`` (a command, and every night by itself) carries them out. Rules look at
the clock and the rows only, so a run after a backup was restored forgets again what had been forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from komek.records.actor import Actor, acting
from komek.records.changes import is_tracked
from komek.records.models import AnonymisationRun
from komek.records.scrubbing import Fields, differs, scrub

AT_ONCE = 500
"""Rows per transaction: short locks, and little lost when a run is interrupted."""

DELETE = None
"""In place of ``fields``: the rows are deleted. For tables without history only."""


@dataclass(frozen=True)
class Retention:
    """One rule. ``Retention("camps.residents", Resident, after=timedelta(days=365), since="left_at", fields={"name": ""})``.

    key: ``room.what``; settings may shorten or lengthen ``after`` by it (``KOMEK_RETENTION_DAYS``).
    since: the moment time runs from, a date or date-time field or a path to one; rows without it are kept.
    fields: what each field becomes (see ``scrubbing.Fields``), or ``DELETE``. when: which rows the rule is about; all if not given.
    beforehand: called with the keys, in the same transaction, for what lies in other tables.
    why: one sentence for those who read the list of rules.
    """

    key: str
    model: type[models.Model]
    after: timedelta
    since: str
    fields: Fields | None
    why: Any
    when: models.Q = field(default_factory=models.Q)
    beforehand: Callable[[Sequence[int]], None] | None = None

    def period(self) -> timedelta:
        """How long rows are kept here: the rule's own time, or what the installation has set."""
        days = settings.RETENTION_DAYS.get(self.key)
        return self.after if days is None else timedelta(days=days)

    def due(self, now: datetime) -> models.QuerySet[Any]:
        """Rows whose time has come and that still hold something."""
        until: Any = now - self.period()
        rows = self.model._default_manager.filter(self.when, **{f"{self.since}__lt": until})
        return rows if self.fields is None else rows.filter(differs(self.model, self.fields))


_rules: dict[str, Retention] = {}


def register_retention(rule: Retention) -> None:
    """Called once per rule, when the room's app is ready. Raises ValueError for a rule that could not be kept."""
    if rule.key in _rules and _rules[rule.key] is not rule:
        raise ValueError(f"two rules of retention share the key {rule.key!r}")
    if rule.fields is None and is_tracked(rule.model):
        raise ValueError(
            f"{rule.key}: rows with a history are not deleted, it would keep them; name the fields instead"
        )
    for name in rule.fields or ():
        rule.model._meta.get_field(name)
    _rules[rule.key] = rule


def rules() -> Iterable[Retention]:
    return _rules.values()


def due_counts(now: datetime | None = None) -> dict[str, int]:
    """What a run would do: rule → number of rows. Changes nothing."""
    now = now or timezone.now()
    return {rule.key: rule.due(now).count() for rule in rules()}


def anonymise(*, by: Actor, now: datetime | None = None, keys: Iterable[str] = ()) -> AnonymisationRun:
    """Carry out the rules (those named, or all), and write down the run: what was done to how many rows, by whom.

    An interrupted run leaves whole batches done and a run without an end; the next one goes on from there.
    """
    now = now or timezone.now()
    run = AnonymisationRun.objects.create(started_by=by.name[:150], channel=by.channel)
    wanted = set(keys)
    for rule in rules():
        if wanted and rule.key not in wanted:
            continue
        with acting(by.because(rule.key)):
            done = _carry_out(rule, now)
        run.counts = {**run.counts, rule.key: done}
        run.save(update_fields=["counts"])
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at"])
    return run


def _carry_out(rule: Retention, now: datetime) -> int:
    done, last = 0, 0
    while True:
        with transaction.atomic():
            # Upwards by key, so that a row that cannot become what the rule says is tried once a run and not for ever.
            rows = rule.due(now).filter(pk__gt=last).order_by("pk").select_for_update(of=("self",), skip_locked=True)
            batch = list(rows.values_list("pk", flat=True)[:AT_ONCE])
            if not batch:
                return done
            if rule.beforehand is not None:
                rule.beforehand(batch)
            if rule.fields is None:
                rule.model._default_manager.filter(pk__in=batch).delete()
            else:
                scrub(rule.model, batch, rule.fields)
            done, last = done + len(batch), batch[-1]
