"""The same answer to many rows of a list at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed, Standing
from komek.records.actor import Actor
from komek.web.lists import BulkAction


def bulk_answer(key: str, title: Any, function: Any, *, record: str, may: Callable[[Standing], bool]) -> BulkAction:
    """Those to which it cannot be given stay as they are. record: the argument by which ``function`` takes the row."""

    def act(rows: Any, by: Actor, operation: Any) -> str:
        done = left = 0
        for row in rows:
            try:
                function(by=by, operation=operation, **{record: row})
                done += 1
            except (ValidationError, NotAllowed):
                left += 1
        return _("Done: %(done)d. Left as they are, because it cannot be done there: %(left)d.") % {
            "done": done, "left": left,
        }  # fmt: skip

    return BulkAction(key, title, act, may)
