"""Lists of records: sorted, filtered, paged, with columns chosen, exported as shown, and acted on in bulk.

A registry declares a ``ListPage`` with its columns; everything else follows from the declaration. A page costs a constant number of
queries: one to count, one to fetch, and what the columns' ``prefetch`` asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import AccessMixin
from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from komek.accounts.authority import Action, NotAllowed, Standing, may, visible
from komek.extensions.exchange import exchange
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web import list_exports
from komek.web.addresses import with_changes
from komek.web.columns import Column, Header, as_text, drawn_rows, link_cell
from komek.web.context import standing, viewer_of
from komek.web.filtering import chips, dress
from komek.web.models import SavedView
from komek.web.paging import ListPaginator, OrderedKeys, known_first, order_of

PAGE_SIZES = (50, 100, 200)
__all__ = ["BulkAction", "Column", "ListPage", "as_text", "link_cell"]


@dataclass(frozen=True)
class BulkAction:
    """Something to do to many rows. ``act`` gets rows, the actor and the operation; returns a sentence."""

    key: str
    title: Any
    act: Callable[[Iterable[Any], Actor, Any], str]
    allowed: Callable[[Standing], bool]
    confirm: Any = ""


class ListPage(AccessMixin, View):
    """A list of a model's records, as the viewer may see them in the current operation.

    key: names the list in saved views and addresses of exports; unique.
    filterset_class: a django-filter set, shared with the API; its form works without scripts.
    exchange_key: the exchange resource that exports the same rows in other formats.
    may_be_saved: whether people may save it as a view and subscribe to what changes; needs ``updated_at``.
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
    may_be_saved: ClassVar[bool] = True
    pages_to: ClassVar[int | None] = None

    def queryset(self) -> QuerySet[Any]:
        """All rows, with what the columns need joined. Narrowed afterwards to what the viewer may see."""
        return self.model._default_manager.all()

    def bare_queryset(self) -> QuerySet[Any]:
        """The same rows to filter, count and put in order for a page; without what only the columns need."""
        return self.queryset()

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
        if request.GET.get("export") in ("csv", "xlsx"):
            return self._export(self._sorted(self.matching(request)), request.GET["export"])
        bare = visible(self.bare_queryset(), self.standing)
        self.filterset = self._filterset(request, bare)
        page = self._page(self._sorted(self.filterset.qs if self.filterset else bare))
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
        visible_rows = self._visible()
        filterset = self._filterset(request, visible_rows)
        rows: QuerySet[Any] = filterset.qs if filterset else visible_rows
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

    def _filterset(self, request: HttpRequest, rows: QuerySet[Any]) -> Any:
        if self.filterset_class is None:
            return None
        found = self.filterset_class(request.GET, queryset=rows, request=request)
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
            address = with_changes(self.request.GET, sort=parameter, page=None) if column.sort else ""
            headers.append(Header(column, address, direction))
        return headers

    def _allowed_actions(self) -> list[BulkAction]:
        return [action for action in self.actions if action.allowed(self.standing)]

    def _context(self, request: HttpRequest, page: Page[Any]) -> dict[str, Any]:
        columns = self.shown_columns()
        actions = self._allowed_actions()
        form = self.filterset.form if self.filterset else None
        in_force = chips(self.filterset, request.GET)
        return {
            "list": self,
            "page": page,
            "rows": drawn_rows(page.object_list, columns, ticked=bool(actions)),
            "headers": self._headers(columns),
            "columns": [(column, column in columns) for column in self.columns],
            "page_sizes": PAGE_SIZES,
            "page_size": self._page_size(),
            "filter_form": form,
            "filters_open": bool(({chip["name"] for chip in in_force} | set(form.errors if form else ())) - {"text"}),
            "chips": in_force,
            "bulk_actions": actions,
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
