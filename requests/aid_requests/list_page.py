"""The list of requests: what piled up, the most pressing first, with bulk actions and who works on what."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.ageing import in_time, reporter_words, too_late
from aid_requests.bulk import BULK_ACTIONS, WITH_MORE
from aid_requests.deadlines import WAITING
from aid_requests.false_reports import with_record
from aid_requests.filters import RequestFilter
from aid_requests.models import OPEN_STATES, AidRequest, Priority, RequestState
from komek.web.lists import Column, ListPage
from komek.web.templatetags.komek import ago

BADGES = {Priority.LIFE: "badge-danger", Priority.HIGH: "badge-warn"}
STATE_BADGES = {
    RequestState.MET: "badge-ok", RequestState.CLOSED: "badge-ok", RequestState.REFUSED: "badge-danger",
    RequestState.PARTLY_MET: "badge-warn",
}  # fmt: skip


def title_cell(row: AidRequest) -> SafeString:
    """What is needed, leading to the request; a false report says so."""
    mark = format_html(' <span class="badge badge-danger">{}</span>', _("false report")) if row.is_false else ""
    return format_html('<a href="{}">{}</a>{}', row.get_absolute_url(), row.title or row.code, mark)


def priority_cell(row: AidRequest) -> SafeString | str:
    """The priority in words; colour alone says nothing in print."""
    badge = BADGES.get(Priority(row.priority), "")
    return format_html('<span class="badge {}">{}</span>', badge, row.get_priority_display())


def state_cell(row: AidRequest) -> SafeString:
    badge = STATE_BADGES.get(RequestState(row.state), "")
    return format_html('<span class="badge {}">{}</span>', badge, row.get_state_display())


def due_cell(row: AidRequest) -> SafeString | str:
    """When the next step is due, and whether that is past."""
    if row.due_at is None or row.state not in WAITING:
        return ""
    if too_late(row.due_at):
        return format_html('<span class="badge badge-danger">{}</span> {}', _("overdue"), ago(row.due_at))
    return in_time(row.due_at)


def wanted_cell(row: AidRequest) -> SafeString | str:
    """By when it is needed, and whether that is past."""
    if row.state in OPEN_STATES and too_late(row.wanted_by):
        return format_html('<span class="badge badge-danger">{}</span> {}', _("too late"), ago(row.wanted_by))
    return in_time(row.wanted_by)


def answered_cell(row: AidRequest) -> SafeString | str:
    """Who answers for it, and who works on it just now."""
    name = row.responsible.name if row.responsible is not None else ""
    if row.claimed_by is None:
        return name
    return format_html('{} <span class="badge">{}</span>', name, row.claimed_by)


def record_cell(row: Any) -> SafeString | str:
    """What is known of who reported: verified and false reports from the same phone."""
    words = reporter_words(row.reporter_verified, row.reporter_false)
    if row.reporter_false and row.reporter_false >= row.reporter_verified:
        return format_html('<span class="badge badge-warn">{}</span>', words)
    return words


def place_of(row: AidRequest) -> str:
    """Where it is needed, in words."""
    return str(row.site or "") or row.landmark or str(row.area or "")


class RequestList(ListPage):
    key = "requests.request"
    model = AidRequest
    title = gettext_lazy("Requests")
    filterset_class = RequestFilter
    default_sort = "priority"
    exchange_key = "requests.requestline"
    add_url_name = "requests:request_add"
    add_title = gettext_lazy("Ask for support")
    empty_text = gettext_lazy(
        "What camps, hospitals, places and people ask for: goods, services, people with skills, transport, rescue, "
        "medical help."
    )
    template_name = "aid_requests/request_list.html"
    actions = BULK_ACTIONS
    pages_to = 5_000
    columns = (
        Column("title", gettext_lazy("What is needed"), "title", sort=("title",), cell=title_cell),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column("priority", gettext_lazy("Priority"), "priority", sort=("rank", "occurred_at"), cell=priority_cell),
        Column("state", gettext_lazy("State"), "state", sort=("state", "rank", "occurred_at"), cell=state_cell),
        Column("place", gettext_lazy("Where"), place_of, sort=("site__name",)),
        Column("wanted_by", gettext_lazy("Needed by"), "wanted_by", sort=("wanted_by",), cell=wanted_cell, nowrap=True),
        Column("asked", gettext_lazy("Asked"), "occurred_at", sort=("occurred_at",), cell=lambda row: ago(row.occurred_at),
               nowrap=True),
        Column("due_at", gettext_lazy("Next step due"), "due_at", sort=("due_at",), cell=due_cell, nowrap=True),
        Column("responsible", gettext_lazy("Answered for by"), "responsible.name", sort=("responsible__name",),
               cell=answered_cell),
        Column("claimed_by", gettext_lazy("Worked on by"), lambda row: str(row.claimed_by or ""), sort=("claimed_at",),
               default=False),
        Column("record", gettext_lazy("Earlier reports"),
               lambda row: reporter_words(row.reporter_verified, row.reporter_false), cell=record_cell),
        Column("people", gettext_lazy("People"), "people", sort=("people",), numeric=True, default=False),
        Column("since", gettext_lazy("In this state"), "state_since", sort=("state_since",),
               cell=lambda row: ago(row.state_since) if row.state_since else "", nowrap=True, default=False),
        Column("asked_by", gettext_lazy("Asked by"), "asked_by.name", sort=("asked_by__name",), default=False),
        Column("area", gettext_lazy("Area"), lambda row: str(row.area or ""), sort=("area__name",), default=False),
        Column("channel", gettext_lazy("Channel"), "channel", default=False),
        Column("is_released", gettext_lazy("Public"), "is_released", default=False),
    )  # fmt: skip

    def queryset(self) -> Any:
        rows = AidRequest.objects.select_related("site", "area", "responsible", "asked_by", "claimed_by")
        return with_record(rows.defer("area__geometry", "search_key", "purpose"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Actions that must know more (to whom, why, which to keep) ask for it on a page of their own."""
        action = request.POST.get("action", "")
        ticked = [pk for pk in request.POST.getlist("pk") if pk.isdigit()]
        if action not in WITH_MORE or not (ticked or "all" in request.POST):
            return super().post(request, *args, **kwargs)
        query = request.GET.copy()
        for name in ("page", "size", "sort", "column", "pk", "back"):
            query.pop(name, None)
        if "all" not in request.POST:
            query.clear()
            query.setlist("pk", ticked)
        query["back"] = request.get_full_path()
        return HttpResponseRedirect(f"{reverse('requests:bulk', args=[action])}?{query.urlencode()}")
