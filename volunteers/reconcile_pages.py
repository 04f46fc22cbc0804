"""The page "pledged against received"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from komek.accounts.authority import Action, require
from komek.supplies.models import plain
from komek.web.context import standing
from komek.web.list_exports import MEDIA_TYPES, write_csv
from komek.web.lists import Column
from volunteers.models import Pledge
from volunteers.reconciling import GROUPINGS, Line, reconcile


@require_GET
@login_required
def reconciliation(http: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Pledged against received by donor, item or month; ``export=csv`` gives the same table."""
    whose = standing(http)
    require(whose, Action.VIEW, Pledge)
    by = http.GET.get("by", "item")
    if by not in dict(GROUPINGS):
        by = "item"
    since, until = _day(http.GET.get("since", "")), _day(http.GET.get("until", ""))
    rows = reconcile(whose, by, since=since, until=until)
    if http.GET.get("export") == "csv":
        require(whose, Action.EXPORT, Pledge)
        return _csv(rows, by, is_exercise=bool(getattr(whose.operation, "is_exercise", False)))
    context: dict[str, Any] = {
        "rows": rows, "by": by, "by_label": dict(GROUPINGS)[by], "groupings": GROUPINGS, "since": since, "until": until,
    }  # fmt: skip
    return render(http, "volunteers/reconciliation.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class _Rows(list[Line]):
    """Lines as the writers of lists take them."""

    def iterator(self, chunk_size: int = 0) -> Iterator[Line]:
        return iter(self)


COLUMNS = (
    Column("what", _("What"), "what"),
    Column("pledges", _("Pledges"), "pledges", numeric=True),
    Column("pledged", _("Pledged"), lambda row: plain(row.pledged), numeric=True),
    Column("received", _("Received"), lambda row: plain(row.received), numeric=True),
    Column("to_come", _("Still to come"), lambda row: plain(row.to_come), numeric=True),
    Column("gone", _("Will not come"), lambda row: plain(row.gone), numeric=True),
    Column("share", _("Received, %"), "share", numeric=True),
    Column("unit", _("Unit"), "unit"),
)


def _csv(rows: list[Line], by: str, *, is_exercise: bool) -> StreamingHttpResponse:
    columns = (Column("group", dict(GROUPINGS)[by], "group"), *COLUMNS)
    content: Any = write_csv(columns, _Rows(rows), is_exercise=is_exercise)  # type: ignore[arg-type]
    response = StreamingHttpResponse(content, content_type=MEDIA_TYPES["csv"])
    mark = "EXERCISE-" if is_exercise else ""
    name = f"{mark}pledged-received-{by}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
