"""The list of tasks, the next first."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from komek.web.lists import Column, ListPage, link_cell
from volunteers.models import TAKEN, Task, TaskState
from volunteers.work.filters import TaskFilter

BADGES = {TaskState.OPEN: "badge-warn", TaskState.FILLED: "badge-ok", TaskState.DONE: "badge-ok"}


def state_cell(row: Task) -> SafeString:
    badge = BADGES.get(TaskState(row.state), "")
    return format_html('<span class="badge {}">{}</span>', badge, row.get_state_display())


class TaskList(ListPage):
    key = "volunteers.task"
    model = Task
    title = gettext_lazy("Tasks")
    filterset_class = TaskFilter
    default_sort = "-starts"
    add_url_name = "volunteers:task_add"
    add_title = gettext_lazy("Plan a task")
    empty_text = gettext_lazy("Work for volunteers: what, where, when, how many, with which skills.")
    template_name = "volunteers/task_list.html"
    columns = (
        Column("title", gettext_lazy("What is to do"), "title", sort=("title",), cell=link_cell(lambda row: row.title)),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column("state", gettext_lazy("State"), "state", sort=("state",), cell=state_cell),
        Column("starts", gettext_lazy("From"), "starts_at", sort=("starts_at",), nowrap=True),
        Column("ends", gettext_lazy("To"), "ends_at", sort=("ends_at",), nowrap=True),
        Column("where", gettext_lazy("Where"), lambda row: row.where),
        Column("taken", gettext_lazy("Said yes"), "taken", numeric=True),
        Column("wanted", gettext_lazy("How many people"), "wanted", sort=("wanted",), numeric=True),
        Column("skills", gettext_lazy("Skills needed"), lambda row: ", ".join(map(str, row.skills.all()))),
        Column("organisation", gettext_lazy("Run by"), lambda row: str(row.organisation or ""), sort=("organisation__name",)),
        Column("with_minors", gettext_lazy("With children"), "with_minors", default=False),
        Column("area", gettext_lazy("Area"), lambda row: str(row.area or ""), sort=("area__name",), default=False),
    )  # fmt: skip

    def bare_queryset(self) -> Any:
        return Task.objects.all()

    def queryset(self) -> Any:
        rows = Task.objects.select_related("organisation", "site", "area").prefetch_related("skills")
        taken = Count("assignments", filter=Q(assignments__state__in=TAKEN))
        return rows.defer("area__geometry", "search_key").annotate(taken=taken)
