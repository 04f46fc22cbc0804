"""What a coordinator does to many requests at once. Each row goes through the same function as alone; what cannot be is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aid_requests import life_cycle
from aid_requests.claiming import claim, let_go
from aid_requests.false_reports import mark_false
from aid_requests.models import AidRequest, RequestState
from aid_requests.policies import ASKERS
from komek.accounts.authority import NotAllowed, Standing
from komek.records.actor import Actor
from komek.web.lists import BulkAction
from orgs.models import Organisation
from orgs.policies import coordinates_everything

SHOWN = 5


def may_work_on_requests(standing: Standing) -> bool:
    return standing.holds_anywhere(*ASKERS)


def each(rows: Iterable[Any], do: Callable[[AidRequest], object], done: Callable[[int], str]) -> str:
    """Do it to every row that allows it; a sentence with how many, and why not for the first of the others."""
    count, problems = 0, []
    for request in rows:
        try:
            with transaction.atomic():
                do(request)
        except (ValidationError, NotAllowed) as fault:
            problems.append(f"{request.code}: {' '.join(getattr(fault, 'messages', None) or [str(fault)])}")
        else:
            count += 1
    words = done(count)
    if problems:
        more = _("and %(n)s more") % {"n": len(problems) - SHOWN} if len(problems) > SHOWN else ""
        left = _("Left as they were: %(problems)s") % {"problems": "; ".join(filter(None, [*problems[:SHOWN], more]))}
        words = f"{words} {left}"
    return words


def verify_many(rows: Iterable[Any], by: Actor, operation: Any) -> str:
    return each(
        rows,
        lambda row: life_cycle.verify(by=by, operation=operation, request=row),
        lambda n: ngettext("%(n)s request is verified.", "%(n)s requests are verified.", n) % {"n": n},
    )


def accept_many(rows: Iterable[Any], by: Actor, operation: Any) -> str:
    def take(row: AidRequest) -> None:
        if row.state == RequestState.SUBMITTED:
            life_cycle.verify(by=by, operation=operation, request=row)
        life_cycle.accept(by=by, operation=operation, request=row)

    return each(
        rows, take, lambda n: ngettext("%(n)s request is accepted.", "%(n)s requests are accepted.", n) % {"n": n}
    )


def claim_many(rows: Iterable[Any], by: Actor, operation: Any) -> str:
    return each(
        rows,
        lambda row: claim(by=by, operation=operation, request=row),
        lambda n: ngettext("You work on %(n)s request now.", "You work on %(n)s requests now.", n) % {"n": n},
    )


def let_go_of_many(rows: Iterable[Any], by: Actor, operation: Any) -> str:
    return each(
        rows,
        lambda row: let_go(by=by, operation=operation, request=row),
        lambda n: ngettext("%(n)s request is free again.", "%(n)s requests are free again.", n) % {"n": n},
    )


def forward_many(rows: Iterable[Any], by: Actor, operation: Any, *, to: Organisation, reason: str) -> str:
    return each(
        rows,
        lambda row: life_cycle.forward(by=by, operation=operation, request=row, to=to, reason=reason),
        lambda n: ngettext("%(n)s request is forwarded.", "%(n)s requests are forwarded.", n) % {"n": n},
    )


def refuse_many(rows: Iterable[Any], by: Actor, operation: Any, *, reason: str) -> str:
    return each(
        rows,
        lambda row: life_cycle.refuse(by=by, operation=operation, request=row, reason=reason),
        lambda n: ngettext("%(n)s request is refused.", "%(n)s requests are refused.", n) % {"n": n},
    )


def mark_many_false(rows: Iterable[Any], by: Actor, operation: Any, *, reason: str) -> str:
    return each(
        rows,
        lambda row: mark_false(by=by, operation=operation, request=row, reason=reason),
        lambda n: ngettext("%(n)s report is marked as false.", "%(n)s reports are marked as false.", n) % {"n": n},
    )


def _asked_elsewhere(rows: Iterable[Any], by: Actor, operation: Any) -> str:
    return _("Tick the rows first, then choose what to do with them.")


WITH_MORE = ("forward", "refuse", "false", "merge")
"""Actions that ask for more on a page of their own (``triage_pages.bulk``)."""

BULK_ACTIONS = (
    BulkAction("claim", gettext_lazy("Claim"), claim_many, may_work_on_requests),
    BulkAction("let_go", gettext_lazy("Let go"), let_go_of_many, may_work_on_requests),
    BulkAction("verify", gettext_lazy("Verify"), verify_many, may_work_on_requests),
    BulkAction("accept", gettext_lazy("Verify and accept"), accept_many, may_work_on_requests),
    BulkAction("forward", gettext_lazy("Forward …"), _asked_elsewhere, may_work_on_requests),
    BulkAction("refuse", gettext_lazy("Refuse …"), _asked_elsewhere, may_work_on_requests),
    BulkAction("false", gettext_lazy("Mark as false …"), _asked_elsewhere, may_work_on_requests),
    BulkAction("merge", gettext_lazy("Merge two …"), _asked_elsewhere, coordinates_everything),
)
