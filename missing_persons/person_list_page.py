"""The list of persons: searched by name in any script, filtered, sorted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.records.middleware import actor_of
from komek.web.lists import Column, ListPage
from komek.web.templatetags.komek import ago
from missing_persons.ages import ages_on
from missing_persons.filters import PersonFilter, in_this_order, listed
from missing_persons.models import Person, Status, Visibility
from missing_persons.pairs import open_pairs
from missing_persons.policies import sits_at_desk
from missing_persons.reading import persons_read

BADGES = {
    Status.MISSING: "badge-warn", Status.ALIVE: "badge-ok", Status.SAFE: "badge-ok", Status.UNCLEAR: "badge-danger",
}  # fmt: skip


def status_cell(row: Person) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', BADGES.get(Status(row.status), ""), row.get_status_display())


def name_cell(row: Person) -> SafeString:
    alone = format_html(' <span class="badge badge-danger">{}</span>', _("child alone")) if row.is_child_alone else ""
    name = row.display_name or _("name not known")
    return format_html('<a href="{}">{}</a>{}', row.get_absolute_url(), name, alone)


def age_of(row: Person) -> str:
    """Age today in words, such as “35–45”; empty when nothing is known."""
    ages = ages_on(row.born_from, row.born_to, timezone.localdate())
    if ages is None:
        return ""
    return str(ages[0]) if ages[0] == ages[1] else f"{ages[0]}–{ages[1]}"


class PersonList(ListPage):
    key = "missing_persons.person"
    model = Person
    title = gettext_lazy("Missing persons")
    filterset_class = PersonFilter
    default_sort = "-occurred"
    exchange_key = "missing_persons.report"
    add_url_name = "missing_persons:report_add"
    add_title = gettext_lazy("Report a person")
    template_name = "missing_persons/person_list.html"
    empty_text = gettext_lazy(
        "The missing, the found and those who say they are safe. Search by a name in any alphabet."
    )
    columns = (
        Column("name", gettext_lazy("Name"), "display_name", sort=("display_name",), cell=name_cell),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column("status", gettext_lazy("Status"), "status", sort=("status",), cell=status_cell),
        Column("age", gettext_lazy("Age"), age_of, sort=("born_to",), numeric=True),
        Column("sex", gettext_lazy("Sex"), "sex", sort=("sex",)),
        Column("home", gettext_lazy("Home"), lambda row: row.home_text or str(row.home_area or "")),
        Column("last_seen", gettext_lazy("Last seen or found"), lambda row: row.last_seen_text or str(row.last_seen_area or "")),
        Column("occurred", gettext_lazy("When"), "occurred_at", sort=("occurred_at",), nowrap=True,
               cell=lambda row: ago(row.occurred_at)),
        Column("visibility", gettext_lazy("Public"), "visibility", sort=("visibility",), default=False),
        Column("status_at", gettext_lazy("Status as of"), "status_at", sort=("status_at",), nowrap=True, default=False),
        Column("entered", gettext_lazy("Entered"), "entered_at", sort=("entered_at",), nowrap=True, default=False),
    )  # fmt: skip

    def queryset(self) -> Any:
        rows = listed(Person.objects.select_related("home_area", "last_seen_area"))
        return rows.defer("home_area__geometry", "last_seen_area__geometry")

    def _sorted(self, rows: Any) -> Any:
        """Whoever searched by name and asked for no order gets the likeliest first."""
        found = getattr(self.filterset, "likeliest", None)
        if found and not self.request.GET.get("sort"):
            return in_this_order(rows, found)
        return super()._sorted(rows)

    def matching(self, request: HttpRequest) -> Any:
        """Nothing outside a visit to the page: names do not go out by e-mail to who subscribes to the list."""
        return super().matching(request) if hasattr(self, "standing") else Person.objects.none()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.GET.get("export") in ("csv", "xlsx"):
            rows = self._visible() if self.filterset_class is None else self._filterset(request).qs
            persons_read(
                by=actor_of(request), operation=self.standing.operation, what=_("Export of persons"),
                records=rows.only("pk", "code", "operation"),
            )  # fmt: skip
        return super().get(request, *args, **kwargs)

    def _context(self, request: HttpRequest, page: Any) -> dict[str, Any]:
        persons_read(
            by=actor_of(request), operation=self.standing.operation, what=_("List of persons"), records=page.object_list
        )
        return super()._context(request, page)

    def extra_context(self) -> dict[str, Any]:
        if self.request.headers.get("HX-Target") == "list" or not sits_at_desk(self.standing):
            return {"is_desk": sits_at_desk(self.standing)}
        return {"is_desk": True, "open_pairs": open_pairs(self.standing.operation).count(), "public": Visibility.PUBLIC}
