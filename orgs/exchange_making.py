"""Organisations that an imported table names and nobody knows: prepared while checking, saved when the rows are written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from komek.accounts.authority import Action, may
from komek.exchange.planning import Context, Outcome, Row
from komek.records.codes import next_codes
from komek.records.models import Approval
from orgs.models import Organisation
from orgs.naming import name_key, search_key
from orgs.tasks import find_duplicates

KIND = "organisations"


def prepared_organisation(name: str, context: Context) -> Organisation:
    """One unsaved organisation per name in the whole file. It waits for approval unless the importer may approve."""
    made = context.made.setdefault(KIND, {})
    key = name_key(name)
    if key not in made:
        # As with register_organisation: the register serves all operations, an exercise keeps its own.
        own = context.operation if getattr(context.operation, "is_exercise", False) else None
        organisation = Organisation(operation=own, name=name[:200], search_key=search_key([name]))
        if len(name) <= 12 and name.isupper():
            organisation.acronym = name
        organisation.stamp(context.by)
        is_entitled = may(context.standing, Action.APPROVE, Organisation)
        organisation.approval = Approval.APPROVED if is_entitled else Approval.PENDING
        made[key] = organisation
    found: Organisation = made[key]
    return found


def save_made(rows: Sequence[Row], context: Context, fields: tuple[str, ...]) -> None:
    """Save the prepared organisations that rows to be written use, and point the rows' records at them."""
    writing = [row for row in rows if row.outcome in (Outcome.CREATE, Outcome.UPDATE)]
    used: dict[int, Organisation] = {}
    for row in writing:
        for field in fields:
            organisation: Any = row.values.get(field)
            if isinstance(organisation, Organisation) and organisation.pk is None:
                used[id(organisation)] = organisation
    fresh = list(used.values())
    for organisation, code in zip(
        fresh, next_codes(Organisation.CODE_LETTER, len(fresh)) if fresh else [], strict=True
    ):
        organisation.code = code
    Organisation.objects.bulk_create(fresh)
    for row in writing:
        for field in fields:
            if field in row.values:
                setattr(row.record, field, row.values[field])


def compare_soon() -> None:
    """Have the worker look for duplicates among what an import brought."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        find_duplicates.defer(timestamp=int(timezone.now().timestamp()))
