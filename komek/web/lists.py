"""Lists of records: sorted, filtered, paged, with columns chosen, exported as shown, and acted on in bulk.

A registry declares a ``ListPage`` with its columns; everything else follows from the declaration. A page costs a constant number of
queries: one to count, one to fetch, and what the columns' ``prefetch`` asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import AccessMixin
from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views import View

from komek.accounts.authority import Action, NotAllowed, Standing, may, visible
from komek.extensions.exchange import exchange
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web import list_exports
from komek.web.context import standing, viewer_of
from komek.web.filtering import chips, dress
from komek.web.models import SavedView
from komek.web.paging import ListPaginator, OrderedKeys, known_first, order_of

PAGE_SIZES = (50, 100, 200)


@dataclass(frozen=True)
class Column:
    """One column.

    value: attribute path with dots or double underscores, or a function of the row. A Django choice field shows its label.
    sort: ORM field paths to order by, ascending; empty means the column cannot be sorted.
    numeric: aligned for comparing. nowrap: never broken over two lines (codes, dates).
    cell: what the page shows, when it is more than the value's text; gets the row, returns safe HTML.
    default: shown unless the person chose otherwise.
    """

    key: str
    title: Any
    value: str | Callable[[Any], Any]
    sort: Sequence[str] = ()
    cell: Callable[[Any], SafeString | str] | None = None
    numeric: bool = False
    nowrap: bool = False
    default: bool = True

    def value_of(self, row: Any) -> Any:
        """The plain value, as an export writes it."""
        if callable(self.value):
            return self.value(row)
        found: Any = row
        for name in self.value.replace("__", ".").split("."):
            if found is None:
                return None
            labels = _labels_of(type(found), name)
            value = getattr(found, name)
            found = value if labels is None else str(labels.get(value, "" if value is None else value))
        return found() if callable(found) else found

    def shown(self, row: Any) -> Any:
        """What the page shows."""
        return self.cell(row) if self.cell else as_text(self.value_of(row))


@cache
def _labels_of(kind: type, name: str) -> dict[Any, Any] | None:
    """Labels of a choice field by value; none for anything else. Django looks them up anew for each row, which a list feels."""
    meta = getattr(kind, "_meta", None)
    field = meta and {one.name: one for one in meta.concrete_fields}.get(name)
    return dict(field.flatchoices) if field and field.choices else None


@dataclass(frozen=True)
class BulkAction:
    """Something to do to many rows. ``act`` gets rows, the actor and the operation; returns a sentence."""

    key: str
    title: Any
    act: Callable[[Iterable[Any], Actor, Any], str]
    allowed: Callable[[Standing], bool]
    confirm: Any = ""


@dataclass(frozen=True)
class Header:
    column: Column
    sort_parameter: str
    direction: str  # "ascending", "descending" or "none"


def as_text(value: Any) -> str:
    """A value as people read it in the current language: dates local, yes and no, numbers with separators."""
    if value is None or value == "":
        return ""
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, int):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    return str(value)


def link_cell(text: Callable[[Any], str] = str) -> Callable[[Any], SafeString]:
    """A cell that leads to the record's own page."""
    return lambda row: format_html('<a href="{}">{}</a>', row.get_absolute_url(), text(row))


