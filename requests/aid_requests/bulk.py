"""What a coordinator does to many requests at once. Each row goes through the same function as alone; what cannot be is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aid_requests import life_cycle
from aid_requests.models import AidRequest, RequestState
from aid_requests.policies import ASKERS
from komek.accounts.authority import NotAllowed, Standing
from komek.records.actor import Actor
from komek.web.lists import BulkAction

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


BULK_ACTIONS = (
    BulkAction("verify", gettext_lazy("Verify"), verify_many, may_work_on_requests),
    BulkAction("accept", gettext_lazy("Verify and accept"), accept_many, may_work_on_requests),
)