class ListPage(AccessMixin, View):
    """A list of a model's records, as the viewer may see them in the current operation.

    key: names the list in saved views and addresses of exports; unique.
    filterset_class: a django-filter set, shared with the API; its form works without scripts.
    exchange_key: the exchange resource that exports the same rows in other formats.
    pages_to: for lists that grow very long, how many rows are counted and paged through; whoever wants more filters or exports.
    """

    key: ClassVar[str]
    model: ClassVar[type[Model]]
    title: ClassVar[Any]
    columns: ClassVar[tuple[Column, ...]]
    filterset_class: ClassVar[Any] = None
    default_sort: ClassVar[str] = ""
    actions: ClassVar[tuple[BulkAction, ...]] = ()
    exchange_key: ClassVar[str] = ""
    template_name: ClassVar[str] = "web/list.html"
    add_url_name: ClassVar[str] = ""
    add_title: ClassVar[Any] = ""
    empty_text: ClassVar[Any] = ""
    pages_to: ClassVar[int | None] = None

    def queryset(self) -> QuerySet[Any]:
        """All rows, with what the columns need joined. Narrowed afterwards to what the viewer may see."""
        return self.model._default_manager.all()

    def extra_context(self) -> dict[str, Any]:
        """More for the template, for pages that show something beside the list."""
        return {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.standing = standing(request)
        if not may(self.standing, Action.VIEW, self.model):
            raise NotAllowed(_("Your account may not see this list. Ask a coordinator for a role."))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | StreamingHttpResponse:
        self.filterset = self._filterset(request)
        rows = self._sorted(self.filterset.qs if self.filterset else self._visible())
        if request.GET.get("export") in ("csv", "xlsx"):
            return self._export(rows, request.GET["export"])
        page = self._page(rows)
        context = self._context(request, page)
        if request.headers.get("HX-Target") == "list":
            return render(request, "web/parts/list_body.html", context)
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A bulk action on the rows ticked, or on all that match the filters."""
        chosen = next((action for action in self._allowed_actions() if action.key == request.POST.get("action")), None)
        if chosen is None:
            raise NotAllowed(_("This action needs a role you do not hold. Ask a coordinator."))
        rows = self.matching(request)
        if "all" not in request.POST:
            rows = rows.filter(pk__in=[pk for pk in request.POST.getlist("pk") if pk.isdigit()])
        if not rows.exists():
            messages.warning(request, _("Tick the rows first, then choose what to do with them."))
        else:
            messages.success(request, chosen.act(rows, actor_of(request), request.operation or None))  # type: ignore[attr-defined]
        return HttpResponseRedirect(request.get_full_path())

    def matching(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows the viewer may see that match the filters in the request's address, in no order."""
        filterset = self._filterset(request)
        rows: QuerySet[Any] = filterset.qs if filterset else self._visible()
        return rows

    # -- parts

    def _page(self, rows: QuerySet[Any]) -> Page[Any]:
        """One page: first its keys, in order, by an index where there is one; then those rows with all that columns need.

        Joins and counts that only the columns want are thus made for one page's rows, not for all that are skipped.
        """
        paginator = ListPaginator(OrderedKeys(rows, self._parts(rows)), self._page_size(), self.pages_to)
        page = paginator.get_page(self.request.GET.get("page"))
        keys = list(page.object_list)
        found = {row.pk: row for row in self._visible().filter(pk__in=keys)}
        page.object_list = [found[key] for key in keys if key in found]
        return page

    def _visible(self) -> QuerySet[Any]:
        return visible(self.queryset(), self.standing)

    def _filterset(self, request: HttpRequest) -> Any:
        if self.filterset_class is None:
            return None
        found = self.filterset_class(request.GET, queryset=self._visible(), request=request)
        dress(found, viewer_of(request))
        return found

    def _page_size(self) -> int:
        asked = self.request.GET.get("size", "")
        return int(asked) if asked.isdigit() and int(asked) in PAGE_SIZES else PAGE_SIZES[0]

    def _sort(self) -> tuple[Column | None, bool]:
        asked = self.request.GET.get("sort") or self.default_sort
        column = next((c for c in self.columns if c.key == asked.lstrip("-") and c.sort), None)
        return column, asked.startswith("-")

    def _sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        column, is_descending = self._sort()
        if column is None:
            return rows.order_by("pk") if not rows.ordered else rows
        return rows.order_by(*order_of(self.model, column.sort, is_descending=is_descending))

    def _parts(self, rows: QuerySet[Any]) -> list[QuerySet[Any]]:
        """The sorted rows as they are paged through: in a long list each part is read off an index."""
        column, is_descending = self._sort()
        if self.pages_to is None or column is None:
            return [rows]
        return known_first(rows, column.sort, is_descending=is_descending)

    def shown_columns(self) -> list[Column]:
        """The columns asked for in the address, else those kept for this person, else the default ones."""
        asked = self.request.GET.getlist("column")
        kept = self.request.session.get("columns", {})
        if asked:
            known = [column.key for column in self.columns if column.key in asked]
            if known and kept.get(self.key) != known:
                self.request.session["columns"] = {**kept, self.key: known}
            asked = known
        keys = asked or kept.get(self.key) or [column.key for column in self.columns if column.default]
        return [column for column in self.columns if column.key in keys]

    def _headers(self, columns: list[Column]) -> list[Header]:
        current, is_descending = self._sort()
        headers = []
        for column in columns:
            is_current = current is not None and column.key == current.key
            parameter = f"-{column.key}" if is_current and not is_descending else column.key
            direction = "none" if not is_current else ("descending" if is_descending else "ascending")
            headers.append(Header(column, parameter if column.sort else "", direction))
        return headers

    def _allowed_actions(self) -> list[BulkAction]:
        return [action for action in self.actions if action.allowed(self.standing)]

    def _context(self, request: HttpRequest, page: Page[Any]) -> dict[str, Any]:
        columns = self.shown_columns()
        openings = _openings(columns)
        rows = [(row, _cells(openings, row)) for row in page.object_list]
        form = self.filterset.form if self.filterset else None
        in_force = chips(self.filterset, request.GET)
        return {
            "list": self,
            "page": page,
            "rows": rows,
            "headers": self._headers(columns),
            "columns": [(column, column in columns) for column in self.columns],
            "page_sizes": PAGE_SIZES,
            "page_size": self._page_size(),
            "filter_form": form,
            "filters_open": bool(({chip["name"] for chip in in_force} | set(form.errors if form else ())) - {"text"}),
            "chips": in_force,
            "bulk_actions": self._allowed_actions(),
            "saved_views": SavedView.objects.for_list(self.key, request),
            "may_add": bool(self.add_url_name) and may(self.standing, Action.ADD, self.model),
            "exports": self._exports(),
            **self.extra_context(),
        }

    @property
    def resource(self) -> Any | None:
        """What brings these rows in and out whole; ``None`` while no registry plugs it in."""
        return exchange.get(self.exchange_key) if self.exchange_key else None

    def exchange_filters(self) -> dict[str, str]:
        """What the page's address narrows the rows to, as filters of the resource that exports them whole."""
        return {}

    def _exports(self) -> list[tuple[str, str]]:
        """Format names and addresses: what is shown, in its order and columns; and whole records, to be brought in again."""
        query = self.request.GET.copy()
        query.pop("page", None)
        found = []
        for name, label in (("csv", _("CSV, as shown")), ("xlsx", _("XLSX, as shown"))):
            query["export"] = name
            found.append((label, f"?{query.urlencode()}"))
        if self.resource is not None:
            query.pop("export")
            try:
                address = reverse("exchange:export", args=[self.exchange_key])
            except NoReverseMatch:
                return found
            for name, value in self.exchange_filters().items():
                query[name] = value
            for name, label in self._whole_formats():
                query["format"] = name
                found.append((_("%(format)s, whole records") % {"format": label}, f"{address}?{query.urlencode()}"))
        return found

    def _whole_formats(self) -> list[tuple[str, str]]:
        found = [("hxl", "HXL"), ("xlsx", "XLSX")]
        has_places = getattr(self.resource, "location_field", "")
        return [*found, ("geojson", "GeoJSON"), ("kml", "KML")] if has_places else found

    def _export(self, rows: QuerySet[Any], kind: str) -> StreamingHttpResponse:
        if not may(self.standing, Action.EXPORT, self.model):
            raise NotAllowed(_("Your account may not export this list. Ask a coordinator for a role."))
        columns = self.shown_columns()
        is_exercise = bool(getattr(self.standing.operation, "is_exercise", False))
        name = (
            f"{'EXERCISE-' if is_exercise else ''}{self.key.replace('.', '-')}-{timezone.localdate():%Y-%m-%d}.{kind}"
        )
        response = StreamingHttpResponse(
            list_exports.WRITERS[kind](columns, rows, is_exercise=is_exercise),
            content_type=list_exports.MEDIA_TYPES[kind],
        )
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _openings(columns: Sequence[Column]) -> list[tuple[Column, str, str]]:
    """Each column with the attributes of its cells: label and classes, the same in every row."""
    found = []
    for place, column in enumerate(columns):
        classes = [name for name, holds in
                   (("first", place == 0), ("numeric", column.numeric), ("nowrap", column.nowrap)) if holds]  # fmt: skip
        found.append((column, escape(str(column.title)), " ".join(classes)))
    return found


def _cells(openings: Sequence[tuple[Column, str, str]], row: Any) -> SafeString:
    """A row's cells. Put together here and not in a template: there are hundreds on a page, and each costs there."""
    parts = []
    for column, label, classes in openings:
        shown = conditional_escape(column.shown(row))
        parts.append(f'<td data-label="{label}" class="{classes}{"" if shown else " blank"}">{shown}</td>')
    return mark_safe("".join(parts))  # noqa: S308 - label and value are escaped above
